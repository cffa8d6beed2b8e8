"""Quantisation-aware training as a step."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import Field

from edgekit.training.qat.config import QatConfig
from edgekit.training.steps.base import Applied, Context, Step, StepParams

if TYPE_CHECKING:
    import keras


class QatParams(QatConfig, StepParams):
    """Settings of the rounding, and of the training with it."""

    epochs: int = Field(5, ge=1, description="of training with rounding")
    learning_rate: float | None = Field(
        None, gt=0, description="of that training; none = a tenth of the recipe's"
    )


class Qat(Step):
    """Folds batch normalisation, calibrates, and trains with the rounding of int8 kernels."""

    summary = "trains with the rounding that int8 kernels do; the .tflite takes the trained ranges"
    quantization_aware = True
    Params = QatParams

    def apply(self, model: keras.Model, params: QatParams, context: Context) -> Applied:
        """Returns the model in quantisation-aware training; see `Step.apply`."""
        from edgekit.training import qat
        from edgekit.training.evaluate import predict_float

        task, recipe = context.task, context.recipe

        def score(model: keras.Model) -> float:
            return task.score(recipe, partial(predict_float, model), context.examples).value

        calibration = context.examples("calibration").x[: recipe.quantize.calibration_frames]
        made = qat.quantize_aware(model, params, calibration)
        facts: dict[str, Any] = {f"{task.metric} rounded, before training": score(made)}
        before = {"parameters": model.count_params(), task.metric: score(model)}
        rate = params.learning_rate or recipe.training.learning_rate / 10
        made = context.fine_tune(made, params.epochs, rate).model
        if params.skip or params.include != ("*",):
            qat.calibrate(made, calibration, skipped_only=True)
        trainable = sum(int(v.shape.num_elements()) for v in made.trainable_variables if v.name != "gain")
        after = {"parameters": trainable, task.metric: score(made)}
        return Applied(made, {"before": before, "after": after, "ranges": params.ranges} | facts)


STEP = Qat()
