"""Counts of pictures and boxes, and two figures: their distributions, and a sheet with the boxes drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit import files
from edgekit.data.pictures import Box, Picture

_SMALL, _LARGE = 32, 96  # side of a square in pixels, as in COCO's metric
_SIDES = np.array([0, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512, np.inf])
_ASPECTS = np.array([0, 0.25, 0.5, 0.67, 0.8, 1.25, 1.5, 2, 4, np.inf])
_COLUMNS = 4
_MOST_PIXELS = 640  # of a picture's longer side on the sheet


def statistics(pictures: Sequence[Picture]) -> dict[str, Any]:
    """Returns what there is, as JSON holds it.

    Args:
        pictures: Any; their pixels are not read.

    Returns:
        Numbers of pictures, subjects, pictures without boxes, boxes, and boxes that are ignored; by
        class: boxes, pictures, and boxes of COCO's three sizes; histograms (`edges`, `counts`; null
        is infinity) of boxes per picture, of side (root of width x height, pixels) and of aspect
        (width / height).
    """
    wanted = [[box for box in picture.boxes if not box.ignored] for picture in pictures]
    boxes = [box for part in wanted for box in part]
    labels = sorted({box.label for box in boxes})
    per_picture = Counter(map(len, wanted))
    return {
        "pictures": len(pictures),
        "subjects": len({picture.subject for picture in pictures}),
        "without_boxes": per_picture[0],
        "boxes": len(boxes),
        "ignored": sum(len(picture.boxes) for picture in pictures) - len(boxes),
        "sizes": {f"{w} x {h}": n for (w, h), n in _most((p.width, p.height) for p in pictures)},
        "classes": {label: _of_class(label, wanted) for label in labels},
        "boxes_per_picture": {str(count): number for count, number in sorted(per_picture.items())},
        "side": _histogram([side(box) for box in boxes], _SIDES),
        "aspect": _histogram([box.width / box.height for box in boxes], _ASPECTS),
    }


def side(box: Box) -> float:
    """Returns the side of the square of a box's area, in pixels."""
    return float((box.width * box.height) ** 0.5)


def _of_class(label: str, wanted: Sequence[Sequence[Box]]) -> dict[str, int]:
    sides = [side(box) for boxes in wanted for box in boxes if box.label == label]
    small, large = sum(one < _SMALL for one in sides), sum(one >= _LARGE for one in sides)
    return {
        "boxes": len(sides),
        "pictures": sum(any(box.label == label for box in boxes) for boxes in wanted),
        "small": small,
        "medium": len(sides) - small - large,
        "large": large,
    }


def _most(sizes: Iterable[tuple[int, int]]) -> list[tuple[tuple[int, int], int]]:
    return Counter(sizes).most_common(10)


def _histogram(values: Sequence[float], edges: NDArray[np.float64]) -> dict[str, list[float | None]]:
    counts = np.histogram(values, edges)[0]
    return {"edges": [float(e) if np.isfinite(e) else None for e in edges], "counts": counts.tolist()}


def plot(found: Mapping[str, Any], path: Path, title: str) -> None:
    """Draws classes, boxes per picture, sides and aspects, as SVG that repeats to the byte.

    Args:
        found: What `statistics` returned.
        path: SVG file to write.
        title: Text above the figure.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 6), layout="constrained")
    figure.suptitle(title, fontsize=11)
    axes = figure.subplots(2, 2).ravel()
    classes = sorted(found["classes"].items(), key=lambda item: -item[1]["boxes"])[:20]
    axes[0].barh(
        [label for label, _ in classes][::-1], [one["boxes"] for _, one in classes][::-1], color="0.35"
    )
    axes[0].set_xlabel("boxes")
    numbers = {int(count): number for count, number in found["boxes_per_picture"].items()}
    most = max(numbers, default=0)
    width = most // 30 + 1
    bins = np.arange(0, most + width + 1, width) - 0.5
    axes[1].hist(list(numbers), bins, weights=list(numbers.values()), color="0.35", rwidth=0.8)
    axes[1].set_xlabel("boxes in a picture")
    axes[1].set_ylabel("pictures")
    for position, key, text in ((2, "side", "side, pixels"), (3, "aspect", "width / height")):
        edges, counts = found[key]["edges"], found[key]["counts"]
        names = [f"≥ {low:g}" if high is None else f"{low:g}-{high:g}"
                 for low, high in pairwise(edges)]  # fmt: skip
        axes[position].bar(names, counts, color="0.35")
        axes[position].set_xlabel(text)
        axes[position].set_ylabel("boxes")
        axes[position].tick_params(axis="x", labelrotation=60)
    for one in axes:
        one.tick_params(labelsize=7)
        one.spines[["top", "right"]].set_visible(False)
    _save(figure, path, "svg")


def plot_sheet(pictures: Sequence[Picture], path: Path, title: str) -> None:
    """Draws pictures with their boxes: a colour per class, dashed where a box is ignored.

    Args:
        pictures: What is drawn; each is read once.
        path: PNG file to write.
        title: Text above the sheet.
    """
    from matplotlib import colormaps
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    rows = max(1, -(-len(pictures) // _COLUMNS))
    figure = Figure(figsize=(3 * _COLUMNS, 3 * rows + 0.5), layout="constrained")
    figure.suptitle(title, fontsize=11)
    labels = sorted({box.label for picture in pictures for box in picture.boxes})
    colours = {label: colormaps["tab10"](index % 10) for index, label in enumerate(labels)}
    for index, picture in enumerate(pictures):
        axes = figure.add_subplot(rows, _COLUMNS, index + 1)
        step = max(1, -(-max(picture.width, picture.height) // _MOST_PIXELS))
        extent = (0, picture.width, picture.height, 0)
        axes.imshow(picture.read()[::step, ::step], extent=extent, interpolation="nearest")
        for box in picture.boxes:
            axes.add_patch(
                Rectangle(
                    (box.x, box.y),
                    box.width,
                    box.height,
                    fill=False,
                    linewidth=0.8,
                    edgecolor=colours[box.label],
                    linestyle="--" if box.ignored else "-",
                )
            )
        axes.set_title(f"{picture.name}: {len(picture.boxes)}"[-48:], fontsize=6)
        axes.axis("off")
    handles = [Rectangle((0, 0), 1, 1, fill=False, edgecolor=colour) for colour in colours.values()]
    if 0 < len(handles) <= 20:
        figure.legend(handles, labels, loc="outside lower center", ncols=8, fontsize=7, frameon=False)
    _save(figure, path, "png")


def spread(pictures: Sequence[Picture], most: int) -> list[Picture]:
    """Returns at most `most` pictures, evenly spread, those with boxes first where there are enough."""
    pool = [picture for picture in pictures if picture.boxes] or list(pictures)
    count = min(most, len(pool))
    return [pool[index * len(pool) // count] for index in range(count)]


def _save(figure: Any, path: Path, kind: str) -> None:
    from matplotlib import rc_context

    metadata = {"Date": None} if kind == "svg" else {"Software": None}
    with rc_context({"svg.hashsalt": "edgekit"}), files.replacing(path) as temporary:
        figure.savefig(temporary, format=kind, dpi=110, metadata=metadata)
