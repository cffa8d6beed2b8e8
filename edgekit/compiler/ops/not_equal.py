"""NOT_EQUAL."""

from __future__ import annotations

from edgekit.compiler.ops.common import comparison


class NotEqual(comparison.Comparison):
    """a != b, with broadcasting."""

    name = "NOT_EQUAL"
    code = 72
    options_type = 54
    accepted = comparison.LESS | comparison.GREATER


OPERATOR = NotEqual()
