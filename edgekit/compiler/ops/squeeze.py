"""SQUEEZE."""

from __future__ import annotations

from edgekit.compiler.ops.common.same_bytes import SameBytes


class Squeeze(SameBytes):
    """Axes of extent 1 removed."""

    name = "SQUEEZE"
    code = 43
    options_type = 30
    inputs = (1, 1)


OPERATOR = Squeeze()
