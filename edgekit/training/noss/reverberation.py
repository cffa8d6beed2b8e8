"""A dry voice or one in a hall."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.training.noss.degraded import Degraded

_DECAY_S = 0.8  # the time in which sound falls by 60 dB


class Reverberation(Degraded):
    """A room's response against the recording as it is."""

    title = "Reverberation"
    conditions = ("as recorded", "0.8 s")

    def degrade(
        self, wave: NDArray[np.float64], rate_hz: float, condition: str, random: np.random.Generator
    ) -> NDArray[np.float64]:
        """Convolves with noise that decays exponentially, after the direct sound.

        Source: J. D. Polack's statistical model of room responses, 1988.
        """
        from scipy.signal import fftconvolve

        if condition == "as recorded":
            return wave
        t = np.arange(round(_DECAY_S * rate_hz)) / rate_hz
        tail = random.standard_normal(len(t)) * 10 ** (-3 * t / _DECAY_S)
        tail /= np.sqrt(np.sum(tail**2))  # as much energy as the direct sound
        tail[0] = 1.0
        return np.asarray(fftconvolve(wave, tail))


TASK = Reverberation()
