"""PAD and PADV2."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Lowered, Operator, Overlap, Target
from edgekit.compiler.ops.common import movement
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem

_AXES = 4  # EK_PAD_AXES


class Padding(Operator):
    """A tensor with constant values around it."""

    signatures = movement.DTYPES
    limits = f"constant paddings; at most {_AXES} axes after merging unpadded neighbours"
    notes = "copies"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if (
            checks.arity(*self.arguments())
            and movement.runtime(checks, node.input(0))
            and movement.same_kind(checks, node.input(0), node.output())
            and self._check(checks)
        ):
            checks.require(
                node.output().dtype == np.int16 or _byte(self.value(node)) is not None,
                "pads with a value that is not one byte over and over",
                "any value of 8 or 16 bit; 0 or -1 of others",
                str(self.value(node)),
            )
        return iter(checks.problems)

    def arguments(self) -> tuple[int, int]:
        """Returns the least and the greatest number of inputs."""
        return 2, 2

    def value(self, node: NodeView) -> np.ndarray:
        """Returns what fills the padding, of the output's type and rank 0: the quantised 0."""
        q, dtype = node.output().quantization, node.output().dtype
        point = int(q.zero_points[0]) if q is not None and dtype.itemsize < 4 and len(q.zero_points) else 0
        return np.array(point).astype(dtype)

    def _check(self, checks: Checks) -> bool:
        node = checks.node
        data, given, output = node.input(0), node.input(1), node.output()
        sound = checks.require(
            given.data is not None
            and given.dtype in (np.int32, np.int64)
            and given.shape == (len(data.shape), 2)
            and bool((given.data >= 0).all() and (given.data < 1 << 30).all()),
            f"its paddings '{given.name}' are not usable",
            f"constant integers >= 0, [{len(data.shape)}, 2]",
            f"{given.dtype.name} {list(given.shape)}",
        )
        if not sound:
            return False
        expected = tuple(n + a + b for n, (a, b) in zip(data.shape, _paddings(node), strict=True))
        return checks.require(
            output.shape == expected,
            "its output shape does not follow from its paddings",
            str(list(expected)),
            str(list(output.shape)),
        ) and checks.require(
            len(_merged(node)) <= _AXES,
            "pads too many separate axes",
            str(_AXES),
            str(len(_merged(node))),
        )

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_pad, by bytes, or ek_pad_s16."""
        merged, value = _merged(node), self.value(node)
        filled = [(1, 0, 0)] * (_AXES - len(merged)) + merged
        size, byte = value.itemsize, _byte(value)
        extent, before, after = filled[-1]
        by_bytes = [*filled[:-1], (extent * size, before * size, after * size)]
        if byte is not None:
            filled = by_bytes
        return KernelCall(
            "ek_pad_s16" if byte is None else "ek_pad",
            {
                "extents": [extent for extent, _, _ in filled],
                "before": [before for _, before, _ in filled],
                "after": [after for _, _, after in filled],
                "value": int(value) if byte is None else byte,
            },
            (node.input(0).index,),
            (node.output().index,),
            overlap=_overlap(by_bytes),
        )


def _byte(value: np.ndarray) -> int | None:
    """Returns the byte that a value is made of; None where it has several."""
    found = set(value.tobytes())
    return found.pop() if len(found) == 1 else None


def _overlap(axes: list[tuple[int, int, int]]) -> tuple[Overlap, ...]:
    """Returns the distance that the last row of the input needs, and so every other."""
    row = written = 0
    for extent, before, after in axes[:-1]:
        row = row * extent + extent - 1
        written = written * (before + extent + after) + before + extent - 1
    extent, before, after = axes[-1]
    return (Overlap(0, 0, (written + 1) * (before + extent + after) - row * extent),)


def _paddings(node: NodeView) -> list[tuple[int, int]]:
    data = node.input(1).data
    assert data is not None
    return [(int(before), int(after)) for before, after in data.reshape(-1, 2)]


def _merged(node: NodeView) -> list[tuple[int, int, int]]:
    """Returns (extent, before, after) per axis, with unpadded axes merged into their outer neighbour."""
    merged: list[tuple[int, int, int]] = []
    for extent, (before, after) in zip(node.input(0).shape, _paddings(node), strict=True):
        if merged and not (before or after):
            merged[-1] = (merged[-1][0] * extent, merged[-1][1] * extent, merged[-1][2] * extent)
        else:
            merged.append((extent, before, after))
    return merged
