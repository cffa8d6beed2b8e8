"""PAD."""

from __future__ import annotations

from edgekit.compiler.ops.common.padding import Padding


class Pad(Padding):
    """Zeros around a tensor."""

    name = "PAD"
    code = 34
    options_type = 22


OPERATOR = Pad()
