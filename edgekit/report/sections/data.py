"""The data: how much of each class in each split, by subject."""

from collections.abc import Sequence

from edgekit.report import text
from edgekit.report.blocks import Block, Cell, Group, Prose, Table
from edgekit.report.charts import bar
from edgekit.report.folder import DataSummary
from edgekit.report.read import Run
from edgekit.report.sections.base import Section

_MAX_SKIPPED = 20
_MAX_BARS_CLASSES = 8  # beyond it colours repeat and the table says it better


def _blocks(run: Run) -> Sequence[Block]:
    data = run.data
    if data is None:
        return []
    kind = "Synthetic data" if data.synthetic else "Data"
    frames = sum(c.frames for split in data.counts.values() for c in split.values())
    amount = text.plural(frames, "frame")
    if data.pictures:
        objects = sum(c.boxes or 0 for split in data.counts.values() for c in split.values())
        amount = f"{text.plural(sum(data.pictures.values()), 'picture')}, {text.count(objects)} boxes"
    words = f"{kind} from {data.dataset}: {amount}."
    if data.synthetic:
        words += " Figures that come from it say something about its generator, not about the world."
    blocks: list[Block] = [Prose(words, "warn" if data.synthetic else "")]
    palette = bar.colours(data.classes)
    if len(data.classes) <= _MAX_BARS_CLASSES:
        blocks += _bars(data, palette)
    blocks.append(_table(data, palette))
    if data.pictures:
        blocks.append(_boxes(data, palette))
    if data.skipped:
        blocks.append(
            Group(
                f"{text.plural(len(data.skipped), 'record')} skipped",
                [
                    Table(
                        "",
                        ("record", "why"),
                        [(s.where, s.what) for s in data.skipped[:_MAX_SKIPPED]],
                        text=True,
                    )
                ],
            )
        )
    return blocks


def _bars(data: DataSummary, palette: dict[str, str]) -> list[Block]:
    amounts = {
        split: [(c, n.frames) for c, n in counts.items() if c in palette]
        for split, counts in data.counts.items()
    }
    longest = max((sum(n for _, n in parts) for parts in amounts.values()), default=0)
    tag = " (synthetic)" if data.synthetic else ""
    made: list[Block] = []
    for split, parts in amounts.items():
        number = text.count(sum(n for _, n in parts)) + " frames"
        if data.pictures:  # one may show several classes, or none
            number = f"{text.count(data.pictures.get(split, 0))} pictures, by class"
        made.append(bar.stacked(f"{split}{tag}: {number}", parts, palette, longest))
    return made


def _table(data: DataSummary, palette: dict[str, str]) -> Table:
    splits = list(data.counts)
    rows: list[list[str | Cell]] = []
    for name in data.classes:
        row: list[str | Cell] = [Cell(name, swatch=palette[name])]
        for split in splits:
            found = data.counts[split].get(name)
            row.append(_amount(found.frames, found.subjects) if found else Cell("0", "muted"))
        rows.append(row)
    caption = "Frames (subjects) of each class in each split" + (", synthetic" if data.synthetic else "")
    return Table(caption, ("class", *splits), rows)


def _boxes(data: DataSummary, palette: dict[str, str]) -> Table:
    """Returns how many boxes there are, and how many in a picture."""
    rows: list[list[str | Cell]] = []
    for name in data.classes:
        found = [data.counts[split].get(name) for split in data.counts]
        rows.append(
            [Cell(name, swatch=palette[name]), *(text.count(one.boxes or 0 if one else 0) for one in found)]
        )
    rows.append(["pictures", *(text.count(data.pictures.get(split, 0)) for split in data.counts)])
    total = {split: sum(one.boxes or 0 for one in counts.values()) for split, counts in data.counts.items()}
    rows.append(
        ["boxes in a picture",
         *(f"{number / max(1, data.pictures.get(split, 0)):.2f}" for split, number in total.items())]
    )  # fmt: skip
    caption = "Boxes of each class in each split" + (", synthetic" if data.synthetic else "")
    return Table(caption, ("class", *data.counts), rows)


def _amount(frames: int, subjects: int | None) -> str:
    return text.count(frames) + (f" ({text.count(subjects)})" if subjects is not None else "")


SECTION = Section(order=10, title="Data", blocks=_blocks, plots=("examples", "data"))
