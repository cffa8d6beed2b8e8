"""The user's own recordings: plain CSV or NPZ files in a folder per class."""

from __future__ import annotations

import csv
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from edgekit.data import wfdb_files
from edgekit.data.base import Dataset, DatasetOptions, Record, need_folder, no_wanted_label
from edgekit.errors import InputError, Problem

_MOST_BYTES = 1 << 30
_KINDS = (".csv", ".npz")


class FolderOptions(DatasetOptions):
    """Options of `folder`."""

    rate_hz: float = Field(
        0.0, ge=0, le=1e6, description="samples per second of files that do not say it; 0 = all say it"
    )
    column: str = Field(
        "", max_length=64, description="CSV column by name, or NPZ array; default: first, or 'signal'"
    )


class Folder(Dataset[FolderOptions]):
    """`<class>/<subject>_<anything>.csv|npz`; what the network is to tell apart is up to the user."""

    title = "A folder of CSV or NPZ files"
    summary = "Your own recordings: a folder per class, file names that begin with the subject."
    licence = "yours"
    source = "your own recordings"
    layout = "<folder>/<class>/<subject>_<anything>.csv (a column of numbers) or .npz (array 'signal')"
    Options = FolderOptions

    def records(
        self, options: FolderOptions, root: Path | None, classes: Sequence[str], skipped: list[Problem]
    ) -> Iterator[Record]:
        """Yields one record per file, folder by folder in the order of their names.

        CSV: numbers separated by commas, one row per sample; an optional first row names the
        columns, and an optional line `# rate_hz: 250` before it says the rate. NPZ: array `signal`
        [n] and optionally a number `rate_hz`. What a file says goes before the option.
        """
        folder = need_folder(self, root)
        found = {
            path.name: sorted(file for file in path.iterdir() if file.suffix.lower() in _KINDS)
            for path in sorted(folder.iterdir())
            if path.is_dir() and not path.name.startswith(".")
        }
        if not any(found.values()):
            raise InputError(where=str(folder), what="holds no recordings", expected=self.layout)
        for label, paths in found.items():
            if label not in classes:
                continue
            for path in paths:
                try:
                    signal, rate_hz = _read(path, options)
                except InputError as fault:
                    skipped.extend(fault.problems)
                    continue
                subject = path.stem.partition("_")[0]
                yield Record(subject, f"{label}/{path.name}", signal, rate_hz, label)
        others = Counter({label: len(paths) for label, paths in found.items() if label not in classes})
        skipped.extend(no_wanted_label(str(folder), others))


def _read(path: Path, options: FolderOptions) -> tuple[NDArray[np.float32], float]:
    try:
        read = _read_npz if path.suffix.lower() == ".npz" else _read_csv
        signal, rate_hz = read(path, options.column)
    except InputError:
        raise
    except Exception as error:  # zipfile, zlib and numpy raise anything on a damaged file
        found = f"{type(error).__name__}: {error}"[:200]
        raise InputError(where=str(path), what="cannot be read", found=found) from error
    rate_hz = rate_hz or options.rate_hz
    if not (np.isfinite(rate_hz) and 0 < rate_hz <= 1e6):
        raise InputError(
            where=str(path),
            what="does not say its sampling rate",
            expected="a line '# rate_hz: 250', or the array rate_hz",
            hint="or give it for all files: --set data.options.rate_hz=250",
        )
    wfdb_files.check_signal(signal, str(path), "the signal")
    return signal.astype(np.float32), rate_hz


def _read_csv(path: Path, column: str) -> tuple[NDArray[np.float64], float]:
    if path.stat().st_size > _MOST_BYTES:
        raise InputError(where=str(path), what="is too long", expected=f"at most {_MOST_BYTES} bytes")
    rate_hz, position, values = 0.0, 0, []
    names: list[str] | None = None
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line, row in enumerate(csv.reader(file), 1):
            if not row or row[0].lstrip().startswith("#"):
                if match := re.search(r"rate_hz\s*[:=]\s*([0-9.]+)", ",".join(row)):
                    rate_hz = float(match[1])
                continue
            if names is None:
                names = [cell.strip() for cell in row] if not _is_number(row[0]) else []
                position = _position(path, names, column)
                if names:
                    continue
            try:
                values.append(float(row[position]))
            except (ValueError, IndexError) as error:
                text = ",".join(row)[:80]
                raise InputError(where=f"{path}:{line}", what="is no row of numbers", found=text) from error
    return np.asarray(values, np.float64), rate_hz


def _position(path: Path, names: Sequence[str], column: str) -> int:
    if column and column not in names:
        found = ", ".join(names) or "no names"
        raise InputError(where=str(path), what="has no such column", expected=column, found=found)
    return names.index(column) if column else 0


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _read_npz(path: Path, column: str) -> tuple[NDArray[Any], float]:
    with zipfile.ZipFile(path) as archive:
        whole = sum(item.file_size for item in archive.infolist())
    if whole > _MOST_BYTES:
        raise InputError(
            where=str(path), what="is too long", expected=f"at most {_MOST_BYTES} bytes", found=f"{whole}"
        )
    name = column or "signal"
    with np.load(path, allow_pickle=False) as arrays:
        if name not in arrays:
            found = ", ".join(arrays.files)
            raise InputError(where=str(path), what="has no such array", expected=name, found=found)
        signal = arrays[name]
        rate_hz = float(arrays["rate_hz"]) if "rate_hz" in arrays else 0.0
    if signal.ndim != 1 or signal.dtype.kind not in "iuf":
        raise InputError(
            where=str(path),
            what=f"array '{name}' is no signal",
            expected="numbers of shape [n]",
            found=f"{signal.dtype} {list(signal.shape)}",
        )
    return signal.astype(np.float64), rate_hz


DATASET = Folder()
