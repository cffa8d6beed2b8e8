"""MINIMUM."""

from __future__ import annotations

from edgekit.compiler.ops.common.extremum import Extremum


class Minimum(Extremum):
    """The smaller of two values, with broadcasting."""

    name = "MINIMUM"
    code = 57
    kernel = "minimum"


OPERATOR = Minimum()
