"""Telephone band or full band."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.training.noss.degraded import Degraded

_BAND_HZ = (300.0, 3400.0)  # ITU-T G.712


class Bandwidth(Degraded):
    """300 to 3400 Hz against the recording as it is."""

    title = "Telephone band"
    conditions = ("full", "telephone")

    def degrade(
        self, wave: NDArray[np.float64], rate_hz: float, condition: str, random: np.random.Generator
    ) -> NDArray[np.float64]:
        """Filters forth and back with a Butterworth band-pass of order 4."""
        from scipy.signal import butter, sosfiltfilt

        if condition == "full":
            return wave
        return np.asarray(sosfiltfilt(butter(4, _BAND_HZ, "bandpass", fs=rate_hz, output="sos"), wave))


TASK = Bandwidth()
