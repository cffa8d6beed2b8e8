"""ResNet8 for small pictures: three residual stages of two convolutions.

Source: He et al., "Deep Residual Learning", arXiv:1512.03385, as MLPerf Tiny's image classification has it
(Banbury et al., arXiv:2106.07597) for pictures of 32x32x3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from edgekit.errors import InputError
from edgekit.models.base import Model, ModelParams

if TYPE_CHECKING:
    import keras


class ResNet8Params(ModelParams):
    """Parameters of ResNet8."""

    filters: list[int] = Field([16, 32, 64], min_length=1, description="of each stage")
    batch_norm_momentum: float = Field(0.99, gt=0, lt=1)


class ResNet8(Model):
    """A residual network; each stage after the first halves height and width."""

    title = "ResNet8"
    Params = ResNet8Params

    def build(self, params: ResNet8Params, input_shape: tuple[int, ...], classes: int) -> keras.Model:
        """Returns the model; see `Model.build`. `input_shape` is (height, width, channels)."""
        import keras
        from keras import layers

        if len(input_shape) != 3:
            raise InputError(
                where="model.name", what=f"{self.title} takes pictures",
                expected="(height, width, channels)", found=str(input_shape),
            )  # fmt: skip

        def conv(x: keras.KerasTensor, filters: int, stride: int, name: str) -> keras.KerasTensor:
            x = layers.Conv2D(filters, 3, stride, "same", name=name)(x)
            return layers.BatchNormalization(momentum=params.batch_norm_momentum, name=f"{name}_bn")(x)

        inputs = keras.Input(input_shape, name="picture")
        x = layers.ReLU(name="stem_act")(conv(inputs, params.filters[0], 1, "stem"))
        for i, filters in enumerate(params.filters):
            name, stride = f"stage{i + 1}", 1 if i == 0 else 2
            y = layers.ReLU(name=f"{name}_act1")(conv(x, filters, stride, f"{name}_conv1"))
            y = conv(y, filters, 1, f"{name}_conv2")
            if i > 0:
                x = layers.Conv2D(filters, 1, stride, "same", name=f"{name}_skip")(x)
            x = layers.ReLU(name=f"{name}_act2")(layers.Add(name=f"{name}_add")([x, y]))
        x = layers.AveragePooling2D(x.shape[1:3], name="pool")(x)
        x = layers.Flatten(name="flat")(x)
        return keras.Model(inputs, layers.Dense(classes, name="logits")(x), name="resnet8")


MODEL = ResNet8()
