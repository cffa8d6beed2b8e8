"""ADD with Helium."""

from __future__ import annotations

from edgekit.compiler.ops.add import OPERATOR
from edgekit.compiler.variants.mve.sums import Sum


class AddMve(Sum):
    """A linear form of both values, sixteen at once."""

    op = "ADD"
    operator = OPERATOR


VARIANT = AddMve()
