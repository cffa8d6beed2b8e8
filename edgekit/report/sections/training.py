"""How training went: loss and accuracy by epoch."""

from collections.abc import Mapping, Sequence

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
    best, why = _kept(run, history)
    names = dict.fromkeys(name.removeprefix("val_") for name in history if name != "learning_rate")
    for name in names:  # some are only known of the validation data
        curves = [
            Curve(label, css, history[key])
            for key, label, css in ((name, "training", "k0"), (f"val_{name}", "validation", "k1"))
            if key in history
        ]
        title = text.heading(name.replace("_", " ")) + tag
        drawn = lines(title, "epoch", curves, best) if curves else None
        if drawn:
            pictures.append(drawn)
    words = text.plural(epochs, "epoch") + "."
    if best is not None:
        words += f" {why} The dots mark it."
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


def _kept(run: Run, history: Mapping[str, Sequence[float]]) -> tuple[int | None, str]:
    """Returns the epoch, from 0, whose weights were kept, or else that of the lowest loss, and why."""
    kept, watched = run.provenance.get("best_epoch"), run.provenance.get("watched")
    if isinstance(kept, int) and isinstance(watched, str) and 0 < kept <= len(history.get(watched, [])):
        name = watched.removeprefix("val_").replace("_", " ")
        return kept - 1, f"Epoch {kept} is kept, the best by {name} on validation subjects."
    losses = history.get("val_loss", [])
    finite = [(value, epoch) for epoch, value in enumerate(losses) if value == value]
    if not finite:
        return None, ""
    best = min(finite)[1]
    return best, f"The validation loss is lowest after epoch {best + 1}."


SECTION = Section(order=20, title="Training", blocks=_blocks, replaces=("history", "curves", "training"))
