"""Writes small sound files for tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np

_FORMATS = {".gsm": "RAW", ".opus": "OGG"}


def tone(hz: float = 440.0, seconds: float = 0.3, rate_hz: int = 16000) -> np.ndarray:
    """A sine at half of full scale, float64 [n]."""
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate_hz)) / rate_hz)


def write(
    path: Path, sound: np.ndarray | None = None, rate_hz: int = 16000, subtype: str | None = None
) -> Path:
    """Writes a sound; by default a tone whose pitch follows from the path, so that no two files are alike."""
    import soundfile

    path.parent.mkdir(parents=True, exist_ok=True)
    if sound is None:
        sound = tone(200.0 + sum(str(path).encode()) % 997)
    soundfile.write(path, sound, rate_hz, subtype=subtype, format=_FORMATS.get(path.suffix))
    return path
