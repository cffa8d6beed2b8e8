"""Small WFDB records for the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def ecg(samples: int, leads: int = 2, seed: int = 0) -> NDArray[np.float64]:
    """A signal in millivolt, [samples, leads], different in each lead."""
    rng = np.random.default_rng(seed)
    return 0.2 * rng.standard_normal((samples, leads)) + np.arange(leads)


def write(
    folder: Path,
    name: str,
    rate_hz: int = 100,
    samples: int = 1000,
    leads: Sequence[str] = ("I", "II"),
    comments: Sequence[str] = (),
    unit: str = "mV",
    signal: NDArray[np.float64] | None = None,
) -> Path:
    """Writes `name`.hea and `name`.dat (format 16); returns the header's path."""
    import wfdb

    folder.mkdir(parents=True, exist_ok=True)
    signal = ecg(samples, len(leads)) if signal is None else signal
    wfdb.wrsamp(
        name,
        fs=rate_hz,
        units=[unit] * len(leads),
        sig_name=list(leads),
        p_signal=signal,
        fmt=["16"] * len(leads),
        comments=list(comments),
        write_dir=str(folder),
    )
    return folder / f"{name}.hea"


def annotate(
    folder: Path,
    name: str,
    marks: Mapping[int, str],
    beats: Sequence[int] = (),
    extension: str = "atr",
) -> Path:
    """Writes rhythm marks and normal beats; returns the annotation file's path."""
    import wfdb

    rows = sorted([(at, "+", mark) for at, mark in marks.items()] + [(at, "N", "") for at in beats])
    wfdb.wrann(
        name,
        extension,
        sample=np.array([at for at, _, _ in rows]),
        symbol=[symbol for _, symbol, _ in rows],
        aux_note=[note for _, _, note in rows],
        write_dir=str(folder),
    )
    return folder / f"{name}.{extension}"
