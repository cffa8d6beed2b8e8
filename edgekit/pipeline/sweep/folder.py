"""The sweep's folder: what was asked for, and what became of each point."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field

from edgekit import files, validation
from edgekit.errors import InputError
from edgekit.pipeline.naming import settled
from edgekit.pipeline.run_folder import RunFolder
from edgekit.pipeline.sweep.space import Space
from edgekit.recipes.base import Recipe, Section
from edgekit.report.base import from_json, load_json
from edgekit.report.sweep import Trial

SHARED = ("frames.npz", "data.json", "preproc.json")  # of runs with equal data
_MAX_PLAN_BYTES = 4 << 20


class Plan(Section):
    """What a sweep was asked for; the folder is named by its hash."""

    name: str = Field(description="of the space")
    preset: str = ""
    target: str
    search: Literal["grid", "optuna"] = "grid"
    seed: int = 0
    recipe: Recipe
    space: Space


@dataclass(frozen=True)
class SweepFolder:
    """One sweep. Same recipe, space and target, same folder: what is done is kept."""

    path: Path

    @classmethod
    def create(cls, plan: Plan, runs: Path) -> SweepFolder:
        """Returns the folder of a sweep; creates it where it does not exist.

        Args:
            plan: What is asked for.
            runs: Folder that holds all runs.
        """
        text = _config(plan)
        name = f"{plan.recipe.name}-{plan.name}-{files.sha256(text.encode())[:8]}"
        path = Path(runs) / "sweeps" / name
        folder = cls(settled(path, text, lambda other: _config(cls(other).plan)))
        if not folder.config.is_file():
            files.write_text(folder.config, text)
        return folder

    @classmethod
    def open(cls, path: Path) -> SweepFolder:
        """Returns an existing sweep's folder.

        Raises:
            InputError: `path` is none.
        """
        folder = cls(Path(path))
        if not folder.config.is_file():
            raise InputError(
                where=str(path),
                what="is not the folder of a sweep",
                expected="a folder with sweep.yaml",
                found="a folder without it" if folder.path.is_dir() else "no such folder",
                hint="edgekit sweep RECIPE --space FILE makes one and prints its path",
            )
        return folder

    @property
    def plan(self) -> Plan:
        """What the sweep was asked for."""
        where = str(self.config)
        if self.config.stat().st_size > _MAX_PLAN_BYTES:
            raise InputError(where=where, what=f"is larger than {_MAX_PLAN_BYTES} bytes")
        try:
            tree = yaml.safe_load(self.config.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise InputError(where=where, what=f"is not YAML: {error}") from error
        if not isinstance(tree, dict):
            raise InputError(where=where, what="holds no settings")
        return validation.parse(Plan, tree, where)

    @property
    def config(self) -> Path:
        """What was asked for."""
        return self.path / "sweep.yaml"

    @property
    def runs(self) -> Path:
        """The run folders of the trials."""
        return self.path / "runs"

    @property
    def costs(self) -> Path:
        """Costs by what decides them."""
        return self.path / "costs"

    @property
    def study(self) -> Path:
        """Optuna's journal, one JSON value a line."""
        return self.path / "study.jsonl"

    @property
    def results(self) -> Path:
        """The record."""
        return self.path / "results.json"

    def log(self, number: int) -> Path:
        """What a trial printed."""
        return self.path / "logs" / f"{number:04d}.log"

    def trial(self, number: int) -> Path:
        """What became of a trial."""
        return self.path / "trials" / f"{number:04d}.json"

    def finished(self) -> dict[int, Trial]:
        """Returns the trials that need not run again, by number."""
        found = [
            from_json(Trial, load_json(path), str(path)) for path in sorted(self.path.glob("trials/*.json"))
        ]
        return {trial.number: trial for trial in found if trial.status in ("done", "skipped")}

    def keep(self, trial: Trial) -> None:
        """Writes what became of a trial."""
        files.write_json(self.trial(trial.number), trial.to_json())

    def data(self, recipe: Recipe) -> RunFolder:
        """Returns the run folder whose data serve every trial that prepares the same."""
        plain = self.plan.recipe
        same = {key: getattr(plain, key) for key in ("model", "training", "quantize", "budget")}
        return RunFolder.create(
            recipe.model_copy(update={**same, "compress": []}), self.path / "data", "shared"
        )


def _config(plan: Plan) -> str:
    return yaml.safe_dump(plan.model_dump(mode="json"), sort_keys=False)


def share(source: RunFolder, run: RunFolder) -> None:
    """Gives a run the prepared data of another.

    Args:
        source: Its data are prepared.
        run: Gets hard links to them.
    """
    known: dict[str, Any] = load_json(source.provenance)
    for name in SHARED:
        files.link(source.path / name, run.path / name)
    run.note(data_sha256=known.get("data_sha256", {}))
