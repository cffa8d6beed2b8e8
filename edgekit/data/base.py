"""The contract of a data set: labelled one-dimensional records, read lazily, faults named.

Pictures with boxes have a contract of their own in `pictures`.
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from edgekit import validation
from edgekit.errors import EnvironmentFailed, InputError, Problem
from edgekit.registry import Registry


@dataclass(frozen=True, slots=True)
class Record:
    """One stretch of signal with one label.

    Args:
        subject: Whose signal it is; splits never separate the records of one subject.
        name: Unique within the data set.
        signal: float32 [n], finite, in the data set's unit (millivolt for ECG).
        rate_hz: Samples per second.
        label: Name of the class.
        tags: What else is known of it (of sound: speaker, language, voice, ...); empty where nothing is.
    """

    subject: str
    name: str
    signal: NDArray[np.float32]
    rate_hz: float
    label: str
    tags: Mapping[str, str] = field(default_factory=dict)


class DatasetOptions(BaseModel):
    """Options of a data set; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", validate_default=True, frozen=True, allow_inf_nan=False)


Opts = TypeVar("Opts", bound=DatasetOptions)


class DataSource(ABC, Generic[Opts]):
    """What every data set has, of signals (`Dataset`) or pictures (`pictures.PictureDataset`)."""

    title: ClassVar[str]
    summary: ClassVar[str]
    licence: ClassVar[str]
    source: ClassVar[str]
    synthetic: ClassVar[bool] = False
    layout: ClassVar[str] = ""
    """Expected folder layout, as shown when the folder is missing; "" when none is needed."""
    Options: type[Opts]

    def download(self, root: Path, options: Opts, *, limit: int = 0, mirror: str = "") -> None:
        """Brings the data set into `root`, with checksum and progress.

        Args:
            root: Folder to fill; files that are there and sound are kept.
            options: An instance of this data set's `Options`.
            limit: At most so many records; 0 = all.
            mirror: Base address to use instead of the published one.

        Raises:
            InputError: There is nothing to download for this data set.
            EnvironmentFailed: The network or the server refused; names the expected folder layout.
        """
        raise InputError(where=self.title, what="has nothing to download", hint=self.layout)

    def parse(self, options: Mapping[str, Any], where: str = "") -> Opts:
        """Returns `options` as an instance of `Options`.

        Args:
            options: Keys and values as a recipe or a user gave them.
            where: Name of their source for messages; default "data.options".

        Raises:
            InputError: Unknown keys (with "did you mean") or wrong values, all at once.
        """
        return validation.parse(self.Options, options, where or "data.options")


class Dataset(DataSource[Opts]):
    """A source of records with options of type Opts; its module defines one instance named DATASET."""

    @abstractmethod
    def records(
        self,
        options: Opts,
        root: Path | None,
        classes: Sequence[str],
        skipped: list[Problem],
    ) -> Iterator[Record]:
        """Yields the records whose label is one of `classes`, in a fixed order.

        Args:
            options: An instance of this data set's `Options`.
            root: Folder that holds the data; None where none is needed.
            classes: Labels that are wanted.
            skipped: Every record that is left out for a fault is appended here by name; those that
                are sound but carry no wanted label are counted in one entry.

        Raises:
            InputError: `root` is missing or does not have the expected layout.
            EnvironmentFailed: A package that reads the files is not installed.
        """


def need_folder(dataset: DataSource[Any], root: Path | None) -> Path:
    """Returns `root` as an existing folder.

    Args:
        dataset: Whose layout the message shows.
        root: What the user gave, or None.

    Raises:
        InputError: It was not given or is no folder; names the expected layout.
    """
    if root is None or not Path(root).is_dir():
        raise InputError(
            where=str(root) if root is not None else dataset.title,
            what="no such folder" if root is not None else "needs a folder with its files",
            expected=dataset.layout,
            hint=f"give the folder of its files with --data-dir; where they come from: {dataset.source}",
        )
    return Path(root)


def need_files(dataset: DataSource[Any], root: Path | None, pattern: str) -> list[Path]:
    """Returns the files under `root`, in any depth, whose names match, sorted by path.

    Args:
        dataset: Whose layout the message shows.
        root: What the user gave, or None.
        pattern: Glob pattern of the file name.

    Raises:
        InputError: There is no such folder, or no such file in it.
    """
    folder = need_folder(dataset, root)
    found = sorted(path for path in folder.rglob(pattern) if path.is_file())
    if not found:
        raise InputError(
            where=str(folder), what=f"holds no {pattern}", expected=dataset.layout, hint="see --data-dir"
        )
    return found


def need_package(name: str) -> Any:
    """Returns the imported package `name`.

    Raises:
        EnvironmentFailed: It is not installed.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name.partition(".")[0]:
            raise
        raise EnvironmentFailed(
            where="data",
            what=f"needs the package '{error.name}', which is not installed",
            hint="pip install 'edgekit[train]'",
        ) from error


def no_wanted_label(where: str, counts: Mapping[str, int], unit: str = "record(s)") -> list[Problem]:
    """Returns the one entry for records that are sound but carry no wanted label, if there are any.

    Args:
        where: The data set or its folder.
        counts: Number of records by the label or rhythm that they carry.
        unit: What is counted, if not records.
    """
    total = sum(counts.values())
    if not total:
        return []
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:10]
    found = ", ".join(f"{label} {count}" for label, count in most)
    return [Problem(where, f"{total} sound {unit} carry no wanted label: {found}", found=found)]


REGISTRY: Registry[DataSource[Any]] = Registry(
    kind="data",
    attribute="DATASET",
    type=DataSource,
    framework=frozenset(
        {
            "audio_clips",
            "audio_files",
            "base",
            "debian_package",
            "download",
            "picture_folders",
            "picture_statistics",
            "pictures",
            "pixels",
            "perturb",
            "rhythm_marks",
            "rhythms",
            "snomed",
            "split",
            "summary",
            "tiles",
            "wfdb_files",
        }
    ),
)


def signals(key: str) -> Dataset[Any]:
    """Returns the data set of signals named `key`.

    Raises:
        InputError: There is none, or it is a data set of pictures.
    """
    found = REGISTRY.get(key)
    if not isinstance(found, Dataset):
        raise InputError(where=key, what="is a data set of pictures", expected="one of signals")
    return found
