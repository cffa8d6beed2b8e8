"""Rhythm from the times of the heart beats alone: statistics of the RR intervals.

Beats are found by `sleepecg` (after Pan and Tompkins, "A Real-Time QRS Detection Algorithm", IEEE Trans.
Biomed. Eng. 32(3), 1985). Statistics as in Task Force of the ESC and NASPE, "Heart rate variability",
Circulation 93, 1996.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.training.baseline.base import Baseline


class RRStatistics(Baseline):
    """Mean, spread and irregularity of the RR intervals of one frame."""

    title = "logistic regression on RR statistics"
    names = (
        "beats", "mean_rr", "median_rr", "shortest_rr", "longest_rr", "sdnn", "rmssd", "pnn50", "cv", "rate",
    )  # fmt: skip

    def features(self, x: NDArray[np.float32], rate_hz: float) -> NDArray[np.float64]:
        """Returns statistics in seconds and beats per minute; zeros where there are under three beats."""
        from sleepecg.heartbeats import detect_heartbeats

        rows = np.zeros((len(x), len(self.names)))
        for row, frame in zip(rows, x.reshape(len(x), -1), strict=True):
            if np.ptp(frame) == 0:
                continue  # the detector refuses a flat line
            beats = detect_heartbeats(frame.astype(np.float64), rate_hz)
            row[0] = len(beats)
            if len(beats) >= 3:
                row[1:] = statistics(np.diff(beats) / rate_hz)
        return rows


def statistics(rr: NDArray[np.float64]) -> tuple[float, ...]:
    """Returns the statistics of RR intervals, in the order of `RRStatistics.names` after "beats".

    Args:
        rr: Seconds between beats, float64 [k] with k >= 2.
    """
    successive = np.diff(rr)
    return (
        rr.mean(),
        float(np.median(rr)),
        rr.min(),
        rr.max(),
        rr.std(),
        float(np.sqrt((successive**2).mean())),
        float((np.abs(successive) > 0.05).mean()),
        rr.std() / rr.mean(),
        60 / rr.mean(),
    )


BASELINE = RRStatistics()
