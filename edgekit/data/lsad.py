"""Large Scale Arrhythmia Database: 45,152 ten-second 12-lead records of as many patients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import Field

from edgekit.data import download, snomed
from edgekit.data.base import Dataset, Record, need_files
from edgekit.data.rhythms import RhythmOptions
from edgekit.errors import Problem

_PUBLICATION = download.Publication(
    base="https://physionet.org/files/ecg-arrhythmia/1.0.0/", records=r"WFDBRecords/.*/JS\d+\.(hea|mat)"
)


class LsadOptions(RhythmOptions):
    """Options of `lsad`."""

    pattern: str = Field(
        "JS*",
        pattern=r"^[A-Za-z0-9_*?\[\]-]{1,32}$",
        description="names of the records; E* reads Georgia's part of the CinC 2021 challenge",
    )


class Lsad(Dataset[LsadOptions]):
    """WFDB headers with SNOMED CT codes; one record per patient."""

    title = "Large Scale Arrhythmia Database (Chapman University, Shaoxing, Ningbo)"
    summary = "10 s, 12 leads, 500 Hz; rhythm and conditions by cardiologists."
    licence = "CC BY 4.0"
    source = "https://physionet.org/content/ecg-arrhythmia"
    layout = "<folder>/**/JS*.hea with JS*.mat beside it, e.g. <folder>/WFDBRecords/01/010/JS00001.hea"
    Options = LsadOptions

    def records(
        self, options: LsadOptions, root: Path | None, classes: Sequence[str], skipped: list[Problem]
    ) -> Iterator[Record]:
        """Yields one record per header with a wanted rhythm; the strongest statement decides."""
        paths = need_files(self, root, f"{options.pattern}.hea")
        yield from snomed.records(paths, options, classes, skipped, str(root))

    def download(self, root: Path, options: LsadOptions, *, limit: int = 0, mirror: str = "") -> None:
        """Brings the records and their headers from PhysioNet."""
        download.fetch(_PUBLICATION, root, self.layout, limit=limit, mirror=mirror)


DATASET = Lsad()
