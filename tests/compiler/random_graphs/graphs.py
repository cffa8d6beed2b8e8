"""Random valid graphs of int8 operators, as .tflite files: what single operators' tests cannot show.

Tensors are [1, height, width, channels] or, at the end, [1, n], small. Scales follow the values, so that they
neither vanish nor saturate everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.compiler.tflite_writer import Op, T, build

SAME, VALID = 0, 1
_SPREAD = 74.0  # standard deviation of evenly drawn int8


@dataclass
class Random:
    """One graph while it grows.

    Args:
        rng: Decides everything.
        profile: Whose oracle must implement every operator.
        live: int8 results so far, and inputs.
        others: Results of other types, which nothing reads on.
    """

    rng: np.random.Generator
    profile: str
    tensors: list[T] = field(default_factory=list)
    ops: list[Op] = field(default_factory=list)
    live: list[T] = field(default_factory=list)
    others: list[T] = field(default_factory=list)

    def graph(self, operators: int) -> bytes:
        """Returns a .tflite of about so many operators; every result that nothing reads is an output."""
        inputs = [self.tensor(self.shape()) for _ in range(1 + int(self.rng.random() < 0.3))]
        while len(self.ops) < operators:
            step = STEPS[int(self.rng.integers(len(STEPS)))]
            # Mostly go on from the newest, so that chains grow; else branch off.
            newest = self.rng.random() < 0.7
            step(self, self.live[-1] if newest else self.pick(self.live))
        read = {name for op in self.ops for name in op.inputs}
        ends = [t.name for t in (*self.live, *self.others) if t.name not in read]
        made = {name for op in self.ops for name in op.outputs}
        again = self.pick(self.live).name
        if self.rng.random() < 0.3 and again in made:
            ends.append(again)
        return build(self.tensors, self.ops, [t.name for t in inputs], list(dict.fromkeys(ends)))

    def pick(self, options: Sequence[Any]) -> Any:
        """Returns one of some things."""
        return options[int(self.rng.integers(len(options)))]

    def shape(self) -> tuple[int, ...]:
        """Returns a random shape."""
        side = (1, 1 + int(self.rng.integers(9)), 1 + int(self.rng.integers(9)))
        return (*side, int(self.pick([1, 2, 3, 4, 5, 8, 16, 17])))

    def tensor(self, shape: Sequence[int], scale: float = 0.0, point: int | None = None, **rest: Any) -> T:
        """Adds a tensor; a constant where `data` is given."""
        if point is None:
            point = int(self.pick([-128, 127, 0, int(self.rng.integers(-60, 60))]))
        scale = scale or float(self.rng.uniform(0.01, 0.1))
        made = T(f"t{len(self.tensors)}", tuple(shape), scale=scale, zero_point=point, **rest)
        self.tensors.append(made)
        if made.data is None:
            self.live.append(made)
        return made

    def like(self, data: T, shape: Sequence[int] | None = None) -> T:
        """Adds a tensor of the same quantisation."""
        return self.tensor(data.shape if shape is None else shape, data.scale, int(data.zero_point))

    def integers(self, values: Any) -> str:
        """Adds a constant of int32 and returns its name."""
        made = T(f"t{len(self.tensors)}", np.shape(values), "int32", data=values)
        self.tensors.append(made)
        return made.name

    def weights(self, shape: Sequence[int], axis: int, scale: float) -> T:
        """Adds weights, now and then all zero in places."""
        data = self.rng.integers(-127, 128, shape)
        if self.rng.random() < 0.2:
            data[..., self.rng.random(shape[-1]) < 0.5] = 0
        scales = scale * self.rng.uniform(0.5, 1.5, shape[axis]) if self.rng.random() < 0.8 else scale
        made = T(f"t{len(self.tensors)}", tuple(shape), scale=scales, axis=axis, data=data)
        self.tensors.append(made)
        return made

    def bias(self, count: int) -> str:
        """Adds a bias, now and then so far off that channels are clamped to one value."""
        values = self.rng.integers(-5000, 5000, count)
        if self.rng.random() < 0.4:
            off = self.rng.random(count) < 0.6
            values[off] = self.rng.choice([-(10**7), 10**7], off.sum())
        return self.integers(values)

    def add(self, name: str, inputs: Sequence[T | str], output: T, version: int = 1, **options: Any) -> None:
        """Adds an operator."""
        names = [i if isinstance(i, str) else i.name for i in inputs]
        self.ops.append(Op(name, names, [output.name], options, version=version))

    def activation(self) -> int:
        """Returns a fused activation: NONE, RELU or RELU6."""
        return int(self.pick([0, 0, 1, 3]))


def _sum_scale(g: Random, data: T, taps: int) -> tuple[float, float]:
    """Returns scales of weights and output of a sum over so many taps."""
    made = float(g.rng.uniform(0.02, 0.1))
    weights = made * 40 / (data.scale * _SPREAD * _SPREAD * np.sqrt(taps))
    return weights, made


def _extent(size: int, kernel: int, stride: int, dilation: int, padding: int) -> int:
    span = 1 if padding == SAME else (kernel - 1) * dilation + 1
    return (size - span + stride) // stride


def conv(g: Random, x: T) -> None:
    if len(x.shape) != 4:
        return
    kernel, stride, dilation = ([int(g.pick(o)) for _ in "hw"] for o in ((1, 1, 2, 3), (1, 1, 2), (1, 1, 2)))
    padding = int(g.pick([SAME, VALID]))
    if max(stride) > 1:
        dilation = [1, 1]
    size = [_extent(x.shape[1 + i], kernel[i], stride[i], dilation[i], padding) for i in (0, 1)]
    if min(size) < 1:
        return
    options = {
        "padding": padding, "stride_h": stride[0], "stride_w": stride[1], "dilation_h_factor": dilation[0],
        "dilation_w_factor": dilation[1], "fused_activation_function": g.activation(),
    }  # fmt: skip
    channels = x.shape[3]
    if g.rng.random() < 0.5:
        wide = int(g.pick([1, 3, 4, 8, 12, 16]))
        scale, made = _sum_scale(g, x, kernel[0] * kernel[1] * channels)
        weights, bias = g.weights((wide, *kernel, channels), 0, scale), g.bias(wide)
        g.add("CONV_2D", [x, weights, bias], g.tensor((1, *size, wide), made), 3, **options)
    else:
        multiplier = int(g.pick([1, 1, 1, 2]))
        wide = channels * multiplier
        scale, made = _sum_scale(g, x, kernel[0] * kernel[1])
        weights, bias = g.weights((1, *kernel, wide), 3, scale), g.bias(wide)
        options["depth_multiplier"] = multiplier
        g.add("DEPTHWISE_CONV_2D", [x, weights, bias], g.tensor((1, *size, wide), made), 3, **options)


def transpose_conv(g: Random, x: T) -> None:
    if len(x.shape) != 4 or x.shape[1] * x.shape[2] > 40:
        return
    kernel, stride, wide = int(g.pick([2, 3])), int(g.pick([1, 2])), int(g.pick([1, 4, 6]))
    shape = (1, x.shape[1] * stride, x.shape[2] * stride, wide)
    scale, made = _sum_scale(g, x, kernel * kernel * x.shape[3])
    weights, bias = g.weights((wide, kernel, kernel, x.shape[3]), 0, scale), g.bias(wide)
    options = {"padding": SAME, "stride_h": stride, "stride_w": stride}
    g.add("TRANSPOSE_CONV", [g.integers(shape), weights, x, bias], g.tensor(shape, made), 3, **options)


def dense(g: Random, x: T) -> None:
    wide, inputs = int(g.pick([1, 5, 8, 20])), x.shape[-1]
    scale, made = _sum_scale(g, x, inputs)
    weights, bias = g.weights((wide, inputs), 0, scale), g.bias(wide)
    output = g.tensor((*x.shape[:-1], wide), made)
    g.add("FULLY_CONNECTED", [x, weights, bias], output, 5, keep_num_dims=True,
          fused_activation_function=g.activation())  # fmt: skip


def flat_dense(g: Random, x: T) -> None:
    size = int(np.prod(x.shape))
    if size > 300:
        return
    shape = (1, size)
    flat = g.like(x, shape)
    g.add("RESHAPE", [x, g.integers(shape)], flat, new_shape=list(shape))
    dense(g, flat)


def pool(g: Random, x: T) -> None:
    if len(x.shape) != 4:
        return
    kernel, stride, padding = int(g.pick([1, 2, 3])), int(g.pick([1, 2])), int(g.pick([SAME, VALID]))
    size = [_extent(x.shape[i], kernel, stride, 1, padding) for i in (1, 2)]
    if min(size) < 1:
        return
    name, output = g.pick(["AVERAGE_POOL_2D", "MAX_POOL_2D"]), g.like(x, (1, *size, x.shape[3]))
    g.add(name, [x], output, 2, padding=padding, stride_h=stride, stride_w=stride, filter_height=kernel,
          filter_width=kernel, fused_activation_function=g.activation())  # fmt: skip


def function(g: Random, x: T) -> None:
    name = g.pick(["LOGISTIC", "TANH", "RELU", "RELU6", "LEAKY_RELU", "HARD_SWISH", "ABS", "QUANTIZE"])
    fixed = {"LOGISTIC": (1 / 256, -128), "TANH": (1 / 128, 0)}
    same = name == "RELU6" or g.rng.random() < 0.4
    if name in fixed:
        output = g.tensor(x.shape, *fixed[name])
    else:
        output = g.like(x) if same else g.tensor(x.shape, x.scale * float(g.rng.uniform(0.6, 1.6)))
    options = {"alpha": 0.2} if name == "LEAKY_RELU" else {}
    g.add(name, [x], output, 2 if name == "QUANTIZE" else 1, **options)


def binary(g: Random, x: T) -> None:
    name = g.pick(["ADD", "ADD", "SUB", "MUL", "MUL", "SQUARED_DIFFERENCE", "MAXIMUM", "MINIMUM", "PRELU"])
    same = [t for t in g.live if t.shape == x.shape]
    if name in ("MAXIMUM", "MINIMUM"):
        same = [t for t in same if (t.scale, t.zero_point) == (x.scale, x.zero_point)]
    shape = g.pick([(), (1,), (x.shape[-1],), x.shape])
    if g.rng.random() < 0.4 or not same:
        q = (x.scale, int(x.zero_point)) if name in ("MAXIMUM", "MINIMUM") else (0.0, None)
        other = g.tensor(shape, *q, data=g.rng.integers(-128, 128, shape))
    else:
        other = g.pick(same)
    operands = [x, other] if name == "PRELU" or g.rng.random() < 0.7 else [other, x]
    if name in ("MAXIMUM", "MINIMUM"):
        output = g.like(x)
    elif name in ("MUL", "PRELU"):
        output = g.tensor(x.shape, x.scale * other.scale * _SPREAD)
    elif name == "SQUARED_DIFFERENCE":
        output = g.tensor(x.shape, 100 * max(x.scale, other.scale) ** 2)
    else:
        output = g.tensor(x.shape, float(np.hypot(x.scale, other.scale)))
    options = {"fused_activation_function": g.activation()} if name in ("ADD", "SUB", "MUL") else {}
    g.add(name, operands, output, 1 if name in ("PRELU", "SQUARED_DIFFERENCE") else 2, **options)


def gate(g: Random, x: T) -> None:
    """Squeeze and excite: a factor per channel from the mean."""
    if len(x.shape) != 4:
        return
    small = g.tensor((1, 1, 1, x.shape[3]), x.scale * 0.5)
    g.add("MEAN", [x, g.integers([1, 2])], small, 2, keep_dims=True)
    factor = g.tensor(small.shape, 1 / 256, -128)
    g.add("LOGISTIC", [small], factor)
    g.add("MUL", [x, factor], g.tensor(x.shape, x.scale * 0.6), 2)


def mean(g: Random, x: T) -> None:
    if len(x.shape) == 4:
        keep = bool(g.rng.random() < 0.5)
        shape = (1, 1, 1, x.shape[3]) if keep else (1, x.shape[3])
        g.add("MEAN", [x, g.integers([1, 2])], g.tensor(shape, x.scale * 0.7), 2, keep_dims=keep)


def softmax(g: Random, x: T) -> None:
    g.add("SOFTMAX", [x], g.tensor(x.shape, 1 / 256, -128), 2, beta=1.0)


def pad(g: Random, x: T) -> None:
    around = [[0, 0], *([int(n) for n in g.rng.integers(0, 3, 2)] for _ in x.shape[1:])]
    if g.rng.random() < 0.7:
        around[-1] = [0, 0]
    shape = [n + a + b for n, (a, b) in zip(x.shape, around, strict=True)]
    if np.prod(shape) < 2000:
        g.add("PAD", [x, g.integers(around)], g.like(x, shape), 2)


def join(g: Random, x: T) -> None:
    axis = int(g.rng.integers(1, len(x.shape)))
    rest = [i for i in range(len(x.shape)) if i != axis]
    fits = [t for t in g.live if len(t.shape) == len(x.shape) and all(t.shape[i] == x.shape[i] for i in rest)]
    parts = [x]
    for t in [g.pick(fits) for _ in range(int(g.rng.integers(1, 3)))]:
        if (t.scale, t.zero_point) != (x.scale, x.zero_point):
            scaled = g.like(x, t.shape)
            g.add("QUANTIZE", [t], scaled, 2)
            t = scaled
        parts.append(t)
    shape = list(x.shape)
    shape[axis] = sum(t.shape[axis] for t in parts)
    if np.prod(shape) < 2000:
        g.add("CONCATENATION", parts, g.like(x, shape), 2, axis=axis)


def split(g: Random, x: T) -> None:
    axis = int(g.rng.integers(1, len(x.shape)))
    counts = [n for n in (1, 2, 3, 4) if x.shape[axis] % n == 0]
    count = int(g.pick(counts))
    shape = list(x.shape)
    shape[axis] //= count
    data = g.integers(axis)
    parts = [g.like(x, shape).name for _ in range(count)]
    g.ops.append(Op("SPLIT", [data, x.name], parts, {"num_splits": count}, version=2))


def part(g: Random, x: T) -> None:
    begin = [0, *(int(g.rng.integers(0, n)) for n in x.shape[1:])]
    size = [int(g.rng.integers(1, n - b + 1)) for n, b in zip(x.shape, begin, strict=True)]
    if g.rng.random() < 0.5:
        g.add("SLICE", [x, g.integers(begin), g.integers(size)], g.like(x, size), 2)
        return
    steps = [1, *(int(g.pick([1, 1, 2])) for _ in x.shape[1:])]
    ends = [b + n for b, n in zip(begin, size, strict=True)]
    shape = [len(range(*row)) for row in zip(begin, ends, steps, strict=True)]
    names = [g.integers(values) for values in (begin, ends, steps)]
    g.add("STRIDED_SLICE", [x, *names], g.like(x, shape), 2)


def transpose(g: Random, x: T) -> None:
    order = [0, *(1 + int(i) for i in g.rng.permutation(len(x.shape) - 1))]
    g.add("TRANSPOSE", [x, g.integers(order)], g.like(x, [x.shape[i] for i in order]), 2)


def wide(g: Random, x: T) -> None:
    """Through int16 and back."""
    names = [f"t{len(g.tensors) + i}" for i in (0, 1)]
    order = [0, *(1 + int(i) for i in g.rng.permutation(len(x.shape) - 1))]
    shape = [x.shape[i] for i in order]
    scale = x.scale / 200
    first, moved = (
        T(n, tuple(s), "int16", scale=scale) for n, s in zip(names, (x.shape, shape), strict=True)
    )
    g.tensors += [first, moved]
    g.add("QUANTIZE", [x], first, 2)
    g.add("TRANSPOSE", [first, g.integers(order)], moved, 2)
    g.add("QUANTIZE", [moved], g.tensor(shape, x.scale * float(g.rng.uniform(0.6, 1.6))), 2)


def largest(g: Random, x: T) -> None:
    g.others.append(T(f"t{len(g.tensors)}", x.shape[:-1], "int32"))
    g.tensors.append(g.others[-1])
    g.add("ARG_MAX", [x, g.integers(len(x.shape) - 1)], g.others[-1], 2, output_type=2)


def real(g: Random, x: T) -> None:
    g.others.append(T(f"t{len(g.tensors)}", x.shape, "float32"))
    g.tensors.append(g.others[-1])
    g.add("DEQUANTIZE", [x], g.others[-1], 2)


def reshape(g: Random, x: T) -> None:
    a, b, c = (x.shape[1], x.shape[2], x.shape[3]) if len(x.shape) == 4 else (1, 1, x.shape[1])
    shape = g.pick([(1, b, a, c), (1, a * b, 1, c), (1, 1, a, b * c), (1, a, b, c), (1, 1, 1, a * b * c)])
    g.add("RESHAPE", [x, g.integers(shape)], g.like(x, shape), new_shape=list(shape))


def blocks(g: Random, x: T) -> None:
    if len(x.shape) != 4:
        return
    _, h, w, c = x.shape
    if h % 2 == w % 2 == 0:
        g.add("SPACE_TO_DEPTH", [x], g.like(x, (1, h // 2, w // 2, c * 4)), 2, block_size=2)
    elif c % 4 == 0:
        g.add("DEPTH_TO_SPACE", [x], g.like(x, (1, h * 2, w * 2, c // 4)), 2, block_size=2)


def resize(g: Random, x: T) -> None:
    if len(x.shape) == 4 and np.prod(x.shape) < 400:
        size = [int(n) * 2 for n in x.shape[1:3]]
        name = g.pick(["RESIZE_NEAREST_NEIGHBOR", "RESIZE_BILINEAR"])
        options = {"align_corners": False, "half_pixel_centers": True}
        g.add(name, [x, g.integers(size)], g.like(x, (1, *size, x.shape[3])), 3, **options)


STEPS: tuple[Callable[[Random, T], None], ...] = (
    *(conv, conv, conv, conv, transpose_conv, dense, flat_dense, pool, function, function, function, binary),
    *(binary, binary, gate, mean, softmax, pad, join, split, part, transpose, reshape, blocks, resize),
    *(wide, largest, real),
)
