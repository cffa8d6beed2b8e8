"""MAX_POOL_2D."""

from __future__ import annotations

from edgekit.compiler.ops.common.pooling import Pool


class MaxPool2D(Pool):
    """Greatest value in a window."""

    name = "MAX_POOL_2D"
    code = 17
    kernel = "ek_max_pool"
    notes = "no rounding"


OPERATOR = MaxPool2D()
