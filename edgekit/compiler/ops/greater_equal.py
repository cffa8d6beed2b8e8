"""GREATER_EQUAL."""

from __future__ import annotations

from edgekit.compiler.ops.common import comparison


class GreaterEqual(comparison.Comparison):
    """a >= b, with broadcasting."""

    name = "GREATER_EQUAL"
    code = 62
    options_type = 45
    accepted = comparison.GREATER | comparison.EQUAL


OPERATOR = GreaterEqual()
