"""Families that Keras' converter does not give, as .tflite files: with state, or with several borders."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.compiler.tflite_writer import Op, Sub, T, build

SAME, VALID = 0, 1
RELU = 1


class Writer:
    """Gathers tensors and operators."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.tensors: list[T] = []
        self.ops: list[Op] = []

    def tensor(self, name: str, shape: tuple[int, ...], scale: float, point: int = 0, **rest) -> str:
        """Adds a tensor and returns its name."""
        self.tensors.append(T(name, shape, scale=scale, zero_point=point, **rest))
        return name

    def integers(self, name: str, values) -> str:
        """Adds an int32 constant and returns its name."""
        self.tensors.append(T(name, np.shape(values), "int32", data=values))
        return name

    def weights(
        self, name: str, shape: tuple[int, ...], axis: int, taps: int, scales: tuple[float, float]
    ) -> str:
        """Adds weights that bring values of the first scale to the second, and returns their name."""
        scale = scales[1] * 40 / (scales[0] * 74 * 74 * np.sqrt(taps))
        spread = scale * self.rng.uniform(0.5, 1.5, shape[axis])
        return self.tensor(name, shape, spread, axis=axis, data=self.rng.integers(-127, 128, shape))

    def bias(self, name: str, count: int) -> str:
        """Adds a bias and returns its name."""
        return self.integers(name, self.rng.integers(-3000, 3000, count))


def streaming_ds_cnn() -> bytes:
    """Keyword spotting frame by frame, as kws_streaming exports it: layers keep the frames that they need."""
    w = Writer(1)
    inside, initial = [], []
    x = w.tensor("x", (1, 1, 1, 10), 0.05, 3)
    w.ops.append(Op("CALL_ONCE", [], [], {"init_subgraph_index": 1}))

    def window(name: str, data: str, channels: int, scale: float, point: int, frames: int) -> str:
        """Returns the last frames of a tensor; all but the oldest are kept for the next invocation."""
        past, q = (1, frames - 1, 1, channels), {"scale": scale, "zero_point": point}
        handle = {"container": "", "shared_name": name}
        w.tensors.append(T(f"{name}/handle", (), "resource"))
        w.tensor(f"{name}/past", past, scale, point)
        w.tensor(f"{name}/all", (1, frames, 1, channels), scale, point)
        w.tensor(f"{name}/next", past, scale, point)
        begin, end = [0, 1, 0, 0], [1, frames, 1, channels]
        names = [
            w.integers(f"{name}/{key}", v) for key, v in (("begin", begin), ("end", end), ("step", [1] * 4))
        ]
        w.ops += [
            Op("VAR_HANDLE", [], [f"{name}/handle"], handle),
            Op("READ_VARIABLE", [f"{name}/handle"], [f"{name}/past"]),
            Op("CONCATENATION", [f"{name}/past", data], [f"{name}/all"], {"axis": 1}),
            Op("STRIDED_SLICE", [f"{name}/all", *names], [f"{name}/next"]),
            Op("ASSIGN_VARIABLE", [f"{name}/handle", f"{name}/next"], []),
        ]
        inside.extend(
            [T(f"{name}/handle", (), "resource"), T(f"{name}/zero", past, data=np.full(past, point), **q)]
        )
        initial.extend(
            [
                Op("VAR_HANDLE", [], [f"{name}/handle"], handle),
                Op("ASSIGN_VARIABLE", [f"{name}/handle", f"{name}/zero"], []),
            ]
        )
        return f"{name}/all"

    options = {"padding": VALID, "stride_h": 1, "stride_w": 1, "fused_activation_function": RELU}
    seen = window("first", x, 10, 0.05, 3, 5)
    weights = w.weights("w0", (16, 5, 1, 10), 0, 50, (0.05, 0.04))
    a = w.tensor("a", (1, 1, 1, 16), 0.04, -128)
    w.ops.append(Op("CONV_2D", [seen, weights, w.bias("b0", 16)], [a], options, version=3))
    for i in (1, 2):
        seen = window(f"depthwise{i}", a, 16, 0.04, -128, 4)
        weights = w.weights(f"w{i}d", (1, 4, 1, 16), 3, 4, (0.04, 0.04))
        d, a = w.tensor(f"d{i}", (1, 1, 1, 16), 0.04, -128), w.tensor(f"a{i}", (1, 1, 1, 16), 0.04, -128)
        depthwise = {**options, "depth_multiplier": 1}
        w.ops.append(
            Op("DEPTHWISE_CONV_2D", [seen, weights, w.bias(f"b{i}d", 16)], [d], depthwise, version=3)
        )
        weights = w.weights(f"w{i}p", (16, 1, 1, 16), 0, 16, (0.04, 0.04))
        w.ops.append(Op("CONV_2D", [d, weights, w.bias(f"b{i}p", 16)], [a], options, version=3))
    seen = window("mean", a, 16, 0.04, -128, 6)
    w.tensor("m", (1, 16), 0.03, -128)
    w.ops.append(Op("MEAN", [seen, w.integers("axes", [1, 2])], ["m"], {"keep_dims": False}, version=2))
    weights = w.weights("w3", (6, 16), 0, 16, (0.03, 0.1))
    w.tensor("z", (1, 6), 0.1)
    w.tensor("y", (1, 6), 1 / 256, -128)
    w.ops.append(Op("FULLY_CONNECTED", ["m", weights, w.bias("b3", 6)], ["z"], version=5))
    w.ops.append(Op("SOFTMAX", ["z"], ["y"], {"beta": 1.0}, version=2))
    return build(w.tensors, w.ops, ["x"], ["y"], more=[Sub(inside, initial, [], [], name="init")])


def svdf() -> bytes:
    """Keyword spotting by SVDF, two layers with an int16 state each, a dense layer and a softmax."""
    w = Writer(2)
    x = w.tensor("x", (1, 40), 0.05, -5)
    inputs, q = 40, 0.05
    for i, (units, rank, memory) in enumerate([(24, 1, 8), (10, 2, 6)]):
        filters, made = units * rank, 0.06
        kept = q * 0.01 * 74 * 74 * np.sqrt(inputs) / 9000
        steps = made * 45 / (kept * 9000 * 19000 * np.sqrt(memory * rank))
        w.tensor(f"f{i}", (filters, inputs), 0.01, data=w.rng.integers(-127, 128, (filters, inputs)))
        times = w.rng.integers(-32767, 32768, (filters, memory))
        w.tensor(f"t{i}", (filters, memory), steps, dtype="int16", data=times)
        data = w.rng.integers(-3000, 3000, units)
        w.tensor(f"b{i}", (units,), steps * kept, dtype="int32", data=data)
        w.tensor(f"s{i}", (1, memory * filters), kept, dtype="int16", variable=True)
        y = w.tensor(f"y{i}", (1, units), made, -128)
        options = {"rank": rank, "fused_activation_function": RELU}
        w.ops.append(Op("SVDF", [x, f"f{i}", f"t{i}", f"b{i}", f"s{i}"], [y], options, version=3))
        x, inputs, q = y, units, made
    weights = w.weights("w", (4, inputs), 0, inputs, (q, 0.1))
    w.tensor("z", (1, 4), 0.1, 5)
    w.tensor("y", (1, 4), 1 / 256, -128)
    w.ops.append(Op("FULLY_CONNECTED", [x, weights, w.bias("b", 4)], ["z"], version=5))
    w.ops.append(Op("SOFTMAX", ["z"], ["y"], {"beta": 1.0}, version=2))
    return build(w.tensors, w.ops, ["x"], ["y"])


def two_borders() -> bytes:
    """An int8 picture and a uint8 vector come in; an int8 picture and an int32 class go out."""
    w = Writer(3)
    w.tensor("picture", (1, 8, 9, 3), 0.05, 3)
    w.tensor("vector", (1, 6), 0.02, 128, dtype="uint8")
    w.tensor("v", (1, 6), 0.02)
    w.tensor("gate", (1, 4), 0.05)
    w.tensor("soft", (1, 4), 1 / 256, -128)
    w.tensor("a", (1, 8, 9, 4), 0.06, -20)
    w.tensor("b", (1, 8, 9, 4), 0.05, 5)
    w.tensor("mean", (1, 4), 0.02, 5)
    w.tensor("scores", (1, 5), 0.1)
    w.tensors.append(T("class", (1,), "int32"))
    conv = {"padding": SAME, "stride_h": 1, "stride_w": 1}
    first = w.weights("w0", (4, 3, 3, 3), 0, 27, (0.05, 0.06))
    second = w.weights("w1", (4, 6), 0, 6, (0.02, 0.05))
    third = w.weights("w2", (5, 4), 0, 4, (0.02, 0.1))
    w.ops += [
        Op("QUANTIZE", ["vector"], ["v"], version=2),
        Op("CONV_2D", ["picture", first, w.bias("b0", 4)], ["a"], conv, version=3),
        Op("FULLY_CONNECTED", ["v", second, w.bias("b1", 4)], ["gate"], version=5),
        Op("LOGISTIC", ["gate"], ["soft"]),
        Op("MUL", ["a", "soft"], ["b"], version=2),
        Op("MEAN", ["b", w.integers("axes", [1, 2])], ["mean"], version=2),
        Op("FULLY_CONNECTED", ["mean", third, w.bias("b2", 5)], ["scores"], version=5),
        Op("ARG_MAX", ["scores", w.integers("axis", 1)], ["class"], {"output_type": 2}, version=2),
    ]
    return build(w.tensors, w.ops, ["picture", "vector"], ["b", "class"])


WRITTEN: dict[str, Callable[[], bytes]] = {
    make.__name__: make for make in (streaming_ds_cnn, svdf, two_borders)
}
