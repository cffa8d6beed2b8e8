"""Distillation: a network trains on, towards the answers of a better one beside the labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import Field

from edgekit import files
from edgekit.errors import InputError, Problem
from edgekit.recipes.base import Recipe
from edgekit.training.examples import Examples
from edgekit.training.objective import Objective
from edgekit.training.steps.base import Applied, Context, Step, StepParams
from edgekit.training.tasks.base import only

if TYPE_CHECKING:
    import keras


class DistilParams(StepParams):
    """Settings of distillation."""

    teacher: str = Field(
        "", description="run folder of the teacher; empty = the network before any compression"
    )
    temperature: float = Field(4.0, gt=0, description="above 1 the teacher's answers are softened")
    share: float = Field(
        0.5, ge=0, le=1, description="of the teacher's part in the loss; the labels have the rest"
    )
    epochs: int = Field(10, ge=1)
    learning_rate: float | None = Field(None, gt=0, description="none = the recipe's")


class Distil(Step):
    """Trains towards a teacher's logits; what helps after pruning is the network before it."""

    summary = "trains towards the answers of the network before compression, or of another one"
    Params = DistilParams

    def check(self, params: DistilParams, recipe: Recipe) -> Iterator[Problem]:
        """Yields that there are no logits to learn, or no such teacher."""
        if recipe.task != "classification":
            yield Problem(
                "", "distil learns a classifier's answers", "task classification", recipe.task,
                "leave it out: prune and qat train again with the task's own loss",
            )  # fmt: skip
        if params.teacher and not (Path(params.teacher) / "model.keras").is_file():
            yield Problem("teacher", "is no trained run", "a folder with model.keras", params.teacher)

    def apply(self, model: keras.Model, params: DistilParams, context: Context) -> Applied:
        """Returns the same network, trained further; see `Step.apply`.

        Raises:
            InputError: The teacher has other classes or takes other inputs.
        """
        from edgekit.training.runtime import load_model

        path = Path(params.teacher) / "model.keras" if params.teacher else context.origin
        teacher = load_model(path)
        _check(teacher, model, path, context.recipe)
        objective = _objective(teacher, files.sha256(path), params, context)
        rate = params.learning_rate or context.recipe.training.learning_rate
        fitted = context.fine_tune(model, params.epochs, rate, objective=objective)
        return Applied(fitted.model, {"teacher": path.parent.name, "best epoch": fitted.best_epoch})


def _check(teacher: keras.Model, model: keras.Model, path: Path, recipe: Recipe) -> None:
    found = [(tuple(m.input_shape[1:]), m.output_shape[-1]) for m in (model, teacher)]
    if found[0] != found[1]:
        raise InputError(
            where=f"teacher {path.parent}", what="takes or gives something else than the student",
            expected=f"input and classes {found[0]}", found=str(found[1]),
        )  # fmt: skip
    config = path.parent / "config.yaml"
    tree = yaml.safe_load(config.read_text(encoding="utf-8")) if config.is_file() else {}
    classes = tree.get("classes", recipe.classes) if isinstance(tree, dict) else recipe.classes
    if classes != recipe.classes:
        raise InputError(
            where=f"teacher {path.parent}", what="has other classes", expected=", ".join(recipe.classes),
            found=", ".join(map(str, classes)),
        )  # fmt: skip


def _objective(teacher: keras.Model, digest: str, params: DistilParams, context: Context) -> Objective:
    """Returns the task's objective with the teacher's logits behind the one-hot labels."""
    import keras

    from edgekit.training.distil import logit_loss, mixed_loss
    from edgekit.training.evaluate import predict_float
    from edgekit.training.targets import Targets

    own = context.task.objective(context.recipe, context.examples("train"))
    classes = len(context.recipe.classes)

    def answers(inputs: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        logits: NDArray[np.float32] = only(predict_float(teacher, np.stack(inputs)), "logits")
        return logits

    def targets(examples: Examples) -> NDArray[np.float32]:
        cache = Targets("run", digest, classes, answers)
        cache.add(examples.x)
        return np.concatenate([np.asarray(own.targets(examples)), cache.all()], axis=1)

    def accuracy(target: Any, logits: Any) -> Any:
        return keras.metrics.categorical_accuracy(target[:, :classes], logits)

    loss = mixed_loss(own.loss.call, logit_loss(params.temperature), classes, params.share)
    settings = {"temperature": params.temperature, "share": params.share}
    return replace(own, loss=loss, targets=targets, metrics=[accuracy], settings=settings)


STEP = Distil()
