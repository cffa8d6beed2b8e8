"""AVERAGE_POOL_2D."""

from __future__ import annotations

from edgekit.compiler.ops.common.pooling import Pool


class AveragePool2D(Pool):
    """Mean over a window; taps in the padding do not count."""

    name = "AVERAGE_POOL_2D"
    code = 1
    kernel = "ek_average_pool"
    notes = "rounds to nearest, half away from zero, in both profiles"


OPERATOR = AveragePool2D()
