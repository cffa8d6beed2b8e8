"""Axes: ticks at round numbers, and values to positions."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values from `low` to `high` to positions from `start` to `stop`."""

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, value: float) -> float:
        """Returns the position of `value`, to a tenth of a unit."""
        span = self.high - self.low or 1.0
        return round(self.start + (value - self.low) / span * (self.stop - self.start), 1)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Returns round numbers (1, 2 or 5 times a power of ten apart) that lie within [low, high].

    Args:
        low, high: Finite ends, low <= high.
        about: Roughly how many.
    """
    span = high - low
    if span <= 0:
        return [low]
    rough = span / max(about, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = min((power * m for m in (1, 2, 5, 10)), key=lambda step: abs(math.log(step / rough)))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]
