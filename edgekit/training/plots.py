"""Pictures of a run: training curves and confusion matrices, as SVG that repeats to the byte."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from edgekit import files
from edgekit.report.domains import DomainsRecord
from edgekit.report.folder import Scores
from edgekit.report.ladder import LadderRecord
from edgekit.report.sensitivity import SensitivityRecord
from edgekit.training.history import Epoch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def history(rows: Sequence[Epoch], folder: Path) -> Path:
    """Draws loss and metrics by epoch, training beside validation.

    Args:
        rows: As `fit` returns them.
        folder: Where history.svg goes.

    Returns:
        The picture's path.
    """
    columns = [name.removeprefix("val_") for name in rows[0] if name not in ("epoch", "learning_rate")]
    names = list(dict.fromkeys(columns))
    figure = _figure(4.5 * len(names), 3.5)
    for position, name in enumerate(names, 1):
        axes = figure.add_subplot(1, len(names), position)
        epochs = [row["epoch"] for row in rows]
        for key, label in ((name, "training"), (f"val_{name}", "validation")):
            if key in rows[0]:
                axes.plot(epochs, [row[key] for row in rows], label=label)
        axes.set(xlabel="epoch", ylabel=name)
        axes.grid(alpha=0.3)
        axes.legend()
    return _save(figure, folder / "history.svg")


def confusion(results: Mapping[str, Scores], classes: Sequence[str], folder: Path) -> Path:
    """Draws confusion matrices side by side.

    Args:
        results: Scores by the name that stands over the matrix, e.g. "float" and "INT8".
        classes: Names, in the order of rows and columns.
        folder: Where confusion.svg goes.

    Returns:
        The picture's path.
    """
    figure = _figure(4.2 * len(results), 4.2)
    for position, (name, scores) in enumerate(results.items(), 1):
        axes = figure.add_subplot(1, len(results), position)
        _matrix(axes, np.array(scores.confusion), classes)
        axes.set_title(f"{name}: accuracy {scores.accuracy:.3f}")
    return _save(figure, folder / "confusion.svg")


def precision_recall(
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]], classes: Sequence[str], folder: Path
) -> Path:
    """Draws precision by recall at an overlap of 50 %, a line for each class, side by side.

    Args:
        curves: By what stands over the picture: recall [points], and precision [points, classes], -1 where
            it is unknown.
        classes: Names, in the order of the columns.
        folder: Where precision_recall.svg goes.

    Returns:
        The picture's path.
    """
    figure = _figure(4.5 * len(curves), 4)
    for position, (name, (recall, precision)) in enumerate(curves.items(), 1):
        axes = figure.add_subplot(1, len(curves), position)
        for label, values in zip(classes, precision.T, strict=True):
            if (values > -1).any():
                axes.plot(recall, values, label=f"{label}: {values[values > -1].mean():.3f}")
        axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="recall", ylabel="precision", title=f"{name}: AP50")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=7)
    return _save(figure, folder / "precision_recall.svg")


def sensitivity(record: SensitivityRecord, folder: Path) -> Path:
    """Draws how much noise each layer alone brings to the network's output, in the order of the file.

    Args:
        record: All layers.
        folder: Where sensitivity.svg goes.

    Returns:
        The picture's path.
    """
    rows = [layer for layer in record.layers if layer.alone_sqnr_db is not None]
    figure = _figure(9, 1.2 + 0.17 * len(rows))
    axes = figure.add_subplot()
    places = range(len(rows))
    axes.barh(places, [layer.alone_sqnr_db or 0.0 for layer in rows], color="#4477aa")
    if record.simulated_sqnr_db is not None:
        axes.axvline(record.simulated_sqnr_db, color="#ee6677", label="every layer quantised")
        axes.legend(fontsize=7)
    axes.set_yticks(places, [layer.label for layer in rows], fontsize=6)
    axes.invert_yaxis()
    axes.margins(y=0.01)
    axes.set(xlabel=f"SQNR of the network's output in dB, only this layer in {record.scheme}")
    axes.grid(axis="x", alpha=0.3)
    return _save(figure, folder / "sensitivity.svg")


def ladder(record: LadderRecord, folder: Path) -> Path:
    """Draws what each rung of a plan costs as a share of the first, and the metric beneath.

    Args:
        record: One rung or more.
        folder: Where ladder.svg goes.

    Returns:
        The picture's path.
    """
    figure = _figure(max(6.0, 1.6 * len(record.rungs)), 5.5)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    places = np.arange(len(record.rungs))
    costs = {"parameters": "parameters", "model_bytes": "model", "arena_bytes": "arena", "macs": "MACs",
             "instructions": "instructions"}  # fmt: skip
    first = record.rungs[0]
    known = {name: label for name, label in costs.items() if getattr(first, name)}
    for number, (name, label) in enumerate(known.items()):
        shares = [100 * (getattr(rung, name) or 0) / getattr(first, name) for rung in record.rungs]
        above.bar(places + 0.8 * ((number + 0.5) / len(known) - 0.5), shares, 0.8 / len(known), label=label)
    counted = " (emulated)" if record.emulated else ""
    above.set(ylabel="% of the first", title=f"{record.recipe} on {record.target}{counted}")
    above.legend(ncols=len(known), fontsize=7)
    below.plot(places, [rung.value_float for rung in record.rungs], "o-", label="float")
    below.plot(places, [rung.value_quantized for rung in record.rungs], "s--", label=record.scheme)
    data = ", synthetic data" if record.synthetic else ""
    below.set(
        ylabel=f"{record.metric}{data}", xticks=places, xticklabels=[rung.step for rung in record.rungs]
    )
    below.grid(alpha=0.3)
    below.legend(fontsize=7)
    return _save(figure, folder / "ladder.svg")


def domains(record: DomainsRecord, folder: Path) -> Path:
    """Draws the metric of every run, a bar for each test set; the quantised model is a mark on it.

    Args:
        record: One run or more.
        folder: Where domains.svg goes.

    Returns:
        The picture's path.
    """
    figure = _figure(7.5, 1.4 + 0.22 * len(record.runs) * (1 + len(record.tests)))
    axes = figure.add_subplot()
    places = np.arange(len(record.runs))
    width = 0.8 / len(record.tests)
    for number, test in enumerate(record.tests):
        scores = [run.scores[number] for run in record.runs]
        at = places + width * (number + 0.5) - 0.4
        bars = axes.barh(at, [score.value_float for score in scores], width, label=f"{test.heading}, float")
        axes.bar_label(bars, fmt="%.3f", padding=4, fontsize=7)
        marks = [score.value_quantized for score in scores]
        axes.plot(marks, at, "k|", label="" if number else "quantised")
    axes.set_yticks(places, [run.name for run in record.runs])
    axes.invert_yaxis()
    axes.margins(x=0.1)
    axes.set(xlabel=f"{record.metric} on test subjects")
    axes.grid(axis="x", alpha=0.3)
    figure.legend(loc="outside upper center", ncols=1 + len(record.tests), fontsize=7)
    return _save(figure, folder / "domains.svg")


def _matrix(axes: Axes, counts: np.ndarray, classes: Sequence[str]) -> None:
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        axes.text(
            column, row, f"{count}\n{shares[row, column]:.1%}", ha="center", va="center", fontsize=8,
            color="white" if shares[row, column] > 0.5 else "black",
        )  # fmt: skip
    places = range(len(classes))
    axes.set(xticks=places, yticks=places, xticklabels=classes, yticklabels=classes)
    axes.set(xlabel="predicted", ylabel="true")


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _save(figure: Figure, path: Path) -> Path:
    from matplotlib import rc_context

    with rc_context({"svg.hashsalt": "edgekit"}), files.replacing(path) as temporary:
        figure.savefig(temporary, format="svg", metadata={"Date": None})
    return path
