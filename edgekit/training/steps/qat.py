"""Quantisation-aware training, from the network's own ranges on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pydantic import Field

from edgekit.training.qat.config import QatConfig
from edgekit.training.steps.base import Applied, Context, Step, StepParams

if TYPE_CHECKING:
    import keras

_SLOWER = 0.1  # of the recipe's learning rate: the network is trained already


class QatParams(QatConfig, StepParams):
    """Settings of quantisation-aware training."""

    epochs: int = Field(5, ge=1, description="of training with the rounding")
    learning_rate: float | None = Field(None, gt=0, description="none = a tenth of the recipe's")


class Qat(Step):
    """Trains the network with the rounding that its int8 kernels do."""

    summary = "folds batch normalisation and trains with the rounding of int8"
    quantization_aware = True
    Params = QatParams

    def apply(self, model: keras.Model, params: QatParams, context: Context) -> Applied:
        """Returns the network with trained ranges; see `Step.apply`.

        Raises:
            InputError: A layer has no known int8 form.
        """
        from edgekit.training.evaluate import predict_float
        from edgekit.training.qat import quantize_aware

        task = context.task

        def score(model: keras.Model) -> float:
            return task.score(context.recipe, partial(predict_float, model), context.examples).value

        before = score(model)
        config = QatConfig(**params.model_dump(include=set(QatConfig.model_fields)))
        made = quantize_aware(model, config, context.examples("calibration").x)
        rounded = score(made)
        rate = params.learning_rate or _SLOWER * context.recipe.training.learning_rate
        made = context.fine_tune(made, params.epochs, rate).model
        return Applied(
            made,
            {
                "before": {task.metric: before},
                "after": {task.metric: score(made)},
                f"{task.metric} with rounding, before training": rounded,
            },
        )


STEP = Qat()
