"""Further training of a trained model: what a compression step calls, resumable as the first training."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgekit import validation
from edgekit.recipes.base import Recipe, TrainingConfig
from edgekit.training.examples import Examples
from edgekit.training.objective import Objective
from edgekit.training.tasks.base import Task

if TYPE_CHECKING:
    import keras

    from edgekit.training.fit import Fitted


class Tuner:
    """Fits models to the task's objective; the n-th call keeps its state in `folder`/fit-<n>.

    Args:
        recipe: Of the run; its training section is changed by each call.
        task: The recipe's.
        examples: Gives a split by name.
        folder: Where the fits lie. The calls must come in the same order when a killed run goes on.
        seed: Of the order of the data and of augmentation.
    """

    def __init__(
        self, recipe: Recipe, task: Task, examples: Callable[[str], Examples], folder: Path, seed: int
    ) -> None:
        self._recipe, self._task, self._examples = recipe, task, examples
        self._folder, self._seed = folder, seed
        self._numbers = itertools.count(1)
        self.fits: list[Fitted] = []

    def __call__(
        self,
        model: keras.Model,
        epochs: int,
        learning_rate: float,
        *,
        objective: Objective | None = None,
        before_epoch: Callable[[int], None] | None = None,
        **settings: Any,
    ) -> Fitted:
        """Fits `model` in place and leaves it with the weights of its best epoch.

        Args:
            model: What to train; it may have more outputs than the deployed one where `objective` says
                what to do with them.
            epochs: At most so many.
            learning_rate: At the peak of the schedule.
            objective: In place of the task's.
            before_epoch: As `fit` takes it.
            **settings: Other keys of the recipe's training section, for this fit.

        Raises:
            InputError: Unknown settings or wrong values; the rest as `fit`.
        """
        from edgekit.training.fit import fit

        changes = {"seed": self._seed, **settings, "epochs": epochs, "learning_rate": learning_rate}
        config = validation.parse(
            TrainingConfig, {**self._recipe.training.model_dump(), **changes}, "training of a step"
        )
        train, judged = self._examples("train"), self._examples("validation")
        if objective is None:
            objective = self._task.objective(self._recipe.model_copy(update={"training": config}), train)
        folder = self._folder / f"fit-{next(self._numbers)}"
        folder.mkdir(parents=True, exist_ok=True)
        fitted = fit(model, objective, config, train, judged, folder, before_epoch)
        self.fits.append(fitted)
        return fitted
