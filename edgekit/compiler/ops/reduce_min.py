"""REDUCE_MIN."""

from __future__ import annotations

from edgekit.compiler.ops.common.reduced_extremum import ReducedExtremum


class ReduceMin(ReducedExtremum):
    """The least value over any axes."""

    name = "REDUCE_MIN"
    code = 89


OPERATOR = ReduceMin()
