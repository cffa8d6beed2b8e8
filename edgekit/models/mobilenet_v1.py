"""MobileNetV1 for pictures: depthwise and pointwise convolutions in turn.

Source: Howard et al., "MobileNets", arXiv:1704.04861. The defaults are the network of MLPerf Tiny's visual
wake words (alpha 0.25; Banbury et al., arXiv:2106.07597) for pictures of 96x96x3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from edgekit.errors import InputError
from edgekit.models.base import Model, ModelParams

if TYPE_CHECKING:
    import keras

# (filters at alpha 1, stride) of each pair of convolutions
_BLOCKS = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]


class MobileNetV1Params(ModelParams):
    """Parameters of MobileNetV1."""

    alpha: float = Field(0.25, gt=0, le=4, description="width over the paper's width")
    batch_norm_momentum: float = Field(0.99, gt=0, lt=1)


class MobileNetV1(Model):
    """MobileNetV1 with a factor on its width."""

    title = "MobileNetV1"
    Params = MobileNetV1Params

    def build(self, params: MobileNetV1Params, input_shape: tuple[int, ...], classes: int) -> keras.Model:
        """Returns the model; see `Model.build`. `input_shape` is (height, width, channels)."""
        import keras
        from keras import layers

        if len(input_shape) != 3:
            raise InputError(
                where="model.name", what=f"{self.title} takes pictures",
                expected="(height, width, channels)", found=str(input_shape),
            )  # fmt: skip

        def norm(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
            x = layers.BatchNormalization(momentum=params.batch_norm_momentum, name=f"{name}_bn")(x)
            return layers.ReLU(name=f"{name}_act")(x)

        inputs = keras.Input(input_shape, name="picture")
        width = max(1, int(32 * params.alpha))
        x = norm(layers.Conv2D(width, 3, 2, "same", use_bias=False, name="stem")(inputs), "stem")
        for i, (filters, stride) in enumerate(_BLOCKS, 1):
            name, width = f"block{i}", max(1, int(filters * params.alpha))
            x = layers.DepthwiseConv2D(3, stride, "same", use_bias=False, name=f"{name}_depthwise")(x)
            x = norm(x, f"{name}_depthwise")
            x = norm(
                layers.Conv2D(width, 1, use_bias=False, name=f"{name}_pointwise")(x), f"{name}_pointwise"
            )
        x = layers.AveragePooling2D(x.shape[1:3], name="pool")(x)
        x = layers.Flatten(name="flat")(x)
        return keras.Model(inputs, layers.Dense(classes, name="logits")(x), name="mobilenet_v1")


MODEL = MobileNetV1()
