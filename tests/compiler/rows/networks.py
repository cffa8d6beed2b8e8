"""Two small networks that can run row by row, and ways to run them so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from edgekit.compiler.arena import plan
from edgekit.compiler.compile import Program, compile_model
from edgekit.compiler.emit import aot
from edgekit.compiler.emit.sources import kernel_sources
from edgekit.compiler.export import Exported, export_model
from edgekit.compiler.lowering import Lowering
from edgekit.compiler.ops.base import Target, operators
from edgekit.compiler.rows.candidates import Candidate, Candidates
from tests.compiler.tflite_writer import Op, T, build

_RELU = 1


class _Net:
    """Appends one operator after the other."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.rng = np.random.default_rng(7)
        self.tensors = [T("x", shape, scale=0.05, zero_point=3)]
        self.ops: list[Op] = []

    def conv(
        self,
        source: str,
        kernel: tuple[int, int],
        outputs: int = 0,
        stride: tuple[int, int] = (1, 1),
        same: bool = True,
        activation: int = _RELU,
        dilation: tuple[int, int] = (1, 1),
    ) -> str:
        """Adds a convolution; without `outputs` a depthwise one."""
        data = next(t for t in self.tensors if t.name == source)
        inputs, made = data.shape[3], outputs or data.shape[3]
        shape = (outputs, *kernel, inputs) if outputs else (1, *kernel, inputs)
        scale = 6.0 / np.prod(kernel) / (inputs if outputs else 1) ** 0.5
        name = f"c{len(self.ops)}"
        assert data.scale is not None
        self.tensors += [
            T(f"{name}w", shape, scale=scale / 40, data=self.rng.integers(-127, 128, shape)),
            T(
                f"{name}b",
                (made,),
                "int32",
                scale=scale / 40 * float(np.asarray(data.scale)),
                data=self.rng.integers(-900, 900, made),
            ),
        ]
        options = {
            "padding": 0 if same else 1,
            "stride_h": stride[0],
            "stride_w": stride[1],
            "dilation_h_factor": dilation[0],
            "dilation_w_factor": dilation[1],
            "fused_activation_function": activation,
        }
        extents = self._extents(data.shape, kernel, stride, same, dilation)
        if not outputs:
            options["depth_multiplier"] = 1
        op = "CONV_2D" if outputs else "DEPTHWISE_CONV_2D"
        return self.add(op, [source, f"{name}w", f"{name}b"], (1, *extents, made), options)

    def pool(self, op: str, source: str, size: tuple[int, int], stride: tuple[int, int], same: bool) -> str:
        """Adds a pool, which keeps the quantisation."""
        data = next(t for t in self.tensors if t.name == source)
        options = {
            "padding": 0 if same else 1,
            "stride_h": stride[0],
            "stride_w": stride[1],
            "filter_height": size[0],
            "filter_width": size[1],
            "fused_activation_function": 0,
        }
        shape = (1, *self._extents(data.shape, size, stride, same, (1, 1)), data.shape[3])
        return self.add(op, [source], shape, options, like=data)

    def add(
        self,
        op: str,
        inputs: list[str],
        shape: tuple[int, ...],
        options: dict[str, Any],
        like: T | None = None,
        scale: float = 0.04,
        zero_point: int = -11,
    ) -> str:
        """Adds any operator."""
        name = f"t{len(self.ops)}"
        made = T(name, shape, scale=scale, zero_point=zero_point)
        if like is not None:
            made = T(name, shape, scale=like.scale, zero_point=like.zero_point)
        self.tensors.append(made)
        self.ops.append(Op(op, inputs, [name], options))
        return name

    def _extents(self, shape, kernel, stride, same, dilation) -> list[int]:
        spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        return [
            -(-(n if same else n - s + 1) // step)
            for n, s, step in zip(shape[1:3], spans, stride, strict=True)
        ]

    def done(self, output: str) -> bytes:
        """Returns the model."""
        return build(self.tensors, self.ops, ["x"], [output])


def picture() -> bytes:
    """Thirteen rows through a residual block, a stride, a dilation, pools and a table."""
    net = _Net((1, 13, 10, 4))
    skip = net.conv("x", (3, 3), 8)
    inside = net.conv(skip, (3, 3), 8)
    inside = net.conv(inside, (5, 3), 8, activation=0)
    shape = (1, 13, 10, 8)
    y = net.add("ADD", [skip, inside], shape, {"fused_activation_function": 0})
    y = net.conv(y, (3, 3), stride=(2, 1))
    y = net.conv(y, (3, 1), 12, dilation=(2, 1))
    y = net.pool("MAX_POOL_2D", y, (2, 2), (1, 2), same=True)
    y = net.pool("AVERAGE_POOL_2D", y, (3, 1), (2, 1), same=False)
    y = net.add("LOGISTIC", [y], (1, 3, 5, 12), {}, scale=1 / 256, zero_point=-128)
    return net.done(y)


def line() -> bytes:
    """A signal of 61 samples, whose rows are samples."""
    net = _Net((1, 1, 61, 2))
    y = net.conv("x", (1, 9), 8, (1, 2))
    y = net.conv(y, (1, 9))
    y = net.conv(y, (1, 1), 16)
    y = net.conv(y, (1, 5), stride=(1, 2), same=False)
    y = net.pool("AVERAGE_POOL_2D", y, (1, 3), (1, 1), same=True)
    return net.done(net.conv(y, (1, 1), 6, activation=0))


def tail() -> bytes:
    """A reshape, a convolution that leaves two rows unread, and a dense layer, which has no rows."""
    net = _Net((1, 520))
    net.tensors += [
        T("picture", (4,), "int32", data=np.array([1, 13, 10, 4])),
        T("flat", (2,), "int32", data=np.array([1, 96])),
        T("w", (5, 96), scale=0.002, data=net.rng.integers(-127, 128, (5, 96))),
        T("b", (5,), "int32", scale=0.00008, data=net.rng.integers(-900, 900, 5)),
    ]
    y = net.add("RESHAPE", ["x", "picture"], (1, 13, 10, 4), {}, like=net.tensors[0])
    y = net.conv(y, (3, 3), 8, (4, 2), same=False)
    y = net.add("RESHAPE", [y, "flat"], (1, 96), {})
    return net.done(net.add("FULLY_CONNECTED", [y, "w", "b"], (1, 5), {}))


def program(data: bytes, target: Target) -> tuple[Program, Candidates]:
    """Returns a compiled model without groups, and what groups it could have."""
    whole = compile_model(data, "m.tflite", replace(target, optimize="speed"))
    return whole, Candidates(whole.graph, operators(), target)


def grouped(whole: Program, candidates: Candidates, rows: int, longest: int) -> Program:
    """Returns the program with the longest groups from the front, strips of so many rows."""
    steps: list[Candidate] = []
    count, at = len(candidates.singles), 0
    while at < count:
        ends = [end for end in range(at, min(count, at + longest)) if candidates.joinable(at, end)]
        best = [0] * (max(ends, default=at) + 1 - at)
        group = candidates.group(at, max(ends), rows, tuple(best)) if ends else None
        steps.append(group or candidates.singles[at][0])
        at = steps[-1].last + 1
    lowering = Lowering(whole.graph, tuple(way.step for way in steps))
    placed = plan(lowering)
    return replace(whole, lowering=placed.directed(lowering), plan=placed)


def exported(data: bytes, made: Program) -> Exported:
    """Returns an export with the C of a program."""
    base = export_model(data, "m.tflite", "net", replace(made.target, optimize="speed"))
    kernels = {f"kernels/{name}": text for name, text in kernel_sources(made.lowering).items()}
    texts = kernels | {f"src/{name}": text for name, text in aot.emit(made, "net").items()}
    sources: Sequence[str] = sorted(name for name in texts if name.endswith(".c"))
    manifest = base.manifest.model_copy(update={"sources": sources})
    return Exported(manifest, {name: text.encode() for name, text in texts.items()}, made)
