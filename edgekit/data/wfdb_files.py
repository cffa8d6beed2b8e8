"""Reads one lead of a WFDB record, and says by name what is wrong with a damaged one.

Format: https://wfdb.io/spec/. The package wfdb does the reading; sizes are checked before, since a
cut file or a wrong header must not be read as a shorter or longer recording.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.data.base import need_package
from edgekit.errors import EdgekitError, InputError

LEADS = ("II", "MLII", "I")
"""Leads that are taken where the user names none, in this order; else the first of the record."""

_HEADER_BYTES = 1 << 16
_BYTES_PER_SAMPLE = {"8": 1, "16": 2, "24": 3, "32": 4, "61": 2, "80": 1, "160": 2, "212": 1.5}
_MILLIVOLT = {"mv": 1.0, "uv": 1e-3, "µv": 1e-3, "v": 1e3}


@dataclass(frozen=True, slots=True)
class Header:
    """What a record says of itself.

    Args:
        path: The .hea file.
        rate_hz: Samples per second.
        samples: Number of samples of each lead.
        leads: Their names.
        comments: Lines behind "#", stripped.
        fields: wfdb's own header object.
    """

    path: Path
    rate_hz: float
    samples: int
    leads: Sequence[str]
    comments: Sequence[str]
    fields: Any

    @property
    def name(self) -> str:
        """Name of the record."""
        return self.path.stem


def read_header(path: Path) -> Header:
    """Reads a .hea file.

    Args:
        path: The file.

    Raises:
        InputError: It is missing, too long, not a header, or describes no signal.
        EnvironmentFailed: wfdb is not installed.
    """
    if not path.is_file():
        raise InputError(where=str(path), what="no such header")
    if not 0 < (size := path.stat().st_size) <= _HEADER_BYTES:
        raise InputError(
            where=str(path), what="is no header", expected=f"1 to {_HEADER_BYTES} bytes", found=f"{size}"
        )
    fields = _call(path, "is not a readable header", "rdheader", _stem(path))
    if getattr(fields, "segments", None) is not None or not getattr(fields, "n_sig", 0):
        raise InputError(where=str(path), what="describes no signal")
    named = [fields.file_name, fields.sig_name, fields.fmt, fields.units, fields.byte_offset]
    if any(values is None or len(values) != fields.n_sig for values in named):
        raise InputError(
            where=str(path), what="does not describe all its signals", expected=f"{fields.n_sig} lines"
        )
    rate, samples = fields.fs, fields.sig_len
    if not (rate and math.isfinite(rate) and 1 <= rate <= 1e6):
        raise InputError(where=str(path), what="states no sampling rate", found=repr(rate))
    if not samples or samples < 0:
        raise InputError(where=str(path), what="states no length", found=repr(samples))
    leads = [str(name or "") for name in fields.sig_name]
    return Header(path, float(rate), int(samples), leads, [line.strip() for line in fields.comments], fields)


def pick_lead(header: Header, wanted: str) -> int:
    """Returns the position of a lead.

    Args:
        header: The record.
        wanted: Its name in either case, or "" for the first of LEADS that there is, else the first lead.

    Raises:
        InputError: The record has no lead of that name.
    """
    names = [name.upper() for name in header.leads]
    if wanted:
        if wanted.upper() not in names:
            raise InputError(
                where=str(header.path),
                what=f"has no lead '{wanted}'",
                expected=wanted,
                found=", ".join(header.leads),
            )
        return names.index(wanted.upper())
    return next((names.index(lead) for lead in LEADS if lead in names), 0)


def read_lead(header: Header, lead: int, start: int = 0, stop: int | None = None) -> NDArray[np.float32]:
    """Reads a part of one lead.

    Args:
        header: The record.
        lead: Position of the lead.
        start: First sample.
        stop: One past the last sample; None = the end.

    Returns:
        float32 [stop - start] in millivolt, finite and not flat.

    Raises:
        InputError: The signal file is missing or cut, or the lead holds non-finite or constant values.
        EnvironmentFailed: wfdb is not installed.
    """
    stop = header.samples if stop is None else stop
    path = check_file(header, lead)
    unit = str(header.fields.units[lead])
    if unit.lower() not in _MILLIVOLT:
        raise InputError(where=str(header.path), what="has an unknown unit", expected="mV", found=unit)
    record = _call(
        path, "cannot be read", "rdrecord", _stem(header.path), sampfrom=start, sampto=stop, channels=[lead]
    )
    signal = np.asarray(record.p_signal[:, 0]) * _MILLIVOLT[unit.lower()]
    where = str(path) if (start, stop) == (0, header.samples) else f"{path}[{start}:{stop}]"
    check_signal(signal, where, f"lead {header.leads[lead]}")
    return signal.astype(np.float32)


def check_signal(signal: NDArray[np.floating[Any]], where: str, what: str) -> None:
    """Checks that a signal can be used.

    Args:
        signal: Float [n].
        where: Its place, for the message.
        what: Its name, for the message.

    Raises:
        InputError: It is empty, flat, or holds NaN, infinities or values beyond float32.
    """
    bad = int(np.count_nonzero(~(np.abs(signal) <= np.finfo(np.float32).max)))
    if signal.size == 0:
        raise InputError(where=where, what=f"{what} is empty")
    if bad:
        raise InputError(where=where, what=f"{what} holds {bad} non-finite of {signal.size} samples")
    if signal.min() == signal.max():
        raise InputError(where=where, what=f"{what} is flat: every sample is {signal[0]:g}")


def check_file(header: Header, lead: int) -> Path:
    """Returns the file that holds a lead, which lies beside its header and is as long as that says.

    Args:
        header: The record.
        lead: Position of the lead.

    Raises:
        InputError: The file is missing, cut, elsewhere, or in an unknown format.
    """
    fields = header.fields
    name, fmt = str(fields.file_name[lead]), str(fields.fmt[lead])
    if name != Path(name).name or name in (".", "..", "~"):
        raise InputError(where=str(header.path), what="names a signal file outside its folder", found=name)
    path = header.path.with_name(name)
    if not path.is_file():
        raise InputError(where=str(path), what="the signal file is missing")
    if fmt not in _BYTES_PER_SAMPLE:
        known = ", ".join(_BYTES_PER_SAMPLE)
        raise InputError(where=str(header.path), what="unknown signal format", expected=known, found=fmt)
    if set(fields.samps_per_frame or [1]) != {1}:
        raise InputError(where=str(header.path), what="has leads of different sampling rates")
    leads = sum(other == name for other in fields.file_name)
    whole = math.ceil(leads * header.samples * _BYTES_PER_SAMPLE[fmt]) + (fields.byte_offset[lead] or 0)
    size = path.stat().st_size
    if size < whole:
        raise InputError(where=str(path), what="is cut", expected=f"{whole} bytes", found=f"{size}")
    return path


def _stem(path: Path) -> str:
    return str(path.resolve().with_suffix(""))


def _call(where: Path, what: str, function: str, *args: Any, **kwargs: Any) -> Any:
    """Calls wfdb, which raises anything on a damaged file."""
    wfdb = need_package("wfdb")
    try:
        return getattr(wfdb, function)(*args, **kwargs)
    except EdgekitError:
        raise
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        raise InputError(where=str(where), what=what, found=text[:200]) from error


def read_annotations(path: Path) -> Any:
    """Reads an annotation file in MIT format (.atr, .qrs).

    Args:
        path: The file, beside its header.

    Returns:
        wfdb's Annotation: `sample`, `symbol` and `aux_note` of each.

    Raises:
        InputError: The file is missing, cut or not readable.
        EnvironmentFailed: wfdb is not installed.
    """
    if not path.is_file():
        raise InputError(where=str(path), what="the annotation file is missing")
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - 2, 0))
        end = file.read()
    if end != b"\0\0":  # the format ends with a zero word
        raise InputError(where=str(path), what="is cut: the end mark is missing")
    found = _call(path, "is no readable annotation file", "rdann", _stem(path), path.suffix[1:])
    counts = {len(found.sample), len(found.symbol), len(found.aux_note)}
    if len(counts) > 1:
        raise InputError(
            where=str(path), what="is damaged: marks, symbols and notes differ in number", found=str(counts)
        )
    return found
