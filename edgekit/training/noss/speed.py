"""How fast a recording is played."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.data.base import need_package
from edgekit.training.noss.degraded import Degraded

_FACTORS = {"0.75": 0.75, "1.33": 4 / 3}


class Speed(Degraded):
    """Pitch, formants and tempo at three quarters, as recorded, or at four thirds."""

    title = "Speed of playing"
    conditions = ("1", *_FACTORS)

    def degrade(
        self, wave: NDArray[np.float64], rate_hz: float, condition: str, random: np.random.Generator
    ) -> NDArray[np.float64]:
        """Resamples; a shorter result is padded with silence."""
        factor = _FACTORS.get(condition, 1.0)
        if factor == 1:
            return wave
        made = need_package("soxr").resample(wave, factor * rate_hz, rate_hz, quality="HQ")
        return np.pad(made, (0, max(0, len(wave) - len(made))))


TASK = Speed()
