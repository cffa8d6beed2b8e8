"""ARG_MIN."""

from __future__ import annotations

from edgekit.compiler.ops.base import Option
from edgekit.compiler.ops.common.arg_extremum import ArgExtremum


class ArgMin(ArgExtremum):
    """Index of the least value along one axis; the first of equal ones."""

    name = "ARG_MIN"
    code = 79
    options_type = 57
    options = (Option("output_type", 0, "int8"),)


OPERATOR = ArgMin()
