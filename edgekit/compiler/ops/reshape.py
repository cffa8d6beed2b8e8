"""RESHAPE."""

from __future__ import annotations

from edgekit.compiler.ops.common.same_bytes import SameBytes


class Reshape(SameBytes):
    """Another shape."""

    name = "RESHAPE"
    code = 22
    options_type = 17
    inputs = (1, 2)


OPERATOR = Reshape()
