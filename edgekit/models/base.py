"""The contract of an architecture: checked parameters in, an untrained Keras model out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict

from edgekit import validation
from edgekit.registry import Registry

if TYPE_CHECKING:
    import keras


class ModelParams(BaseModel):
    """Base of an architecture's parameters; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False)


class Model(ABC):
    """One architecture.

    Class attributes:
        title: Name as the field knows it.
        Params: Its parameters, each with a default.
    """

    title: ClassVar[str]
    Params: ClassVar[type[ModelParams]]

    @abstractmethod
    def build(self, params: Any, input_shape: tuple[int, ...], classes: int) -> keras.Model:
        """Returns an untrained model from float32 [batch, *input_shape] to float32 [batch, classes] logits.

        Args:
            params: An instance of `Params`.
            input_shape: Extents of one example, without batch.
            classes: Number of classes.

        Raises:
            InputError: The parameters do not fit the input.
        """

    def parse(self, params: Mapping[str, Any]) -> ModelParams:
        """Returns checked parameters.

        Args:
            params: Nested keys as in a recipe's `model.params`.

        Raises:
            InputError: Unknown keys (with "did you mean") or wrong values, all at once.
        """
        return validation.parse(self.Params, params, where="model.params")


class Backbone(Model):
    """An architecture whose features, before anything is pooled, can feed another network's heads."""

    @abstractmethod
    def features(self, x: keras.KerasTensor, params: Any, stride: int) -> keras.KerasTensor:
        """Returns features on a grid.

        Args:
            x: Pictures, [batch, height, width, channels].
            params: An instance of `Params`.
            stride: Pixels of the picture per cell of the grid, a power of 2.
        """


REGISTRY: Registry[Model] = Registry(kind="models", attribute="MODEL", type=Model)  # type: ignore[type-abstract]


def build(name: str, params: Mapping[str, Any], input_shape: tuple[int, ...], classes: int) -> keras.Model:
    """Returns the untrained model that a recipe names.

    Args:
        name: Registry key of the architecture, e.g. "efficientnetv2-1d".
        params: Its parameters; those left out take their defaults.
        input_shape: Extents of one example, without batch.
        classes: Number of classes.

    Raises:
        InputError: Unknown architecture, unknown or wrong parameters.
        EnvironmentFailed: Keras is not installed.
    """
    model = REGISTRY.get(name)
    return model.build(model.parse(params), input_shape, classes)
