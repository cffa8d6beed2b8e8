"""A multilayer perceptron: dense layers with batch normalisation.

With as many outputs as inputs it is an autoencoder; the default widths are those of MLPerf Tiny's anomaly
detection (Banbury et al., arXiv:2106.07597), which has 640 of both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from edgekit.models.base import Model, ModelParams

if TYPE_CHECKING:
    import keras


class MlpParams(ModelParams):
    """Parameters of the perceptron."""

    hidden: list[int] = Field([*[128] * 4, 8, *[128] * 4], description="width of each hidden layer")
    batch_norm_momentum: float = Field(0.99, gt=0, lt=1)


class Mlp(Model):
    """Dense layers; an input of several dimensions is flattened."""

    title = "Multilayer perceptron"
    Params = MlpParams

    def build(self, params: MlpParams, input_shape: tuple[int, ...], classes: int) -> keras.Model:
        """Returns the model; see `Model.build`."""
        import keras
        from keras import layers

        x = inputs = keras.Input(input_shape, name="features")
        if len(input_shape) > 1:
            x = layers.Flatten(name="flat")(x)
        for i, width in enumerate(params.hidden, 1):
            x = layers.Dense(width, use_bias=False, name=f"hidden{i}")(x)
            x = layers.BatchNormalization(momentum=params.batch_norm_momentum, name=f"hidden{i}_bn")(x)
            x = layers.ReLU(name=f"hidden{i}_act")(x)
        return keras.Model(inputs, layers.Dense(classes, name="logits")(x), name="mlp")


MODEL = Mlp()
