"""ARG_MAX and ARG_MIN."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Lowered, Operator, Target
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem


class ArgExtremum(Operator):
    """Index of the greatest or the least value along one axis."""

    signatures = ("int8 -> int32",)
    limits = "a constant axis"
    notes = "exact; the first of equal values"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if checks.arity(2) and checks.typed(node.input(0), "int8") and checks.typed(node.output(), "int32"):
            data, given, output = node.input(0), node.input(1), node.output()
            axis = _axis(node)
            if checks.require(
                axis is not None,
                f"its axis '{given.name}' is not a constant within its input's rank",
                f"{-len(data.shape)} to {len(data.shape) - 1}",
                str(given.data),
            ):
                assert axis is not None
                expected = (*data.shape[:axis], *data.shape[axis + 1 :])
                checks.require(
                    output.shape == expected,
                    "its output shape does not follow from its axis",
                    str(list(expected)),
                    str(list(output.shape)),
                )
            checks.require(not data.constant, "its input is constant", hint="convert with constant folding")
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_arg_max_s8; the least value is the greatest of the complements."""
        shape, axis = node.input(0).shape, _axis(node)
        assert axis is not None
        return KernelCall(
            "ek_arg_max_s8",
            {
                "outer": math.prod(shape[:axis]),
                "extent": shape[axis],
                "inner": math.prod(shape[axis + 1 :]),
                "flip": -1 if self.name == "ARG_MIN" else 0,
            },
            (node.input(0).index,),
            (node.output().index,),
        )


def _axis(node: NodeView) -> int | None:
    """Returns the axis, counted from the front; None where it is no constant or out of range."""
    given, rank = node.input(1), len(node.input(0).shape)
    if given.data is None or given.dtype not in (np.int32, np.int64) or given.elements != 1:
        return None
    axis = int(given.data.reshape(-1)[0])
    return axis % rank if -rank <= axis < rank else None
