"""A picture of examples, as SVG that repeats to the byte."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit import files

_MOST_COLUMNS = 4


def plot_examples(
    examples: Iterable[tuple[str, NDArray[np.float32]]], rate_hz: float, path: Path, title: str
) -> None:
    """Draws examples in a row per class, in the order in which the classes appear.

    Args:
        examples: (class, float32 [n], or [items, values] such as a spectrogram); of a class
            the first four at most are drawn.
        rate_hz: Samples or items per second.
        path: SVG file to write.
        title: Text above the picture.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    rows: dict[str, list[NDArray[np.float32]]] = defaultdict(list)
    for label, signal in examples:
        if len(rows[label]) < _MOST_COLUMNS:
            rows[label].append(signal)
    columns = max((len(signals) for signals in rows.values()), default=1)
    figure = Figure(figsize=(max(6.0, 5.2 * columns), 1.5 * max(len(rows), 1) + 0.8), layout="constrained")
    figure.suptitle(title, fontsize=11)
    for row, (label, signals) in enumerate(rows.items()):
        for column, signal in enumerate(signals):
            axes = figure.add_subplot(len(rows), columns, row * columns + column + 1)
            if signal.ndim == 2:
                extent = (0.0, len(signal) / rate_hz, 0.0, float(signal.shape[1]))
                axes.imshow(signal.T, cmap="magma", aspect="auto", origin="lower", extent=extent)
            else:
                axes.plot(np.arange(signal.size) / rate_hz, signal, color="black", linewidth=0.7)
                axes.margins(x=0)
                axes.grid(alpha=0.3)
            axes.tick_params(labelsize=7)
            axes.spines[["top", "right"]].set_visible(False)
            if column == 0:
                axes.set_ylabel(label, fontweight="bold")
            if row == len(rows) - 1:
                axes.set_xlabel("seconds")
    with rc_context({"svg.hashsalt": "edgekit"}), files.replacing(path) as temporary:
        figure.savefig(temporary, format="svg", metadata={"Date": None})
