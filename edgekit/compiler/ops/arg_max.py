"""ARG_MAX."""

from __future__ import annotations

from edgekit.compiler.ops.base import Option
from edgekit.compiler.ops.common.arg_extremum import ArgExtremum


class ArgMax(ArgExtremum):
    """Index of the greatest value along one axis; the first of equal ones."""

    name = "ARG_MAX"
    code = 56
    options_type = 40
    options = (Option("output_type", 0, "int8"),)


OPERATOR = ArgMax()
