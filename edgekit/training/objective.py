"""What a fit minimises, and what it watches: the part of training that a task or a step decides."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import InputError, Problem
from edgekit.training.examples import Examples

Array = np.ndarray[Any, Any]
Targets = Array | Sequence[Any] | Mapping[str, Any]
"""What the loss takes beside the outputs: one array, or one per output as the model is built."""
Outputs = Mapping[str, NDArray[np.float32]]
"""What a model says, by the name of the output; the only output of a model is called "output"."""


def _ones(examples: Examples) -> NDArray[np.float32]:
    return np.ones(len(examples.x), np.float32)


def _sound(splits: Mapping[str, Examples]) -> Iterator[Problem]:
    yield from ()


@dataclass(frozen=True)
class Objective:
    """A loss with its targets and weights, and the figure that names the best epoch.

    Args:
        loss: What `keras.Model.compile` takes: one loss, or one per output.
        targets: Gives the targets of a split, one row per example; they may come from a cache on disk.
        weights: Gives the weight of each example, float32 [n].
        loss_weights: Of the outputs' losses, as `compile` takes them.
        metrics: As `compile` takes them; each is a column of the history.
        augment: Changes a batch and its targets alike, (x, targets, rng) -> (x, targets), after the
            recipe's own augmentation.
        encode: Makes of a batch's targets what the loss takes, after augmentation; where targets are large
            or augmentation must see them in another form.
        measure: Further figures of the validation split after each epoch, (outputs, examples) -> by name;
            their columns begin with "val_".
        watch: Column of the history that names the best epoch and stops early.
        higher_is_better: Direction of `watch`.
        faults: Says what is wrong with the examples, beside what holds for every objective.
        settings: JSON values that the loss depends on beyond the targets: another fit's checkpoint is not
            taken up.
    """

    loss: Any
    targets: Callable[[Examples], Targets]
    weights: Callable[[Examples], NDArray[np.float32]] = _ones
    loss_weights: Any = None
    metrics: Any = None
    augment: Callable[[Array, Targets, np.random.Generator], tuple[Array, Targets]] | None = None
    encode: Callable[[Targets], Targets] | None = None
    measure: Callable[[Outputs, Examples], Mapping[str, float]] | None = None
    watch: str = "val_loss"
    higher_is_better: bool = False
    faults: Callable[[Mapping[str, Examples]], Iterator[Problem]] = _sound
    settings: Mapping[str, Any] = field(default_factory=dict)

    def encoded(self, targets: Targets) -> Targets:
        """Returns what the loss takes."""
        return self.encode(targets) if self.encode else targets


@dataclass(frozen=True)
class Split:
    """Examples with what an objective makes of them.

    Args:
        examples: As given.
        targets: One row per example.
        weights: float32 [n].
    """

    examples: Examples
    targets: Targets
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, examples: Examples, objective: Objective, name: str) -> Split:
        """Returns the split, its targets checked.

        Args:
            examples: Of the split.
            objective: That gives targets and weights.
            name: Of the split, for messages.

        Raises:
            InputError: Targets or weights of another number than the examples, or not finite.
        """
        split = cls(examples, objective.targets(examples), objective.weights(examples))
        problems = []
        for array in (*arrays(split.targets), split.weights):
            if len(array) != len(examples.x):
                problems.append(
                    Problem(f"split '{name}'", "targets and examples differ in number",
                            str(len(examples.x)), str(len(array)))
                )  # fmt: skip
            elif array.dtype.kind == "f" and not np.isfinite(array).all():
                problems.append(Problem(f"split '{name}'", "targets hold NaN or infinity"))
        if problems:
            raise InputError(problems)
        return split

    def hash(self) -> str:
        """Returns a hash of inputs, targets and weights."""
        digest = hashlib.sha256()
        for array in (self.examples.x, *arrays(self.targets), self.weights):
            digest.update(f"{array.dtype} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


def settings_json(objective: Objective) -> str:
    """Returns what, beside the data, two fits must share to be the same one."""
    return json.dumps([objective.watch, objective.higher_is_better, dict(objective.settings)], sort_keys=True)


def arrays(targets: Targets) -> list[Array]:
    """Returns the arrays of (nested) targets, in a fixed order."""
    if isinstance(targets, np.ndarray):
        return [targets]
    parts = targets.values() if isinstance(targets, Mapping) else targets
    return [array for part in parts for array in arrays(part)]


def take(targets: Targets, rows: Any) -> Targets:
    """Returns some rows of every array, nested as before."""
    if isinstance(targets, np.ndarray):
        rows_of: Array = targets[rows]
        return rows_of
    if isinstance(targets, Mapping):
        return {name: take(part, rows) for name, part in targets.items()}
    return [take(part, rows) for part in targets]


def named(outputs: Any, names: Sequence[str]) -> dict[str, Any]:
    """Returns what a Keras model gave, arrays or tensors, by the outputs' names.

    Args:
        outputs: One array, a list or a mapping of arrays.
        names: The model's `output_names`.
    """
    if isinstance(outputs, Mapping):
        return dict(outputs)
    if isinstance(outputs, (list, tuple)):
        return dict(zip(names, outputs, strict=True))
    return {"output": outputs}
