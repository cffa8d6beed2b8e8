"""How much noise there is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.training.noss.degraded import Degraded

_SNR_DB = {"15 dB": 15.0, "5 dB": 5.0}


class Noise(Degraded):
    """Pink noise at 15 or at 5 dB below the speech, or none."""

    title = "Level of noise"
    conditions = ("as recorded", *_SNR_DB)

    def degrade(
        self, wave: NDArray[np.float64], rate_hz: float, condition: str, random: np.random.Generator
    ) -> NDArray[np.float64]:
        """Adds noise whose power falls as 1/f above 20 Hz."""
        if condition not in _SNR_DB:
            return wave
        spectrum = np.fft.rfft(random.standard_normal(len(wave)))
        hz = np.fft.rfftfreq(len(wave), 1 / rate_hz)
        noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(hz, 20.0)), len(wave))
        gain = np.sqrt(np.mean(wave**2) / np.mean(noise**2)) * 10 ** (-_SNR_DB[condition] / 20)
        return np.asarray(wave + gain * noise)


TASK = Noise()
