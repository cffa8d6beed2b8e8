"""The state of a training run after an epoch, in one file that is whole or not there."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit import files
from edgekit.errors import InputError

Arrays = list[NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a resumed run needs to go on as if it had never stopped.

    Args:
        fingerprint: Of settings, model and data; another run's checkpoint is not taken.
        history: One row per epoch, by the names of the columns.
        model: The model's variables, seeds of its layers included.
        optimizer: The optimizer's variables.
        best: The model's variables after its best epoch.
    """

    fingerprint: str
    history: list[dict[str, float]]
    model: Arrays
    optimizer: Arrays
    best: Arrays

    def save(self, path: Path) -> None:
        """Writes the checkpoint to `path` (.npz), whole or not at all."""
        arrays: dict[str, NDArray[Any]] = {
            "fingerprint": np.array(self.fingerprint),
            "columns": np.array(list(self.history[0])),
            "history": np.array([list(row.values()) for row in self.history], np.float64),
        }
        for group in ("model", "optimizer", "best"):
            arrays |= {f"{group}/{i}": values for i, values in enumerate(getattr(self, group))}
        with files.replacing(path) as temporary, temporary.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]


def load(path: Path, fingerprint: str) -> Checkpoint | None:
    """Returns the checkpoint at `path`, or None where there is none or it belongs to another run.

    Args:
        path: As `Checkpoint.save` wrote it.
        fingerprint: Of the run that wants to go on.

    Raises:
        InputError: The file is damaged.
    """
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            if str(stored["fingerprint"]) != fingerprint:
                return None
            groups = {
                group: [stored[f"{group}/{i}"] for i in range(sum(k.startswith(f"{group}/") for k in stored))]
                for group in ("model", "optimizer", "best")
            }
            columns = stored["columns"].tolist()
            history = [dict(zip(columns, row, strict=True)) for row in stored["history"].tolist()]
            return Checkpoint(fingerprint, history, **groups)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(
            where=str(path), what=f"is damaged: {error}", hint="delete it to train from the start"
        ) from error


def values(variables: Sequence[Any]) -> Arrays:
    """Returns the values of Keras variables."""
    return [variable.value.numpy().copy() for variable in variables]


def assign(variables: Sequence[Any], stored: Arrays) -> None:
    """Sets Keras variables to stored values."""
    for variable, value in zip(variables, stored, strict=True):
        variable.assign(value)
