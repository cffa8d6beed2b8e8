"""Gathers a run folder: every part is optional, and a damaged one is named, not fatal."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml

from edgekit import manifest as manifests
from edgekit.errors import EdgekitError, InputError, Problem
from edgekit.manifest import Manifest
from edgekit.report.ab import AbRecord
from edgekit.report.base import from_json, load_json
from edgekit.report.blocks import PNG, data_uri
from edgekit.report.folder import DataSummary, Metrics, Plan
from edgekit.report.ladder import LadderRecord, StepRecord
from edgekit.report.record import MAX_RECORDS, HilRecord, load_hil
from edgekit.report.sensitivity import SensitivityRecord

MAX_TEXT_BYTES = 1 << 20
MAX_PLOTS_BYTES = 1_500_000  # of all plots as data URIs; the page stays under 2 MB with them
MAX_EPOCHS = 100_000
MAX_EXPORTS = 16


T = TypeVar("T")


@dataclass
class Export:
    """An exported folder: its manifest and, where there is one, its memory plan."""

    manifest: Manifest
    plan: Plan | None = None


@dataclass
class Run:
    """What there is to report.

    `history` holds the columns of history.csv by name; `plots` SVG and PNG files as data URIs by stem;
    `problems` what could not be read.
    """

    folder: Path
    config: dict[str, Any] = field(default_factory=dict)
    data: DataSummary | None = None
    history: dict[str, list[float]] = field(default_factory=dict)
    metrics: Metrics | None = None
    sensitivity: SensitivityRecord | None = None
    step: StepRecord | None = None
    ladder: LadderRecord | None = None
    provenance: dict[str, Any] = field(default_factory=dict)
    plots: dict[str, str] = field(default_factory=dict)
    hil: list[HilRecord] = field(default_factory=list)
    ab: list[AbRecord] = field(default_factory=list)
    exports: list[Export] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The recipe's name, else the exported model's."""
        names = [
            self.config.get("name"),
            *(r.name for r in self.hil),
            *(e.manifest.name for e in self.exports),
        ]
        return next((str(name) for name in names if name), self.folder.name)

    @property
    def title(self) -> str:
        """The recipe's title, else the name."""
        return str(self.config.get("title") or self.name)

    @property
    def notice(self) -> str:
        """What must stand with every result, e.g. "Not a medical device."."""
        return str(self.config.get("notice") or "")

    @property
    def synthetic(self) -> bool:
        """Whether the figures come from synthetic data."""
        return self.data.synthetic if self.data else "synthetic" in str(self.setting("data", "dataset", ""))

    def setting(self, section: str, key: str, default: Any) -> Any:
        """Returns a value of config.yaml, or `default` where there is none."""
        part = self.config.get(section)
        return part.get(key, default) if isinstance(part, dict) else default


def read(folder: Path, hil: Sequence[Path] = (), exports: Sequence[Path] = ()) -> Run:
    """Gathers a run folder, or an exported folder with results beside it.

    Args:
        folder: What training or export wrote.
        hil: More results of `hil --json`.
        exports: More exported folders.

    Raises:
        InputError: There is no such folder, or nothing in it to report.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(
            where=str(folder), what="no such folder", expected="a run folder or an exported folder"
        )
    run = Run(folder)
    reader = _Reader(run.problems)
    run.config = reader.part(folder / "config.yaml", _mapping_of_yaml) or {}
    run.data = reader.part(folder / "data.json", _json(DataSummary))
    run.history = reader.part(folder / "history.csv", _history) or {}
    run.metrics = reader.part(folder / "metrics.json", _json(Metrics))
    run.step = reader.part(folder / "compress.json", _json(StepRecord))
    run.ladder = reader.part(folder / "ladder.json", _json(LadderRecord))
    run.sensitivity = reader.part(folder / "sensitivity.json", _json(SensitivityRecord))
    run.provenance = reader.part(folder / "provenance.json", _mapping_of_json) or {}
    drawn = [*folder.glob("plots/*.svg"), *folder.glob("plots/*.png")]
    boards = [*folder.glob("hil/*.png"), *folder.glob("export/*/hil/*.png")]
    run.plots = _plots([*sorted(drawn), *sorted(boards)], run.problems)
    for path in [*sorted(folder.glob("hil/*.json")), *hil]:
        run.hil += reader.part(path, load_hil) or []
    _limit(run.hil, MAX_RECORDS, "results", run)
    experiments = (reader.part(path, _json(AbRecord)) for path in sorted(folder.glob("ab/*.json")))
    run.ab = [found for found in experiments if found]
    _limit(run.ab, MAX_RECORDS, "experiments", run)
    manifest_files = [
        found for pattern in ("", "*/", "*/*/") for found in folder.glob(pattern + "manifest.json")
    ]
    for path in sorted({*manifest_files, *(e / manifests.FILE_NAME for e in exports)})[:MAX_EXPORTS]:
        manifest = reader.part(path, lambda p: manifests.load(p.parent))
        if manifest:
            run.exports.append(Export(manifest, reader.part(path.with_name("plan.json"), _json(Plan))))
    if not any((run.config, run.data, run.history, run.metrics, run.hil, run.exports, run.problems)):
        raise InputError(
            where=str(folder),
            what="holds nothing to report",
            expected="metrics.json, hil/*.json, manifest.json, ...",
            hint="edgekit train RECIPE, or edgekit hil DIR --target BOARD",
        )
    return run


class _Reader:
    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems

    def part(self, path: Path, load: Callable[[Path], T]) -> T | None:
        if not path.exists():
            return None
        try:
            return load(path)
        except EdgekitError as error:
            self.problems += error.problems
        except (OSError, ValueError, RecursionError, yaml.YAMLError, csv.Error) as error:
            self.problems.append(Problem(str(path), f"cannot be read: {error}"))
        return None


def _json(model: Any) -> Callable[[Path], Any]:
    return lambda path: from_json(model, load_json(path), str(path))


def _mapping_of_json(path: Path) -> dict[str, Any]:
    return _mapping(load_json(path, MAX_TEXT_BYTES))


def _mapping_of_yaml(path: Path) -> dict[str, Any]:
    return _mapping(yaml.safe_load(_text(path, MAX_TEXT_BYTES)))


def _mapping(tree: Any) -> dict[str, Any]:
    if not isinstance(tree, dict):
        raise ValueError(f"expected names and values, found {type(tree).__name__}")
    return {str(key): value for key, value in tree.items()}


def _text(path: Path, limit: int) -> str:
    if path.stat().st_size > limit:
        raise ValueError(f"larger than {limit:,} bytes")
    return path.read_text(encoding="utf-8")


def _history(path: Path) -> dict[str, list[float]]:
    rows = list(csv.DictReader(_text(path, 16 * MAX_TEXT_BYTES).splitlines()))[:MAX_EPOCHS]
    columns: dict[str, list[float]] = {name: [] for name in (rows[0] if rows else {}) if name}
    for number, row in enumerate(rows, start=2):
        for name, column in columns.items():
            try:
                column.append(float(row[name] or "nan"))
            except ValueError:
                raise ValueError(f"line {number}: {name} is {row[name]!r}, not a number") from None
    return columns


def _plots(paths: Sequence[Path], problems: list[Problem]) -> dict[str, str]:
    plots: dict[str, str] = {}
    room = MAX_PLOTS_BYTES
    for path in paths:
        try:
            content = path.read_bytes() if path.stat().st_size <= room else b""
        except OSError as error:
            problems.append(Problem(str(path), f"cannot be read: {error.strerror or error}"))
            continue
        png = path.suffix == ".png"
        uri = data_uri(content)
        if not content or len(uri) > room:
            problems.append(Problem(str(path), "is left out: the page would grow too large"))
        elif not content.startswith(PNG) if png else b"<svg" not in content[:4096]:
            problems.append(Problem(str(path), f"is not {'a PNG' if png else 'an SVG'} picture"))
        else:
            plots[path.stem] = uri
            room -= len(uri)
    return plots


def _limit(items: list[Any], limit: int, noun: str, run: Run) -> None:
    if len(items) > limit:
        run.problems.append(
            Problem(str(run.folder), f"holds {len(items)} {noun}", expected=f"at most {limit}")
        )
        del items[limit:]
