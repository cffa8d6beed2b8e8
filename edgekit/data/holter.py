"""Holter recordings with rhythm marks: CPSC 2021, and any database in the style of AFDB."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from edgekit.data import download, rhythm_marks, wfdb_files
from edgekit.data.base import Dataset, Record, need_files
from edgekit.data.rhythm_marks import Left, MarkOptions
from edgekit.data.wfdb_files import Header
from edgekit.errors import InputError, Problem

_PUBLICATION = download.Publication(
    base="https://physionet.org/files/cpsc2021/1.0.0/", records=r".*\.(hea|dat|atr|qrs)"
)


class Holter(Dataset[MarkOptions]):
    """One record per piece of a stretch between two rhythm marks; the subject is the patient."""

    title = "Holter recordings with rhythm marks (CPSC 2021, AFDB style)"
    summary = "Minutes to hours, 1-2 leads; atrial fibrillation and flutter marked by begin and end."
    licence = "CC BY 4.0 (CPSC 2021), ODC-BY 1.0 (AFDB)"
    source = "https://physionet.org/content/cpsc2021"
    layout = (
        "<folder>/**/data_<patient>_<n>.{hea,dat,atr} (CPSC 2021) or <folder>/<record>.{hea,dat,atr} (AFDB)"
    )
    Options = MarkOptions

    def records(
        self, options: MarkOptions, root: Path | None, classes: Sequence[str], skipped: list[Problem]
    ) -> Iterator[Record]:
        """Yields the pieces with a wanted rhythm."""
        left = Left(Counter())
        for path in need_files(self, root, "*.hea"):
            try:
                header = wfdb_files.read_header(path)
                yield from rhythm_marks.records(
                    header, subject_of(header.name), _initial(header), options, classes, skipped, left
                )
            except InputError as fault:
                skipped.extend(fault.problems)
        skipped.extend(left.problems(str(root), options))

    def download(self, root: Path, options: MarkOptions, *, limit: int = 0, mirror: str = "") -> None:
        """Brings CPSC 2021 from PhysioNet; `mirror` may be the address of another such database."""
        download.fetch(_PUBLICATION, root, self.layout, limit=limit, mirror=mirror)


def subject_of(record: str) -> str:
    """Returns whose recording it is: "data_21" for "data_21_7", else the record itself."""
    match = re.fullmatch(r"(data_\d+)_\d+", record)
    return match[1] if match else record


def _initial(header: Header) -> str:
    """Returns the mark that holds from the beginning.

    CPSC 2021 writes the kind of the whole recording into its header, and no mark into those
    without fibrillation or before the first episode of a paroxysmal one.
    """
    kinds = {
        "non atrial fibrillation": "(N",
        "paroxysmal atrial fibrillation": "(N",
        "persistent atrial fibrillation": "(AFIB",
    }
    return next((kinds[line.lower()] for line in header.comments if line.lower() in kinds), "")


DATASET = Holter()
