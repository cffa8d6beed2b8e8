"""The frontier and the effects as pictures, drawn by Matplotlib; the SVG repeats to the byte."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from edgekit import files
from edgekit.report import text
from edgekit.report.sweep import Effect, Interval, SweepRecord, Trial

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_AREA = (25.0, 420.0)  # of the marks with the least and the most flash, in square points
_BEST, _REST, _OVER = "#0b62a8", "#9aa4ae", "#d55e00"


def frontier(found: SweepRecord, folder: Path) -> list[Path]:
    """Draws the metric against the instructions, the flash as the size of a mark.

    Args:
        found: At least one trial is finished.
        folder: Where frontier.svg and frontier.png go.

    Returns:
        The pictures' paths.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.5, 5.2), layout="constrained")
    axes = figure.add_subplot()
    done = [t for t in found.trials if t.value is not None and t.cost is not None]
    area = _areas(done)
    groups = (
        ("within the limits", _REST, [t for t in done if t.number not in found.frontier and not t.reason]),
        ("over a limit", _OVER, [t for t in done if t.reason]),
        ("frontier", _BEST, [found.trial(number) for number in found.frontier]),
    )
    for label, colour, group in groups:
        if group:
            _dots(axes, group, [area[t.number] for t in group], colour, label)
    best = [found.trial(number) for number in found.frontier]
    axes.step(
        [t.cost.instructions for t in best if t.cost], [t.value or 0.0 for t in best], where="post",
        color=_BEST, linewidth=1.2, zorder=1,
    )  # fmt: skip
    for t in best:
        if t.cost is not None and t.value is not None:
            axes.annotate(
                f"{t.number}", (t.cost.instructions, t.value), (5, 6), textcoords="offset points", fontsize=8
            )
    axes.set_xscale("log")
    subjects = f"{found.metric.split} subjects" + (", synthetic data" if found.synthetic else "")
    axes.set(
        xlabel=f"instructions per inference on {found.target} (emulated)",
        ylabel=f"{found.metric.name}, {subjects}",
    )
    axes.set_title(f"{found.recipe}: {text.plural(len(found.trials), 'point')}", loc="left")
    axes.grid(alpha=0.3, which="both")
    sizes = [t.cost.flash_bytes for t in done if t.cost]
    title = f"area: flash, {text.size(min(sizes))} to {text.size(max(sizes))}"
    legend = axes.legend(title=title, loc="best", fontsize=9, title_fontsize=9)
    for handle in legend.legend_handles:
        handle.set_sizes([60.0])  # type: ignore[union-attr]
    return [_save(figure, folder / f"frontier.{kind}") for kind in ("svg", "png")]


def effects(found: SweepRecord, folder: Path) -> Path:
    """Draws what each option does to the metric and to the costs, with its 95 % interval.

    Args:
        found: It has effects.
        folder: Where effects.svg goes.

    Returns:
        The picture's path.
    """
    from matplotlib.figure import Figure

    shown = found.effects
    figure = Figure(figsize=(11, 1.6 + 0.34 * len(shown)), layout="constrained")
    panels = [
        (f"{found.metric.name}", [e.metric for e in shown], 1.0),
        ("instructions, %", [e.instructions for e in shown], 100.0),
        ("flash, %", [e.flash_bytes for e in shown], 100.0),
    ]
    axes = figure.subplots(1, len(panels), sharey=True)
    for panel, (title, intervals, scale) in zip(axes, panels, strict=True):
        _bars(panel, intervals, scale)
        panel.set_title(title, loc="left", fontsize=10)
    axes[0].set(yticks=range(len(shown)), yticklabels=[label(effect) for effect in shown])
    axes[0].invert_yaxis()
    figure.suptitle(f"{found.recipe}: effect of each choice, by linear regression", x=0.01, ha="left")
    return _save(figure, folder / "effects.svg")


def label(effect: Effect) -> str:
    """Returns e.g. "alpha 0.5 (against 0.25)"."""
    return f"{effect.choice.rpartition('.')[2]} {effect.option} (against {effect.against})"


def _bars(axes: Axes, intervals: Sequence[Interval | None], scale: float) -> None:
    for row, interval in enumerate(intervals):
        if interval is None:
            continue
        value = scale * interval.value
        sure = interval.low is not None and interval.high is not None and interval.low * interval.high > 0
        axes.barh(row, value, color=_BEST if sure else _REST, height=0.62)
        if interval.low is not None and interval.high is not None:
            ends = [[value - scale * interval.low], [scale * interval.high - value]]
            axes.errorbar(value, row, xerr=ends, color="#1c2127", linewidth=1, capsize=2)
    axes.axvline(0, color="#1c2127", linewidth=0.8)
    axes.grid(alpha=0.3, axis="x")


def _areas(trials: Sequence[Trial]) -> dict[int, float]:
    sizes = {t.number: t.cost.flash_bytes for t in trials if t.cost}
    low, high = min(sizes.values()), max(sizes.values())
    span = (high - low) or 1
    return {n: _AREA[0] + (size - low) / span * (_AREA[1] - _AREA[0]) for n, size in sizes.items()}


def _dots(axes: Axes, trials: Sequence[Trial], areas: Sequence[float], colour: str, name: str) -> None:
    axes.scatter(
        [t.cost.instructions for t in trials if t.cost], [t.value or 0.0 for t in trials], s=list(areas),
        color=colour, alpha=0.75, edgecolors="white", linewidths=0.6, label=name, zorder=2,
    )  # fmt: skip


def _save(figure: Figure, path: Path) -> Path:
    from matplotlib import rc_context

    metadata = {"Date": None} if path.suffix == ".svg" else {"Software": None}
    with rc_context({"svg.hashsalt": "edgekit"}), files.replacing(path) as temporary:
        figure.savefig(temporary, format=path.suffix[1:], dpi=150, metadata=metadata)
    return path
