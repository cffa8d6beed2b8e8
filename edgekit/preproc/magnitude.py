"""Magnitude of each bin of a spectrum: the root of its power."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.preproc.base import DesignedStep
from edgekit.preproc.power import Power


class Magnitude(Power):
    """Packed spectra in, one value for each bin from DC to Nyquist out."""

    summary = "magnitude of each bin of a spectrum"

    def run(self, step: DesignedStep, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Takes the root of the power; IEEE 754 rounds it correctly, here and in C."""
        return np.sqrt(super().run(step, x))

    def run_float64(self, step: DesignedStep, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Takes the root of the power."""
        return np.sqrt(super().run_float64(step, x))


STEP = Magnitude()
