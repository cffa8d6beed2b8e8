"""MAXIMUM."""

from __future__ import annotations

from edgekit.compiler.ops.common.extremum import Extremum


class Maximum(Extremum):
    """The greater of two values, with broadcasting."""

    name = "MAXIMUM"
    code = 55
    kernel = "maximum"


OPERATOR = Maximum()
