"""DS-CNN for keyword spotting: a convolution over time and frequency, then depthwise separable ones.

Source: Zhang et al., "Hello Edge", arXiv:1711.07128; the defaults are the network of MLPerf Tiny's keyword
spotting (Banbury et al., arXiv:2106.07597) for 49 frames of 10 coefficients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from edgekit.errors import InputError
from edgekit.models.base import Model, ModelParams

if TYPE_CHECKING:
    import keras


class DsCnnParams(ModelParams):
    """Parameters of DS-CNN."""

    filters: int = Field(64, ge=1, le=4096)
    blocks: int = Field(4, ge=1, le=32, description="depthwise separable convolutions")
    batch_norm_momentum: float = Field(0.99, gt=0, lt=1)


class DsCnn(Model):
    """Depthwise separable convolutions of one width."""

    title = "DS-CNN"
    Params = DsCnnParams

    def build(self, params: DsCnnParams, input_shape: tuple[int, ...], classes: int) -> keras.Model:
        """Returns the model; see `Model.build`. `input_shape` is (frames, coefficients, 1)."""
        import keras
        from keras import layers

        if len(input_shape) != 3:
            raise InputError(
                where="model.name", what=f"{self.title} takes features over time",
                expected="(frames, coefficients, channels)", found=str(input_shape),
            )  # fmt: skip

        def norm(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
            x = layers.BatchNormalization(momentum=params.batch_norm_momentum, name=f"{name}_bn")(x)
            return layers.ReLU(name=f"{name}_act")(x)

        width = params.filters
        inputs = keras.Input(input_shape, name="features")
        x = norm(layers.Conv2D(width, (10, 4), 2, "same", use_bias=False, name="stem")(inputs), "stem")
        for i in range(1, params.blocks + 1):
            x = layers.DepthwiseConv2D(3, 1, "same", use_bias=False, name=f"block{i}_depthwise")(x)
            x = norm(x, f"block{i}_depthwise")
            x = layers.Conv2D(width, 1, use_bias=False, name=f"block{i}_pointwise")(x)
            x = norm(x, f"block{i}_pointwise")
        x = layers.AveragePooling2D(x.shape[1:3], name="pool")(x)
        x = layers.Flatten(name="flat")(x)
        return keras.Model(inputs, layers.Dense(classes, name="logits")(x), name="ds_cnn")


MODEL = DsCnn()
