"""REDUCE_MAX."""

from __future__ import annotations

from edgekit.compiler.ops.common.reduced_extremum import ReducedExtremum


class ReduceMax(ReducedExtremum):
    """The greatest value over any axes."""

    name = "REDUCE_MAX"
    code = 82


OPERATOR = ReduceMax()
