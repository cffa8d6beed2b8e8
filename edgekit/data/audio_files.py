"""Reads sound files: mono, at one rate, float32 in +-1, with every kind of damage named."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from edgekit.data.base import need_package
from edgekit.errors import InputError

SUFFIXES = frozenset({".wav", ".ogg", ".oga", ".opus", ".flac", ".gsm"})
_MOST_BYTES = 256 << 20
_MOST_RATE_HZ = 768_000
_LOUDEST = 2.0  # Vorbis overshoots full scale a little; integers stored as floats are far beyond
_BLOCK = 1 << 16  # the most that an Ogg page can take (RFC 3533: 27 + 255 + 255 * 255 bytes)


@dataclass(frozen=True)
class AudioFormat:
    """What is wanted of a file.

    Args:
        rate_hz: Samples per second of the result.
        other_rates: "resample" a file of another rate, or "refuse" it.
        min_seconds: A shorter file is a fault.
        max_seconds: Of a longer file the beginning is read.
    """

    rate_hz: int = 16000
    other_rates: Literal["resample", "refuse"] = "resample"
    min_seconds: float = 0.1
    max_seconds: float = 10.0


@dataclass(frozen=True)
class Raw:
    """How a file without a header that libsndfile knows holds its samples, one channel, little endian.

    Args:
        subtype: libsndfile's name: "PCM_U8", "PCM_16", "GSM610", ...
        rate_hz: Samples per second.
        head, tail: Bytes before and after the samples.
    """

    subtype: str
    rate_hz: int
    head: int = 0
    tail: int = 0


_GSM = Raw("GSM610", 8000)


def read(path: Path, wanted: AudioFormat, raw: Raw | None = None) -> tuple[NDArray[np.float32], int]:
    """Returns the sound of a file, channels averaged, and the rate at which the file holds it.

    Args:
        path: WAV, Ogg (Vorbis, Opus), FLAC, or headerless GSM 06.10 at 8 kHz (`.gsm`, as Asterisk keeps it).
        wanted: Rate and length.
        raw: How the samples lie in a file of another format.

    Returns:
        float32 [n], at `wanted.rate_hz`, within +-1, resampled by libsoxr ("HQ") where needed; and
        the file's own samples per second.

    Raises:
        InputError: It is no sound file, cut short, empty, too short, silent, not finite, not at full
            scale 1, of another rate where that is refused, or too large.
        EnvironmentFailed: soundfile or soxr is not installed.
    """
    where = str(path)
    try:
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise InputError(
                where=where, what="is too large", expected=f"at most {_MOST_BYTES} bytes", found=str(size)
            )
        if not size:
            raise InputError(where=where, what="is empty")
        if raw is None:
            _check_whole(path, size)
        sound, rate_hz = _decode(path, wanted, raw)
    except OSError as error:
        raise InputError(where=where, what="cannot be read", found=str(error)[:200]) from error
    if not len(sound):
        raise InputError(where=where, what="holds no samples")
    if not np.isfinite(sound).all():
        bad = int(np.count_nonzero(~np.isfinite(sound)))
        raise InputError(where=where, what="holds NaN or infinity", found=f"{bad} of {len(sound)} samples")
    loudest = float(np.abs(sound).max())
    if loudest > _LOUDEST:
        raise InputError(
            where=where, what="is not at full scale 1", expected="samples within +-1", found=f"{loudest:.6g}"
        )
    if loudest == 0:
        raise InputError(where=where, what="is silent throughout")
    if len(sound) < wanted.min_seconds * rate_hz:
        raise InputError(
            where=where,
            what="is too short",
            expected=f"at least {wanted.min_seconds:g} s",
            found=f"{len(sound) / rate_hz:.3f} s",
        )
    if rate_hz != wanted.rate_hz:
        sound = need_package("soxr").resample(sound, rate_hz, wanted.rate_hz, quality="HQ")
    return np.clip(sound, -1, 1, dtype=np.float32), rate_hz


def _decode(path: Path, wanted: AudioFormat, raw: Raw | None) -> tuple[NDArray[np.float32], int]:
    """Returns the mean of the channels, and the rate at which the file has them."""
    soundfile = need_package("soundfile")
    source: Path | io.BytesIO = path
    layout: dict[str, Any] = {}
    if raw is None and path.suffix.lower() == ".gsm":
        raw = _GSM
    if raw is not None:
        content = path.read_bytes()  # at most _MOST_BYTES
        source = io.BytesIO(content[raw.head : len(content) - raw.tail])
        layout = {"format": "RAW", "subtype": raw.subtype, "samplerate": raw.rate_hz, "channels": 1}
        layout["endian"] = "LITTLE"
    try:
        with soundfile.SoundFile(source, **layout) as file:
            rate_hz = int(file.samplerate)
            if not 0 < rate_hz <= _MOST_RATE_HZ:
                raise InputError(where=str(path), what="has no usable sampling rate", found=f"{rate_hz} Hz")
            if rate_hz != wanted.rate_hz and wanted.other_rates == "refuse":
                raise InputError(
                    where=str(path),
                    what="has another sampling rate",
                    expected=f"{wanted.rate_hz} Hz",
                    found=f"{rate_hz} Hz",
                    hint="--set data.options.other_rates=resample",
                )
            count = min(int(file.frames), int(wanted.max_seconds * rate_hz) or 1)
            channels = file.read(count, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise InputError(
            where=str(path), what="is no sound file that can be read", found=str(error)[-120:]
        ) from error
    if len(channels) < count:
        raise InputError(
            where=str(path), what="is cut short", expected=f"{count} samples", found=f"{len(channels)}"
        )
    return channels.mean(axis=1), rate_hz


def _check_whole(path: Path, size: int) -> None:
    """Raises InputError where a RIFF file or the last Ogg page is cut: libsndfile does not mind."""
    with path.open("rb") as file:
        head = file.read(12)
        file.seek(max(0, size - _BLOCK))
        tail = file.read(_BLOCK)
    expected = size
    if head[:4] == b"RIFF" and head[8:] == b"WAVE":
        stated = int.from_bytes(head[4:8], "little")
        expected = stated + 8 if 0 < stated < 0x7FFFFF00 else size  # larger: written as a stream
    elif head[:4] == b"OggS":
        page = tail[tail.rfind(b"OggS") :]
        segments = page[27 : 27 + page[26]] if len(page) > 26 else b""
        whole = 27 + len(segments) + sum(segments)
        complete = page[:4] == b"OggS" and len(page) > 26 and len(segments) == page[26]
        expected = size - len(page) + whole if complete else size + 1
    if expected > size:
        raise InputError(
            where=str(path), what="is cut short", expected=f"at least {expected} bytes", found=f"{size} bytes"
        )
