"""SUB with Helium."""

from __future__ import annotations

from edgekit.compiler.ops.sub import OPERATOR
from edgekit.compiler.variants.mve.sums import Sum


class SubMve(Sum):
    """A linear form of both values, sixteen at once."""

    op = "SUB"
    operator = OPERATOR
    sign = -1


VARIANT = SubMve()
