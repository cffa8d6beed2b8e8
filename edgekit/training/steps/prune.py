"""Structured pruning with training after each round."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import Field

from edgekit import console
from edgekit.errors import InputError
from edgekit.training.prune.config import PruneConfig
from edgekit.training.steps.base import Applied, Context, Step

if TYPE_CHECKING:
    import keras


class PruneParams(PruneConfig):
    """Settings of pruning, and of the training that follows."""

    rounds: int = Field(1, ge=1, le=100, description="pruned and trained again so often, a little each time")
    epochs: int = Field(10, ge=0, description="of training after each round; 0 = none")
    learning_rate: float | None = Field(None, gt=0, description="of that training; none = the recipe's")


class Prune(Step):
    """Removes channels and trains what is left."""

    summary = "removes the channels that are worth least and trains the smaller network"
    Params = PruneParams

    def apply(self, model: keras.Model, params: PruneParams, context: Context) -> Applied:
        """Returns the pruned model; see `Step.apply`. The task's metric stands before and after training.

        Raises:
            InputError: The model is quantisation-aware.
        """
        from edgekit.training.evaluate import predict_float
        from edgekit.training.prune import prune_in_rounds
        from edgekit.training.qat import is_quantize_aware

        if is_quantize_aware(model):
            raise InputError(
                where="prune", what="the network is quantisation-aware: its layers keep their channels",
                hint="put prune before qat in the plan",
            )  # fmt: skip
        task, rows = context.task, []

        def score(model: keras.Model) -> float:
            return task.score(context.recipe, partial(predict_float, model), context.examples).value

        def fine_tune(model: keras.Model, number: int) -> keras.Model:
            row: dict[str, Any] = {"round": number + 1, "parameters": model.count_params()}
            row[f"{task.metric} pruned"] = score(model)
            if params.epochs:
                rate = params.learning_rate or context.recipe.training.learning_rate
                model = context.fine_tune(model, params.epochs, rate).model
                row[f"{task.metric} trained"] = score(model)
            rows.append(row)
            console.say(f"round {number + 1}/{params.rounds}: " + _line(row))
            return model

        before = score(model)
        made, reports = prune_in_rounds(model, params, params.rounds, fine_tune)
        report = reports[-1].since(reports[0]).as_json()
        report["before"][task.metric] = before
        if report["before"]["parameters"] == report["after"]["parameters"]:
            console.warn(f"No channel went: none scores below {report['threshold']:g}")
        report["after"][task.metric] = score(made)
        return Applied(made, report | {"rounds": rows})


def _line(row: dict[str, Any]) -> str:
    shown = (
        f"{name} {value:,}" if isinstance(value, int) else f"{name} {value:.4f}"
        for name, value in row.items()
    )
    return ", ".join(list(shown)[1:])


STEP = Prune()
