"""How well the task is done on labelled vectors: the board beside the PC."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.manifest import Manifest
from edgekit.pipeline.vectors import Vectors
from edgekit.quant import dequantize
from edgekit.report.parts import Task, TaskFigure
from edgekit.training.tasks import base as tasks


def task(
    exported: Manifest, given: Vectors, board: Mapping[str, NDArray[Any]], pc: Mapping[str, NDArray[Any]]
) -> Task | None:
    """Returns the metric on the board and on the PC; None where the vectors say nothing of the task.

    Args:
        exported: With the task where a recipe named one, and class labels where it is a classifier.
        given: With labels (the class of each vector) or targets (what the output should be, in its unit).
        board, pc: Outputs by name, [n, ...].
    """
    known = tasks.REGISTRY.get(exported.task or "classification")
    found, expected = (known.measure(exported, given.labels, given.targets, values) for values in (board, pc))
    if found is not None and expected is not None:
        more = [
            TaskFigure(metric=name, value=value, pc_value=expected.more.get(name))
            for name, value in found.more.items()
        ]
        return Task(metric=found.metric or known.metric, value=found.value, pc_value=expected.value,
                    more=more, **_confusion(exported, found, expected))  # fmt: skip
    if len(exported.outputs) != 1:
        return None
    outputs = [next(iter(board.values())), pc[exported.outputs[0].name]]
    if given.targets is not None and given.targets.size == outputs[0].size:
        return _regression(exported, given.targets, outputs)
    return None


def _confusion(exported: Manifest, found: tasks.Measured, expected: tasks.Measured) -> dict[str, Any]:
    if found.confusion is None or expected.confusion is None:
        return {}
    return {
        "macro_f1": macro_f1(found.confusion),
        "pc_macro_f1": macro_f1(expected.confusion),
        "classes": exported.labels,
        "confusion": found.confusion.tolist(),
        "pc_confusion": expected.confusion.tolist(),
    }


def macro_f1(confusion: NDArray[np.int64]) -> float:
    """Returns the mean F1 over the classes that are there, true or predicted.

    Args:
        confusion: int64 [classes, classes], rows true.
    """
    both = confusion.sum(0) + confusion.sum(1)
    return float((2 * np.diag(confusion)[both > 0] / both[both > 0]).mean())


def _regression(exported: Manifest, targets: NDArray[np.float32], outputs: list[NDArray[Any]]) -> Task:
    tensor = exported.outputs[0]
    errors = []
    for values in outputs:
        reals = dequantize(values, tensor.scale, tensor.zero_point) if tensor.scale else values
        errors.append(float(np.abs(reals.reshape(-1) - targets.reshape(-1)).mean()))
    return Task(metric="mean absolute error", value=errors[0], pc_value=errors[1])
