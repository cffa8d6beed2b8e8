"""GREATER."""

from __future__ import annotations

from edgekit.compiler.ops.common import comparison


class Greater(comparison.Comparison):
    """a > b, with broadcasting."""

    name = "GREATER"
    code = 61
    options_type = 44
    accepted = comparison.GREATER


OPERATOR = Greater()
