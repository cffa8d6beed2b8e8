"""How training went: loss and accuracy by epoch."""

from collections.abc import Sequence

from edgekit.report import text
from edgekit.report.blocks import Block, Columns, Picture, Prose, Table
from edgekit.report.charts.lines import Curve, lines
from edgekit.report.read import Run
from edgekit.report.sections.base import Section

_MAX_ROWS = 200


def _blocks(run: Run) -> Sequence[Block]:
    history = {name: values for name, values in run.history.items() if name != "epoch"}
    epochs = max((len(values) for values in history.values()), default=0)
    if epochs == 0:
        return []
    tag = ", synthetic data" if run.synthetic else ""
    pictures: list[Picture] = []
    best = _best(history.get("val_loss", []))
    names = dict.fromkeys(name.removeprefix("val_") for name in history if name != "learning_rate")
    for name in names:  # some are only known of the validation data
        curves = [
            Curve(label, css, history[key])
            for key, label, css in ((name, "training", "k0"), (f"val_{name}", "validation", "k1"))
            if key in history
        ]
        drawn = lines(f"{text.heading(name)}{tag}", "epoch", curves, best) if curves else None
        if drawn:
            pictures.append(drawn)
    words = text.plural(epochs, "epoch") + "."
    if best is not None:
        words += f" The validation loss is lowest after epoch {best + 1}, which the dots mark."
    blocks: list[Block] = [Prose(words), Columns(pictures)]
    stride = max(1, -(-epochs // _MAX_ROWS))
    rows = [
        [str(epoch + 1), *(f"{values[epoch]:.4g}" for values in history.values() if epoch < len(values))]
        for epoch in range(0, epochs, stride)
    ]
    blocks.append(
        Table(
            "Every epoch" if stride == 1 else f"Every {stride}th epoch",
            ("epoch", *history),
            rows,
            folded=True,
        )
    )
    return blocks


def _best(losses: Sequence[float]) -> int | None:
    finite = [(value, epoch) for epoch, value in enumerate(losses) if value == value]
    return min(finite)[1] if finite else None


SECTION = Section(order=20, title="Training", blocks=_blocks, replaces=("history", "curves", "training"))
