"""Losses of distillation: a student learns a teacher's features, its logits, or both beside the labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Loss = Callable[[Any, Any], Any]


class FeatureLoss(BaseModel):
    """Distance of a student's features from the teacher's: squared error, angle, or both."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False)

    mse: float = Field(1.0, ge=0, description="weight of the squared error, summed over the values")
    cosine: float = Field(0.0, ge=0, description="weight of 1 - cosine")

    def loss(self) -> Loss:
        """Returns (targets [n, d], features [n, d or more]) -> losses [n]; features beyond d are free.

        The squared error is summed and not averaged over the values, so that both parts are of one size for
        targets of norm 1, of which |s - t|^2 = 2 (1 - cos) where the student's norm is 1, too.
        """
        from keras import ops

        def distance(target: Any, feature: Any) -> Any:
            feature = feature[:, : target.shape[1]]
            found = self.mse * ops.sum(ops.square(feature - target), axis=-1)
            if self.cosine:
                dot = ops.sum(ops.normalize(feature, axis=-1) * ops.normalize(target, axis=-1), axis=-1)
                found = found + self.cosine * (1 - dot)
            return found

        return distance


def logit_loss(temperature: float = 1.0) -> Loss:
    """Returns the divergence (Kullback-Leibler) of softened answers: (teacher's, student's logits) -> [n].

    Source: Hinton et al., "Distilling the Knowledge in a Neural Network", arXiv:1503.02531; the factor of
    the temperature's square keeps the gradients' size.

    Args:
        temperature: Above 1 the answers are softened.
    """
    from keras import ops

    def divergence(teacher: Any, student: Any) -> Any:
        wanted = ops.log_softmax(teacher / temperature, axis=-1)
        given = ops.log_softmax(student / temperature, axis=-1)
        return temperature**2 * ops.sum(ops.exp(wanted) * (wanted - given), axis=-1)

    return divergence


def mixed_loss(labels: Loss, teacher: Loss, classes: int, share: float) -> Loss:
    """Returns a loss of labels and teacher together.

    Args:
        labels: Of the labels; takes one-hot labels and logits.
        teacher: Of the teacher's logits, as `logit_loss` gives it.
        classes: Number of classes: targets are [n, 2 * classes], one-hot labels before the teacher's logits.
        share: Of the teacher's part, from 0 to 1.
    """

    def both(target: Any, logits: Any) -> Any:
        own = labels(target[:, :classes], logits)
        return (1 - share) * own + share * teacher(target[:, classes:], logits)

    return both
