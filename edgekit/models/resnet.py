"""ResNet-18 and ResNet-10: residual stages of basic blocks, as classifier or as backbone of a detector.

Source: He et al., "Deep Residual Learning", arXiv:1512.03385. As in NVIDIA's TAO (its usual `all_projections`
without `use_pooling`), the first block of every stage has a projection in its shortcut, and the first
stage halves the picture where the paper has a maximum pool.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from edgekit.errors import InputError
from edgekit.models.base import Backbone, ModelParams

if TYPE_CHECKING:
    import keras


class ResNetParams(ModelParams):
    """Parameters of ResNet."""

    depth: Literal[10, 18] = Field(18, description="10: one block in each stage; 18: two")
    filters: list[Annotated[int, Field(ge=1, le=4096)]] = Field(
        [64, 128, 256, 512], min_length=1, max_length=6, description="of each stage, as multiples of 8"
    )
    alpha: float = Field(1.0, gt=0, le=4, description="factor of all widths, which stay multiples of 8")
    stem_kernel: Literal[3, 5, 7] = 7
    batch_norm_momentum: float = Field(0.99, gt=0, lt=1)


class ResNet(Backbone):
    """A residual network; each stage halves height and width until the stride is reached."""

    title = "ResNet"
    Params = ResNetParams

    def build(self, params: ResNetParams, input_shape: tuple[int, ...], classes: int) -> keras.Model:
        """Returns the classifier, at a stride of 32; see `Model.build`."""
        import keras
        from keras import layers

        if len(input_shape) != 3:
            raise InputError(
                where="model.name", what=f"{self.title} takes pictures",
                expected="(height, width, channels)", found=str(input_shape),
            )  # fmt: skip
        inputs = keras.Input(input_shape, name="picture")
        x = layers.GlobalAveragePooling2D(name="pool")(self.features(inputs, params, 32))
        logits = layers.Dense(classes, name="logits")(x)
        return keras.Model(inputs, logits, name=f"resnet{params.depth}")

    def features(self, x: keras.KerasTensor, params: ResNetParams, stride: int) -> keras.KerasTensor:
        """Returns the last stage's features; see `Backbone.features`."""
        from keras import layers

        widths = [max(8, round(params.alpha * filters / 8) * 8) for filters in params.filters]
        x = _conv(x, params, widths[0], params.stem_kernel, 2, "stem")
        x = layers.ReLU(name="stem_act")(x)
        reached = 2
        for number, width in enumerate(widths, 1):
            step = 2 if reached < stride else 1
            reached *= step
            for block in range(1 if params.depth == 10 else 2):
                x = _block(
                    x, params, width, 1 if block else step, bool(block), f"stage{number}_block{block + 1}"
                )
        return x


def _conv(
    x: keras.KerasTensor, params: ResNetParams, filters: int, kernel: int, stride: int, name: str
) -> keras.KerasTensor:
    from keras import layers

    x = layers.Conv2D(filters, kernel, stride, "same", use_bias=False, name=name)(x)
    return layers.BatchNormalization(momentum=params.batch_norm_momentum, name=f"{name}_bn")(x)


def _block(
    x: keras.KerasTensor, params: ResNetParams, filters: int, stride: int, identity: bool, name: str
) -> keras.KerasTensor:
    from keras import layers

    y = layers.ReLU(name=f"{name}_act1")(_conv(x, params, filters, 3, stride, f"{name}_conv1"))
    y = _conv(y, params, filters, 3, 1, f"{name}_conv2")
    if not identity:
        x = _conv(x, params, filters, 1, stride, f"{name}_skip")
    return layers.ReLU(name=f"{name}_act2")(layers.Add(name=f"{name}_add")([x, y]))


MODEL = ResNet()
