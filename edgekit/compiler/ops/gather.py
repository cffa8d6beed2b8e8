"""GATHER."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Constant, KernelCall, Lowered, Operator, Option, Ref, Target
from edgekit.compiler.ops.common import movement, places
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Extents of a gather: [batches, outer, extent, run] picked by [batches, count]."""

    batches: int
    outer: int
    extent: int
    run: int
    count: int
    shape: tuple[int, ...]  # of the output


class Gather(Operator):
    """Positions of an axis, picked by indices."""

    name = "GATHER"
    code = 36
    options_type = 23
    options = (Option("axis", 0, "int32"), Option("batch_dims", 1, "int32"))
    signatures = movement.DTYPES
    limits = "int32 indices, or constants; at most one of its inputs is constant"
    notes = "copies; an index out of range is taken as the nearest in range"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if checks.arity(2):
            data, indices, output = node.input(0), node.input(1), node.output()
            sizes = _sizes(checks)
            if (
                sizes is not None
                and movement.same_kind(checks, data, output)
                and places.bounded(checks, data, output)
                and movement.result_shape(checks, sizes.shape)
            ):
                if indices.constant:
                    movement.runtime(checks, data)
                _check_indices(checks, sizes)
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_take for constant indices, else of ek_gather."""
        data, indices, output = node.input(0), node.input(1), node.output()
        sizes = _sizes(Checks(node))
        assert sizes is not None
        if indices.data is not None:
            picked = indices.data.reshape(sizes.batches, 1, sizes.count).astype(np.int64) * sizes.run
            step = sizes.extent * sizes.run
            starts = np.arange(sizes.batches * sizes.outer, dtype=np.int64) * step
            tables: tuple[NDArray[np.int64], ...]
            if sizes.batches == 1:
                tables = (starts, picked.reshape(-1))
            else:
                tables = ((starts.reshape(sizes.batches, sizes.outer, 1) + picked).reshape(-1),)
            return places.call(node, places.Places(sizes.shape, tables, sizes.run))
        fixed = data.data is not None
        return KernelCall(
            "ek_gather",
            {
                "table": Ref("table") if fixed else 0,
                "batches": sizes.batches,
                "outer": sizes.outer,
                "extent": sizes.extent,
                "count": sizes.count,
                "run": sizes.run * data.dtype.itemsize,
            },
            (indices.index if fixed else data.index, indices.index),
            (output.index,),
            (Constant("table", np.ascontiguousarray(data.data)),) if fixed else (),
        )


def _sizes(checks: Checks) -> _Sizes | None:
    node = checks.node
    shape, picked = node.input(0).shape, node.input(1).shape
    axis = movement.axis_of(checks, node.options["axis"], len(shape))
    if axis is None:
        return None
    own = node.options["batch_dims"]
    own += len(picked) if own < 0 else 0
    if not checks.require(
        0 <= own <= min(axis, len(picked)) and shape[:own] == picked[:own],
        "its batches do not match",
        found=f"{node.options['batch_dims']} of {list(shape)} and {list(picked)}, axis {axis}",
    ):
        return None
    return _Sizes(
        math.prod(shape[:own]),
        math.prod(shape[own:axis]),
        shape[axis],
        math.prod(shape[axis + 1 :]),
        math.prod(picked[own:]),
        (*shape[:axis], *picked[own:], *shape[axis + 1 :]),
    )


def _check_indices(checks: Checks, sizes: _Sizes) -> bool:
    indices = checks.node.input(1)
    if indices.data is None:
        return checks.require(
            indices.dtype == np.int32,
            f"its indices '{indices.name}' are not int32",
            "int32",
            indices.dtype.name,
        )
    entries = sizes.batches * sizes.outer * (sizes.count if sizes.batches > 1 else 1)
    return (
        checks.require(
            indices.dtype in (np.int32, np.int64),
            f"its indices '{indices.name}' are no integers",
            "int32 or int64",
            indices.dtype.name,
        )
        and checks.require(
            bool((indices.data >= 0).all() and (indices.data < sizes.extent).all()),
            f"its indices '{indices.name}' are out of range",
            f"0 to {sizes.extent - 1}",
        )
        and checks.require(
            max(entries, sizes.count) <= places.LARGEST_EXTENT, "picks in too many places", found=str(entries)
        )
    )


OPERATOR = Gather()
