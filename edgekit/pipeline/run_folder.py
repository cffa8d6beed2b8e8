"""The run folder `runs/<recipe>/<id>/`: what each stage reads and writes."""

from __future__ import annotations

import json
import platform
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import yaml

import edgekit
from edgekit import files
from edgekit.errors import InputError
from edgekit.pipeline.naming import settled
from edgekit.recipes.base import Recipe, parse

_PACKAGES = (
    "numpy",
    "scipy",
    "tensorflow",
    "keras",
    "ai-edge-litert",
    "tflite-micro",
    "wfdb",
    "scikit-learn",
)
_MAX_CONFIG_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run of one recipe. Same recipe and settings, same folder: a stage that is done is kept.

    So it stays when the schema gets a key whose default is what was done before.
    """

    path: Path

    @classmethod
    def create(cls, recipe: Recipe, runs: Path, preset: str = "") -> RunFolder:
        """Returns the folder for `recipe`; creates it where it does not exist.

        Args:
            recipe: Resolved.
            runs: Folder that holds all runs.
            preset: Part of the folder's name, for people.
        """
        text = _config(recipe)
        path = runs / recipe.name / f"{preset or 'custom'}-{files.sha256(text.encode())[:8]}"
        return cls.create_at(settled(path, text, lambda folder: _config(cls(folder).recipe)), recipe)

    @classmethod
    def create_at(cls, path: Path, recipe: Recipe) -> RunFolder:
        """Returns the run folder at `path`; creates it for `recipe` where it does not exist."""
        run = cls(path)
        if not run.config.is_file():
            files.write_json(run.provenance, {**_provenance(recipe), "commands": [command_line()]})
            files.write_text(run.config, _config(recipe))
        return run

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Returns an existing run folder.

        Raises:
            InputError: `path` is none.
        """
        run = cls(Path(path))
        if not run.config.is_file():
            raise InputError(
                where=str(path),
                what="is not a run folder",
                expected="a folder with config.yaml",
                found="a folder without it" if run.path.is_dir() else "no such folder",
                hint="edgekit train RECIPE makes one and prints its path",
            )
        return run

    @property
    def recipe(self) -> Recipe:
        """The recipe as it was resolved when the run began."""
        where = str(self.config)
        if self.config.stat().st_size > _MAX_CONFIG_BYTES:
            raise InputError(where=where, what=f"is larger than {_MAX_CONFIG_BYTES} bytes")
        try:
            tree = yaml.safe_load(self.config.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise InputError(where=where, what=f"is not YAML: {error}") from error
        if not isinstance(tree, dict):
            raise InputError(where=where, what="holds no settings", hint="train again")
        return parse(tree, where)

    @property
    def config(self) -> Path:
        """Resolved settings."""
        return self.path / "config.yaml"

    @property
    def provenance(self) -> Path:
        """Versions, seeds, data hashes, seconds per stage."""
        return self.path / "provenance.json"

    @property
    def data(self) -> Path:
        """Counts per class and split, and what was skipped."""
        return self.path / "data.json"

    @property
    def frames(self) -> Path:
        """Preprocessed frames and labels of every split."""
        return self.path / "frames.npz"

    @property
    def preproc(self) -> Path:
        """The designed preprocessing chain of the deployed sampling rate."""
        return self.path / "preproc.json"

    @property
    def keras_model(self) -> Path:
        """The trained float model."""
        return self.path / "model.keras"

    @property
    def step(self) -> Path:
        """Of a derived run: the compression step that made it, and what it did."""
        return self.path / "compress.json"

    @property
    def tflite(self) -> Path:
        """The INT8 model."""
        return self.path / "model.tflite"

    @property
    def vectors(self) -> Path:
        """Quantised test inputs, labels and reference outputs."""
        return self.path / "vectors.npz"

    @property
    def metrics(self) -> Path:
        """Results of float and INT8 model on the test split."""
        return self.path / "metrics.json"

    @property
    def plots(self) -> Path:
        """Pictures for the report."""
        return self.path / "plots"

    def export(self, board: str) -> Path:
        """Folder of the export for `board`."""
        return self.path / "export" / board

    def need(self, path: Path, command: str) -> Path:
        """Returns `path`, which an earlier stage should have written.

        Args:
            path: A file of the run.
            command: What writes it, without the program's name.

        Raises:
            InputError: It is not there.
        """
        if not path.exists():
            raise InputError(where=str(path), what="is not there yet", hint=f"edgekit {command}")
        return path

    def note(self, **facts: Any) -> None:
        """Adds facts to provenance.json."""
        files.write_json(self.provenance, {**self.noted(), **facts})

    def noted(self) -> dict[str, Any]:
        """Returns what provenance.json holds.

        Raises:
            InputError: It is absent or damaged.
        """
        try:
            known = json.loads(self.provenance.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(
                where=str(self.provenance), what=f"cannot be read: {error}", hint="train again"
            ) from error
        return known if isinstance(known, dict) else {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Notes how long a stage took, in seconds of wall time."""
        begin = time.monotonic()
        yield
        self.note(seconds={**self.noted().get("seconds", {}), name: round(time.monotonic() - begin, 2)})


def command_line() -> str:
    """Returns the command that is running, for records of what can be repeated."""
    return shlex.join(["edgekit", *sys.argv[1:]])


def _config(recipe: Recipe) -> str:
    return yaml.safe_dump(recipe.model_dump(exclude={"presets"}), sort_keys=False)


def _provenance(recipe: Recipe) -> dict[str, Any]:
    return {
        "edgekit": edgekit.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: found for name in _PACKAGES if (found := _version(name))},
        "seeds": {"split": recipe.data.seed, "training": recipe.training.seed},
        "seconds": {},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
