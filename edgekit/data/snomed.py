"""Ten-second records whose header names SNOMED CT codes on its `Dx:` line.

The form of the Large Scale Arrhythmia Database and of the PhysioNet/CinC Challenges 2020 and 2021.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from edgekit.data import wfdb_files
from edgekit.data.base import Record, no_wanted_label
from edgekit.data.rhythms import RhythmOptions, strongest
from edgekit.data.wfdb_files import Header
from edgekit.errors import InputError, Problem

RHYTHMS = {
    "426783006": "SR",
    "426177001": "SBRAD",
    "427084000": "STACH",
    "164889003": "AFIB",
    "164890007": "AFL",
    "426761007": "SVT",
}


def rhythm_of(header: Header) -> str:
    """Returns the strongest rhythm on the `Dx:` line, or "" where it names none that is known.

    Args:
        header: The record.

    Raises:
        InputError: The header has no such line.
    """
    for line in header.comments:
        key, colon, value = line.partition(":")
        if colon and key.strip().lower() == "dx":
            codes = {code.strip() for code in value.split(",")}
            return strongest({RHYTHMS[code] for code in codes & RHYTHMS.keys()})
    raise InputError(where=str(header.path), what="has no diagnosis line", expected="# Dx: <SNOMED codes>")


def records(
    paths: Iterable[Path],
    options: RhythmOptions,
    classes: Sequence[str],
    skipped: list[Problem],
    where: str,
    rhythm_of: Callable[[Header], str] = rhythm_of,
    subject_of: Callable[[Header], str] = lambda header: header.name,
) -> Iterator[Record]:
    """Yields one record per header that carries a wanted rhythm.

    Args:
        paths: The .hea files.
        options: Lead and merge.
        classes: Labels that are wanted.
        skipped: Takes each damaged record, and one entry for those without a wanted label.
        where: Name of the folder, for that entry.
        rhythm_of: Rhythm of a record, or "".
        subject_of: Whose record it is.
    """
    others: Counter[str] = Counter()
    for path in paths:
        try:
            header = wfdb_files.read_header(path)
            rhythm = rhythm_of(header)
            label = options.class_of(rhythm)
            if label not in classes:
                others[rhythm or "other rhythms"] += 1
                continue
            signal = wfdb_files.read_lead(header, wfdb_files.pick_lead(header, options.lead))
        except InputError as fault:
            skipped.extend(fault.problems)
            continue
        yield Record(subject_of(header), header.name, signal, header.rate_hz, label)
    skipped.extend(no_wanted_label(where, others))
