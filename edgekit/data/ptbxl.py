"""PTB-XL: 21,799 ten-second 12-lead records of 18,869 patients; also in the form of CinC 2021."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from edgekit.data import download, snomed
from edgekit.data.base import Dataset, Record, need_files, need_folder
from edgekit.data.rhythms import RhythmOptions, strongest
from edgekit.errors import InputError, Problem

_TABLE = "ptbxl_database.csv"
_TABLE_BYTES = 256 << 20
_COLUMNS = ("patient_id", "scp_codes", "filename_lr", "filename_hr")
_RHYTHMS = {
    "SR": "SR",
    "SBRAD": "SBRAD",
    "STACH": "STACH",
    "AFIB": "AFIB",
    "AFLT": "AFL",
    "SVTAC": "SVT",
    "PSVT": "SVT",
}
_BASE = "https://physionet.org/files/ptb-xl/1.0.3/"


class PtbxlOptions(RhythmOptions):
    """Options of `ptbxl`."""

    rate_hz: Literal[100, 500] = Field(
        500, description="records500 or records100; the form of CinC 2021 has 500 alone"
    )


class Ptbxl(Dataset[PtbxlOptions]):
    """A table with SCP-ECG statements beside WFDB records; without the table, headers of CinC 2021."""

    title = "PTB-XL"
    summary = "10 s, 12 leads, 500 or 100 Hz; SCP-ECG statements; several records of some patients."
    licence = "CC BY 4.0"
    source = "https://physionet.org/content/ptb-xl"
    layout = (
        "<folder>/ptbxl_database.csv with records500/00000/00001_hr.{hea,dat} (or records100/*/*_lr), "
        "or without the table <folder>/**/HR*.{hea,mat} as in CinC 2021"
    )
    Options = PtbxlOptions

    def records(
        self, options: PtbxlOptions, root: Path | None, classes: Sequence[str], skipped: list[Problem]
    ) -> Iterator[Record]:
        """Yields one record per row, or header, with a wanted rhythm.

        The form of CinC 2021 does not say which records are of one patient: each counts as a subject.
        """
        folder = need_folder(self, root)
        if not (folder / _TABLE).is_file():
            yield from snomed.records(
                need_files(self, root, "HR*.hea"), options, classes, skipped, str(folder)
            )
            return
        rows = _read_table(folder, options.rate_hz, skipped)
        yield from snomed.records(
            rows,
            options,
            classes,
            skipped,
            str(folder),
            rhythm_of=lambda header: rows[header.path][1],
            subject_of=lambda header: rows[header.path][0],
        )

    def download(self, root: Path, options: PtbxlOptions, *, limit: int = 0, mirror: str = "") -> None:
        """Brings the table and the records of the wanted rate from PhysioNet."""
        publication = download.Publication(
            base=_BASE,
            records=rf"records{options.rate_hz}/.*\.(hea|dat)",
            always=frozenset({_TABLE}),
        )
        download.fetch(publication, root, self.layout, limit=limit, mirror=mirror)


def _read_table(folder: Path, rate_hz: int, skipped: list[Problem]) -> Mapping[Path, tuple[str, str]]:
    """Returns (patient, rhythm) by header; rows that cannot be read go to `skipped`."""
    table = folder / _TABLE
    if table.stat().st_size > _TABLE_BYTES:
        raise InputError(where=str(table), what="is too long", expected=f"at most {_TABLE_BYTES} bytes")
    rows: dict[Path, tuple[str, str]] = {}
    absent: list[str] = []
    with table.open(encoding="utf-8", errors="replace", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise InputError(where=str(table), what="lacks columns", expected=", ".join(missing))
        for number, row in enumerate(reader, 2):
            name = (row["filename_hr" if rate_hz == 500 else "filename_lr"] or "").strip()
            patient = (row["patient_id"] or "").strip().removesuffix(".0")
            if not patient or not re.fullmatch(r"(\w[\w.-]*/)*\w+", name):
                skipped.append(
                    Problem(
                        f"{table}:{number}", "names no patient and record", found=f"{patient!r}, {name!r}"
                    )
                )
                continue
            path = folder / f"{name}.hea"
            if not path.is_file():
                absent.append(name)
                continue
            codes = set(re.findall(r"'(\w+)'\s*:", row["scp_codes"] or ""))
            rows[path] = (patient, strongest({_RHYTHMS[code] for code in codes & _RHYTHMS.keys()}))
    if not rows and not absent:
        raise InputError(where=str(table), what="has no usable row", expected=Ptbxl.layout)
    if absent:
        text = ", ".join(absent[:3]) + (", ..." if len(absent) > 3 else "")
        what = f"{len(absent)} of {len(rows) + len(absent)} rows have no recording in this folder: {text}"
        skipped.append(Problem(str(table), what))
    return rows


DATASET = Ptbxl()
