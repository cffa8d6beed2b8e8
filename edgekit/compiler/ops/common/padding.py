"""PAD and PADV2."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Lowered, Operator, Overlap, Target
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem

_AXES = 4  # EK_PAD_AXES


class Padding(Operator):
    """A tensor with constant values around it."""

    limits = f"constant paddings; at most {_AXES} axes after merging unpadded neighbours"
    notes = "copies"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if checks.arity(*self.arguments()) and checks.activations(node.input(0), node.output()):
            self._check(checks)
        return iter(checks.problems)

    def arguments(self) -> tuple[int, int]:
        """Returns the least and the greatest number of inputs."""
        return 2, 2

    def value(self, node: NodeView) -> int:
        """Returns what fills the padding: the quantised 0."""
        return node.output().q.zero_point

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
        return (
            checks.require(
                output.shape == expected,
                "its output shape does not follow from its paddings",
                str(list(expected)),
                str(list(output.shape)),
            )
            and checks.require(
                len(_merged(node)) <= _AXES,
                "pads too many separate axes",
                str(_AXES),
                str(len(_merged(node))),
            )
            and checks.same_quantization(data, output)
        )

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_pad_s8."""
        merged = _merged(node)
        filled = [(1, 0, 0)] * (_AXES - len(merged)) + merged
        return KernelCall(
            "ek_pad_s8",
            {
                "extents": [extent for extent, _, _ in filled],
                "before": [before for _, before, _ in filled],
                "after": [after for _, _, after in filled],
                "value": self.value(node),
            },
            (node.input(0).index,),
            (node.output().index,),
            overlap=_overlap(filled),
        )


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
