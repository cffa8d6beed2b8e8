"""MIT-BIH Arrhythmia Database: 48 half-hour recordings of 47 subjects with beat and rhythm marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from edgekit.data import download, rhythm_marks, wfdb_files
from edgekit.data.base import Dataset, Record, need_files
from edgekit.data.rhythm_marks import Left, MarkOptions
from edgekit.errors import InputError, Problem

_PUBLICATION = download.Publication(
    base="https://physionet.org/files/mitdb/1.0.0/", records=r"\d{3}\.(hea|dat|atr)"
)


class Mitdb(Dataset[MarkOptions]):
    """One record per piece of a stretch between two rhythm marks; 201 and 202 are one subject."""

    title = "MIT-BIH Arrhythmia Database"
    summary = "30 min, 2 leads (MLII and V1, V2, V4 or V5), 360 Hz; every beat and rhythm marked."
    licence = "ODC-BY 1.0"
    source = "https://physionet.org/content/mitdb"
    layout = "<folder>/<record>.{hea,dat,atr}, e.g. <folder>/100.hea"
    Options = MarkOptions

    def records(
        self, options: MarkOptions, root: Path | None, classes: Sequence[str], skipped: list[Problem]
    ) -> Iterator[Record]:
        """Yields the pieces with a wanted rhythm."""
        left = Left(Counter())
        for path in need_files(self, root, "[0-9][0-9][0-9].hea"):
            subject = "201" if path.stem == "202" else path.stem
            try:
                header = wfdb_files.read_header(path)
                yield from rhythm_marks.records(header, subject, "", options, classes, skipped, left)
            except InputError as fault:
                skipped.extend(fault.problems)
        skipped.extend(left.problems(str(root), options))

    def download(self, root: Path, options: MarkOptions, *, limit: int = 0, mirror: str = "") -> None:
        """Brings the recordings from PhysioNet."""
        download.fetch(_PUBLICATION, root, self.layout, limit=limit, mirror=mirror)


DATASET = Mitdb()
