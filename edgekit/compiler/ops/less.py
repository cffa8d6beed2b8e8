"""LESS."""

from __future__ import annotations

from edgekit.compiler.ops.common import comparison


class Less(comparison.Comparison):
    """a < b, with broadcasting."""

    name = "LESS"
    code = 58
    options_type = 41
    accepted = comparison.LESS


OPERATOR = Less()
