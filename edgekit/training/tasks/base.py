"""The contract of a task: how its networks are built, fitted and scored.

The board's answers are scored where no TensorFlow is installed, so a task's module imports it, as
scikit-learn, inside functions alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from edgekit.data.base import Record
from edgekit.errors import InputError, Problem, did_you_mean
from edgekit.manifest import Manifest
from edgekit.recipes.base import Recipe
from edgekit.registry import Registry
from edgekit.report.folder import Scores, TaskScore
from edgekit.training.examples import Examples
from edgekit.training.objective import Objective, Outputs

if TYPE_CHECKING:
    import keras

Predict = Callable[[NDArray[np.float32]], Outputs]
Splits = Callable[[str], Examples]


@dataclass(frozen=True, slots=True)
class Score:
    """How well a model does its task.

    Args:
        value: The task's metric.
        n: Examples that it was measured on.
        rows: What it is made of, for a table: one flat mapping per part, with the same keys.
        classes: Of a classifier: accuracy, F1 and confusion.
        drawing: What only the task's pictures need.
        counts: The same in whole numbers, for tables; "" where there are none.
    """

    value: float
    n: int
    rows: Sequence[Mapping[str, str | int | float | None]] = ()
    classes: Scores | None = None
    drawing: Any = None
    counts: str = ""

    @property
    def record(self) -> TaskScore:
        """The score as metrics.json holds it."""
        return TaskScore(value=self.value, n=self.n, rows=[dict(row) for row in self.rows])


@dataclass(frozen=True, slots=True)
class Measured:
    """How well the answers to some vectors do the task.

    Args:
        value: The task's metric, or another figure that single vectors allow.
        confusion: int64 [classes, classes], rows true; None where there is none.
        metric: Name of that figure; "" = the task's metric.
        more: Further figures by name; None where there is nothing to divide by.
    """

    value: float
    confusion: NDArray[np.int64] | None = None
    metric: str = ""
    more: Mapping[str, float | None] = field(default_factory=dict)


class Task(ABC):
    """What a network is for.

    Class attributes:
        title: In words.
        metric: Name of the figure that counts, e.g. "accuracy".
        higher_is_better: Its direction.
        split: Name of a further split that `examine` fills; "" = none.
    """

    title: ClassVar[str]
    metric: ClassVar[str]
    higher_is_better: ClassVar[bool] = True
    split: ClassVar[str] = ""

    def check(self, recipe: Recipe) -> Iterator[Problem]:
        """Yields what is wrong with a recipe for this task; `where` is a dotted key."""
        yield from ()

    def examine(self, recipe: Recipe, records: Iterable[Record]) -> Iterator[Record]:
        """Yields what the task is scored on beside the test split, made of the test subjects' records.

        Args:
            recipe: Resolved.
            records: All of those subjects.
        """
        yield from ()

    def build(self, recipe: Recipe, input_shape: tuple[int, ...]) -> keras.Model:
        """Returns the untrained network of a recipe; one output per class unless a task needs another.

        Args:
            recipe: Resolved.
            input_shape: Extents of one example, without batch.
        """
        from edgekit.training.runtime import build_model

        model = recipe.model
        return build_model(model.name, model.params, input_shape, len(recipe.classes), recipe.training.seed)

    @abstractmethod
    def objective(self, recipe: Recipe, train: Examples) -> Objective:
        """Returns what a fit minimises and watches.

        Args:
            recipe: Whose training section is that of this fit.
            train: The examples to fit, not yet checked; class weights come from them.
        """

    def finish(self, model: keras.Model, recipe: Recipe, examples: Splits) -> None:
        """Sets what is fitted in closed form, after each training of the network.

        Args:
            model: Trained; changed in place.
            recipe: Of the run.
            examples: Gives a split by name.
        """
        return

    @abstractmethod
    def score(self, recipe: Recipe, predict: Predict, examples: Splits) -> Score:
        """Returns how well a model does on the test subjects.

        Args:
            recipe: Of the run.
            predict: The float or the quantised model: float32 [n, *input_shape] to real outputs by name.
            examples: Gives a split by name.
        """

    def draw(self, recipe: Recipe, scores: Mapping[str, Score], folder: Path) -> None:
        """Draws pictures for the report.

        Args:
            recipe: Of the run.
            scores: By what is written over the picture, e.g. "float" and "INT8".
            folder: Where the .svg files go.
        """
        return

    def vector_targets(
        self, recipe: Recipe, predict: Predict, examples: Splits
    ) -> NDArray[np.float32] | None:
        """Returns what the board's answers to the test split are scored against besides labels, or None.

        Args:
            recipe: Of the run.
            predict: The float model.
            examples: Gives a split by name.

        Returns:
            float32 [n, ...].
        """
        return None

    def measure(
        self,
        exported: Manifest,
        labels: NDArray[np.int64] | None,
        targets: NDArray[np.float32] | None,
        outputs: Mapping[str, NDArray[Any]],
    ) -> Measured | None:
        """Returns how well answers to vectors do; None where the vectors say nothing of the task.

        Args:
            exported: With classes, and the outputs' scales.
            labels: int64 [n], or None.
            targets: As `vector_targets` gave them, or None.
            outputs: By name, [n, ...] in the tensor's own type.
        """
        return None


REGISTRY: Registry[Task] = Registry(
    kind="tasks",
    attribute="TASK",
    type=Task,  # type: ignore[type-abstract]
    package="edgekit.training.tasks",
)


def of(recipe: Recipe) -> Task:
    """Returns a recipe's task.

    Raises:
        InputError: It is unknown, or the recipe does not suit it; all faults at once.
    """
    if not recipe.task.endswith(".py") and recipe.task not in REGISTRY.keys():
        raise InputError(
            where=f"{recipe.name}: task",
            what=f"unknown task '{recipe.task}'",
            hint=did_you_mean(recipe.task, REGISTRY.keys()),
        )
    task = REGISTRY.get(recipe.task)
    problems = [
        Problem(f"{recipe.name}: {p.where}", p.what, p.expected, p.found, p.hint) for p in task.check(recipe)
    ]
    if problems:
        raise InputError(problems)
    return task


def only(outputs: Mapping[str, Any], name: str) -> Any:
    """Returns the output `name`, or the only one of a model that has no other.

    Args:
        outputs: By name.
        name: E.g. "logits".
    """
    return next(iter(outputs.values())) if len(outputs) == 1 else outputs[name]
