"""What `edgekit data show` says of a data set of sound: counts by source, and a sheet of spectrograms."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit import console, files
from edgekit.data import base as datasets
from edgekit.data.audio_clips import AudioOptions
from edgekit.data.base import Record
from edgekit.errors import Problem
from edgekit.recipes import base as recipes

_KINDS = ("speech", "sound")
_COLUMNS = 5
_WINDOW, _HOP = 400, 160  # 25 and 10 ms at 16 kHz


@dataclass
class _Part:
    """What there is of one kind from one source."""

    clips: int = 0
    seconds: float = 0.0
    tags: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    examples: dict[str, NDArray[np.float32]] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Counts a record, and keeps one of each of the first subjects to draw."""
        self.clips += 1
        self.seconds += len(record.signal) / record.rate_hz
        for key, value in {"subject": record.subject, **record.tags}.items():
            self.tags[key][value] += 1
        if len(self.examples) < _COLUMNS:
            self.examples.setdefault(record.subject, record.signal)


def is_sound(name: str) -> bool:
    """Returns whether `name` is a data set of sound."""
    return name in datasets.REGISTRY.keys() and issubclass(datasets.REGISTRY.get(name).Options, AudioOptions)


def show(name: str, settings: Sequence[str], data_dir: Path | None, runs: Path) -> dict[str, Any]:
    """Reads a data set of sound, prints what there is and draws some of it.

    Args:
        name: Registry key.
        settings: Options of the data set, each "key=value".
        data_dir: Folder of its files; None = the installed packages.
        runs: Folder for the picture: `<runs>/data/<name>.svg`.

    Returns:
        The counts, what was left out, and where the picture lies.
    """
    dataset = datasets.signals(name)
    options = dataset.parse({**recipes.settings_tree(settings), "label": "kind"}, "--set")
    skipped: list[Problem] = []
    parts: dict[str, _Part] = defaultdict(_Part)
    with console.status(f"Data: {dataset.title}"):
        for record in dataset.records(options, data_dir, _KINDS, skipped):
            parts[f"{record.tags.get('source', name)}: {record.label}"].add(record)
    counts = {part: _counts(found) for part, found in parts.items()}
    _print(dataset.title, counts)
    for problem in skipped[:10]:
        console.say(f"left out: {problem.where}: {problem.what}")
    if len(skipped) > 10:
        console.say(f"... and {len(skipped) - 10} more")
    picture = runs / "data" / f"{name}.svg"
    sheet = {part: list(found.examples.items()) for part, found in parts.items()}
    plot_spectrograms(sheet, float(options.rate_hz), picture, dataset.title)
    console.say(f"examples: {picture}")
    left_out = [{"where": problem.where, "what": problem.what} for problem in skipped]
    return {"dataset": name, "parts": counts, "skipped": left_out, "picture": str(picture)}


def _counts(part: _Part) -> dict[str, Any]:
    return {
        "clips": part.clips,
        "seconds": round(part.seconds, 1),
        "subjects": len(part.tags["subject"]),
        "speakers": len(part.tags["speaker"]),
        "languages": sorted(part.tags["language"]),
        "voices": dict(part.tags["voice"]),
        "file_rates_hz": dict(part.tags["file_rate_hz"]),
    }


def _print(title: str, counts: Mapping[str, Mapping[str, Any]]) -> None:
    columns = ["part", "clips", "minutes", "subjects", "speakers", "languages", "rates of files"]
    table = console.table(title, columns)
    for part, found in counts.items():
        rates = sorted(found["file_rates_hz"].items(), key=lambda item: -item[1])
        shown = ", ".join(f"{int(rate) / 1000:g} kHz" for rate, _ in rates[:3]) + (
            " ..." if len(rates) > 3 else ""
        )
        numbers = [
            str(found["clips"]),
            f"{found['seconds'] / 60:.1f}",
            str(found["subjects"]),
            str(found["speakers"]),
        ]
        table.add_row(part, *numbers, str(len(found["languages"])), shown)
    console.stdout().print(table)


def plot_spectrograms(
    rows: Mapping[str, Iterable[tuple[str, NDArray[np.float32]]]], rate_hz: float, path: Path, title: str
) -> None:
    """Draws a sheet of spectrograms, as SVG that repeats to the byte.

    Args:
        rows: Examples (name, float32 [n]) by row.
        rate_hz: Samples per second.
        path: SVG file to write.
        title: Text above the sheet.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2.6 * _COLUMNS, 1.7 * max(len(rows), 1) + 0.6), layout="constrained")
    figure.suptitle(title, fontsize=11)
    for row, (label, examples) in enumerate(rows.items()):
        for column, (name, signal) in enumerate(examples):
            axes = figure.add_subplot(len(rows), _COLUMNS, row * _COLUMNS + column + 1)
            padded = np.pad(signal, (0, max(0, _WINDOW - len(signal))))
            quiet = 1e-6 * np.cos(2.0 * np.arange(len(padded)))  # no logarithm of zero
            axes.specgram(
                padded + quiet, NFFT=_WINDOW, Fs=rate_hz, noverlap=_WINDOW - _HOP, cmap="magma", vmin=-120
            )
            axes.set_title(name, fontsize=7)
            axes.tick_params(labelsize=6)
            if column == 0:
                axes.set_ylabel(f"{label}\nHz", fontsize=7)
    with rc_context({"svg.hashsalt": "edgekit"}), files.replacing(path) as temporary:
        figure.savefig(temporary, format="svg", metadata={"Date": None})
