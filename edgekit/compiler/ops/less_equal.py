"""LESS_EQUAL."""

from __future__ import annotations

from edgekit.compiler.ops.common import comparison


class LessEqual(comparison.Comparison):
    """a <= b, with broadcasting."""

    name = "LESS_EQUAL"
    code = 63
    options_type = 46
    accepted = comparison.LESS | comparison.EQUAL


OPERATOR = LessEqual()
