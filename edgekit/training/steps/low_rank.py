"""Low rank with training after it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pydantic import Field

from edgekit.errors import InputError
from edgekit.training.low_rank import LowRankConfig
from edgekit.training.steps.base import Applied, Context, Step

if TYPE_CHECKING:
    import keras


class LowRankParams(LowRankConfig):
    """Settings of the decomposition, and of the training that follows."""

    epochs: int = Field(10, ge=0, description="of training after it; 0 = none")
    learning_rate: float | None = Field(None, gt=0, description="of that training; none = the recipe's")


class LowRankStep(Step):
    """Makes two layers of low rank of one and trains them."""

    summary = "splits dense layers and convolutions of one pixel into two of low rank, and trains them"
    Params = LowRankParams

    def apply(self, model: keras.Model, params: LowRankParams, context: Context) -> Applied:
        """Returns the model of low rank; see `Step.apply`.

        Raises:
            InputError: No layer is worth it at this rank or energy.
        """
        from edgekit.training.evaluate import predict_float
        from edgekit.training.low_rank import low_rank

        task = context.task

        def score(model: keras.Model) -> float:
            return task.score(context.recipe, partial(predict_float, model), context.examples).value

        found = low_rank(model, params)
        if not found.report.layers:
            raise InputError(
                where="low-rank", what="no layer would cost less",
                hint="a lower rank or energy, a smaller granularity, or other layers to include",
            )  # fmt: skip
        report = found.report.as_json()
        report["before"][task.metric] = score(model)
        facts, made = {f"{task.metric} before training": score(found.model)}, found.model
        if params.epochs:
            rate = params.learning_rate or context.recipe.training.learning_rate
            made = context.fine_tune(made, params.epochs, rate).model
        report["after"][task.metric] = score(made)
        return Applied(made, report | facts)


STEP = LowRankStep()
