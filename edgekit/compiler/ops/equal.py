"""EQUAL."""

from __future__ import annotations

from edgekit.compiler.ops.common import comparison


class Equal(comparison.Comparison):
    """a == b, with broadcasting."""

    name = "EQUAL"
    code = 71
    options_type = 53
    accepted = comparison.EQUAL


OPERATOR = Equal()
