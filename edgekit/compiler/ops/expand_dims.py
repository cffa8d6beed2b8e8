"""EXPAND_DIMS."""

from __future__ import annotations

from edgekit.compiler.ops.common.same_bytes import SameBytes


class ExpandDims(SameBytes):
    """An axis of extent 1 inserted."""

    name = "EXPAND_DIMS"
    code = 70
    options_type = 52
    inputs = (2, 2)


OPERATOR = ExpandDims()
