"""`MODEL` of the command line: a .tflite file, or a run folder that holds one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from edgekit.errors import InputError
from edgekit.pipeline.run_folder import RunFolder
from edgekit.preproc.chain import Chain
from edgekit.recipes.base import Recipe

MAX_MODEL_BYTES = 256 << 20
_MAX_CHAIN_BYTES = 64 << 20


@dataclass(frozen=True)
class ModelFile:
    """A model and what is known of where it came from.

    Args:
        path: The .tflite file.
        data: Its content.
        run: The run folder, where it came from one.
    """

    path: Path
    data: bytes
    run: RunFolder | None = None

    @classmethod
    def open(cls, given: Path) -> ModelFile:
        """Reads a model.

        Args:
            given: A .tflite file or a run folder.

        Raises:
            InputError: There is none, or it is too large to be one.
        """
        run = None
        path = Path(given)
        if path.is_dir():
            run = RunFolder.open(path)
            path = run.need(run.tflite, f"quantize {path}")
        if not path.is_file():
            raise InputError(where=str(given), what="no such file", expected="a .tflite file or a run folder")
        if path.stat().st_size > MAX_MODEL_BYTES:
            raise InputError(
                where=str(path),
                what="is too large for a microcontroller's model",
                expected=f"at most {MAX_MODEL_BYTES >> 20} MiB",
                found=f"{path.stat().st_size >> 20} MiB",
            )
        try:
            return cls(path, path.read_bytes(), run)
        except OSError as error:
            raise InputError(where=str(path), what=f"cannot be read: {error.strerror}") from error

    @property
    def recipe(self) -> Recipe | None:
        """The recipe that trained it, if known."""
        return self.run.recipe if self.run else None

    @property
    def labels(self) -> list[str]:
        """Names of the classes, if known."""
        return self.recipe.classes if self.recipe else []

    @property
    def identifier(self) -> str:
        """Default prefix of the C names: the recipe's name, or the file's."""
        stem = self.recipe.name if self.recipe else self.path.stem
        name = re.sub(r"\W", "_", stem, flags=re.ASCII).strip("_").lower()
        return name if name and not name[0].isdigit() else f"model_{name}"

    def chain(self, rate_hz: float = 0.0) -> Chain | None:
        """Returns the preprocessing in front of the model, if known.

        Args:
            rate_hz: Sampling rate of the sensor; 0 = the recipe's.

        Raises:
            InputError: A rate without a recipe, or one that the steps cannot take.
        """
        if self.run is None:
            if rate_hz:
                raise InputError(
                    where="--rate", what="needs a run folder", found=str(self.path), hint="leave it out"
                )
            return None
        recipe = self.run.recipe
        if recipe.camera:
            return None
        if rate_hz and rate_hz != recipe.preproc.rate_hz:
            return Chain.design(recipe.preproc.steps, rate_hz, recipe.preproc.input)
        return read_chain(self.run.need(self.run.preproc, f"train {recipe.name}"))


def read_chain(path: Path) -> Chain:
    """Reads a designed chain.

    Args:
        path: preproc.json of a run folder or of an export.

    Raises:
        InputError: It is damaged.
    """
    try:
        if path.stat().st_size > _MAX_CHAIN_BYTES:
            raise ValueError(f"larger than {_MAX_CHAIN_BYTES} bytes")
        tree = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(where=str(path), what=f"cannot be read: {error}", hint="train again") from error
    if not isinstance(tree, dict):
        raise InputError(where=str(path), what="holds no chain", hint="train again")
    return Chain.from_dict(tree)
