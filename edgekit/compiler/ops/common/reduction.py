"""Operators that reduce some axes of a tensor and keep the others."""

from __future__ import annotations

import math

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Param
from edgekit.compiler.ops.common.checks import Checks

_GROUPS = 3  # EK_REDUCTION_AXES


def check(checks: Checks) -> bool:
    """Checks the axes (input 1, constant) and the output shape that follows from them."""
    node = checks.node
    data, given, output = node.input(0), node.input(1), node.output()
    sound = checks.require(
        given.data is not None and given.dtype == np.int32 and len(given.shape) <= 1,
        f"its axes '{given.name}' are no constant list",
        "a constant int32 vector",
        f"{given.dtype.name} {list(given.shape)}",
    ) and checks.require(
        given.data is not None
        and given.elements >= 1
        and all(-len(data.shape) <= axis < len(data.shape) for axis in given.data.reshape(-1).tolist()),
        "its axes are out of range",
        f"{-len(data.shape)} to {len(data.shape) - 1}",
        "" if given.data is None else str(given.data.reshape(-1)[:8].tolist()),
    )
    if not sound:
        return False
    reduced, keep = _reduced(node), node.options["keep_dims"]
    expected = tuple(
        1 if i in reduced else extent for i, extent in enumerate(data.shape) if keep or i not in reduced
    )
    groups = axes(node)
    return checks.require(
        output.shape == expected,
        "its output shape does not follow from its axes",
        str(list(expected)),
        str(list(output.shape)),
    ) and checks.require(
        all(isinstance(group, list) and len(group) <= _GROUPS for group in groups.values()),
        "keeps and reduces axes in too many separate groups",
        f"at most {_GROUPS} of each",
        hint="transpose the tensor before",
    )


def count(node: NodeView) -> int:
    """Returns how many values each output reduces."""
    return math.prod(node.input(0).shape[axis] for axis in _reduced(node))


def axes(node: NodeView) -> dict[str, Param]:
    """Returns extents and steps of the kept and of the reduced axes, neighbours merged.

    Lists are filled to `EK_REDUCTION_AXES` entries with axes of extent 1, outermost first.
    """
    shape, reduced = node.input(0).shape, _reduced(node)
    kept_axes: list[tuple[int, int]] = []
    reduced_axes: list[tuple[int, int]] = []
    step = 1
    last: list[tuple[int, int]] | None = None
    for axis in reversed(range(len(shape))):
        if shape[axis] == 1:
            continue
        group = reduced_axes if axis in reduced else kept_axes
        if group is last:
            extent, first_step = group.pop()
            group.append((extent * shape[axis], first_step))
        else:
            group.append((shape[axis], step))
        last = group
        step *= shape[axis]
    fields: dict[str, Param] = {}
    for name, group in (("kept", kept_axes), ("reduced", reduced_axes)):
        filled = [(1, 0)] * (_GROUPS - len(group)) + group[::-1]
        fields[f"{name}_extents"] = [extent for extent, _ in filled]
        fields[f"{name}_steps"] = [step for _, step in filled]
    return fields


def _reduced(node: NodeView) -> set[int]:
    data, given = node.input(0), node.input(1)
    assert given.data is not None
    return {axis % len(data.shape) for axis in given.data.reshape(-1).tolist()}
