"""What is kept of each epoch: history.csv, and the same curves for TensorBoard."""

from __future__ import annotations

import shutil
from pathlib import Path

from edgekit import files

Epoch = dict[str, float]
"""One row of history.csv: epoch, loss, the objective's metrics, the same with `val_`, learning_rate.

Losses are weighted as the objective says, metrics are not.
"""


class Mean:
    """Mean of each figure over batches, by their size."""

    def __init__(self) -> None:
        self.n = 0
        self._sums: dict[str, float] = {"loss": 0.0}  # the first column

    def add(self, batch: dict[str, float], n: int) -> None:
        """Adds the figures of a batch of `n` examples."""
        self.n += n
        for name, value in batch.items():
            self._sums[name] = self._sums.get(name, 0.0) + float(value) * n

    @property
    def values(self) -> dict[str, float]:
        """The means, by name; the loss comes first."""
        return {name: value / self.n for name, value in self._sums.items()}


class Curves:
    """TensorBoard's files in a folder; what was there goes.

    Args:
        folder: Created when the first epoch is added.
    """

    def __init__(self, folder: Path) -> None:
        import tensorflow as tf

        shutil.rmtree(folder, ignore_errors=True)
        self._writer = tf.summary.create_file_writer(str(folder))

    def add(self, row: Epoch) -> None:
        """Adds an epoch; each of its figures is a curve."""
        import tensorflow as tf

        with self._writer.as_default(step=int(row["epoch"])):
            for name, value in row.items():
                if name != "epoch":
                    tf.summary.scalar(name, value)
        self._writer.flush()


def write_history(path: Path, history: list[Epoch]) -> None:
    """Writes history.csv: a header, then one row per epoch with nine significant digits."""
    lines = [",".join(history[0])] if history else []
    lines += [",".join(f"{value:.9g}" for value in row.values()) for row in history]
    files.write_text(path, "\n".join(lines) + "\n")
