"""MobileNetV3: inverted residuals with squeeze-and-excitation and hard-swish.

Source: Howard et al., "Searching for MobileNetV3", arXiv:1905.02244, tables 1 and 2.

The gate of squeeze-and-excitation is a hard sigmoid, relu6(x + 3) / 6. Here 3 is the initial bias of the
convolution in front of it, and 1/6 is left to the convolution behind it, which is linear and normalised: the
same functions, and in int8 one operator less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from edgekit.errors import InputError
from edgekit.models.base import Backbone, ModelParams

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True)
class _Block:
    """One row of the paper's tables."""

    kernel: int
    expanded: int
    filters: int
    squeeze: bool
    hard_swish: bool
    stride: int


_SMALL = (
    _Block(3, 16, 16, True, False, 2),
    _Block(3, 72, 24, False, False, 2),
    _Block(3, 88, 24, False, False, 1),
    _Block(5, 96, 40, True, True, 2),
    _Block(5, 240, 40, True, True, 1),
    _Block(5, 240, 40, True, True, 1),
    _Block(5, 120, 48, True, True, 1),
    _Block(5, 144, 48, True, True, 1),
    _Block(5, 288, 96, True, True, 2),
    _Block(5, 576, 96, True, True, 1),
    _Block(5, 576, 96, True, True, 1),
)
_LARGE = (
    _Block(3, 16, 16, False, False, 1),
    _Block(3, 64, 24, False, False, 2),
    _Block(3, 72, 24, False, False, 1),
    _Block(5, 72, 40, True, False, 2),
    _Block(5, 120, 40, True, False, 1),
    _Block(5, 120, 40, True, False, 1),
    _Block(3, 240, 80, False, True, 2),
    _Block(3, 200, 80, False, True, 1),
    _Block(3, 184, 80, False, True, 1),
    _Block(3, 184, 80, False, True, 1),
    _Block(3, 480, 112, True, True, 1),
    _Block(3, 672, 112, True, True, 1),
    _Block(5, 672, 160, True, True, 2),
    _Block(5, 960, 160, True, True, 1),
    _Block(5, 960, 160, True, True, 1),
)
# FRILL's smallest (Peplinski et al., arXiv:2011.04609, in its published code): two repeated blocks fewer.
_TINY = (*_SMALL[:7], *_SMALL[8:10])
_BLOCKS = {"tiny": _TINY, "small": _SMALL, "large": _LARGE}
_LAST = {"tiny": 576, "small": 576, "large": 960}
_HEAD = {"tiny": 512, "small": 1024, "large": 1280}


class MobileNetV3Params(ModelParams):
    """Parameters of MobileNetV3."""

    size: Literal["tiny", "small", "large"] = "small"
    alpha: float = Field(1.0, gt=0, le=4, description="factor of all widths, which stay multiples of 8")
    squeeze_excite: bool = Field(True, description="off: as the paper's 'minimalistic' networks, without it")
    hard_swish: bool = Field(True, description="off: relu everywhere")
    pooling: Literal["mean", "flatten", "depthwise"] = Field(
        "mean", description="mean over the picture, none, or a depthwise convolution as large as the picture"
    )
    embedding: int = Field(
        0, ge=0, le=8192, description="values of a linear layer 'embedding' before the logits; "
        "0: the published layer with hard-swish"
    )  # fmt: skip
    bottleneck: int = Field(
        0, ge=0, le=8192, description="rank of the layer that makes the embedding, as two; 0 = full"
    )
    bands: bool = Field(
        False, description="the embedding begins with what is trained and ends with a twentieth of each "
        "column's mean: of a spectrogram, its bands over time"
    )  # fmt: skip
    dropout: float = Field(0.0, ge=0, lt=1, description="share of features dropped before the logits")
    batch_norm_momentum: float = Field(0.99, gt=0, lt=1)

    @model_validator(mode="after")
    def _rank_is_lower(self) -> MobileNetV3Params:
        if self.embedding and self.bottleneck >= self.embedding:
            raise ValueError("bottleneck must be smaller than embedding")
        if self.bands and not self.embedding:
            raise ValueError("bands need an embedding")
        return self


class MobileNetV3(Backbone):
    """MobileNetV3 small and large, from pictures or spectrograms to logits."""

    title = "MobileNetV3"
    Params = MobileNetV3Params

    def build(self, params: MobileNetV3Params, input_shape: tuple[int, ...], classes: int) -> keras.Model:
        """Returns the model; see `Model.build`. `input_shape` is (height, width[, channels])."""
        import keras
        from keras import layers

        if len(input_shape) not in (2, 3):
            raise InputError(
                where="model.name", what=f"{self.title} takes pictures or spectrograms",
                expected="(height, width[, channels])", found=str(input_shape),
            )  # fmt: skip
        net = _Layers(params)
        x = inputs = keras.Input(input_shape, name="picture")
        if len(input_shape) == 2:
            x = layers.Reshape((*input_shape, 1), name="image")(x)
        picture = x
        x = net.blocks(net.stem(x))
        x = net.conv(x, net.width(_LAST[params.size]), hard_swish=True, name="last")
        x = net.head(net.pool(x), picture)
        if params.dropout:
            x = layers.Dropout(params.dropout, seed=0, name="dropout")(x)
        logits = layers.Dense(classes, name="logits")(x)
        return keras.Model(inputs, logits, name=f"mobilenet_v3_{params.size}")

    def features(self, x: keras.KerasTensor, params: MobileNetV3Params, stride: int) -> keras.KerasTensor:
        """Returns the features before the block that would exceed the stride; see `Backbone.features`."""
        net = _Layers(params)
        return net.blocks(net.stem(x), stride)


class _Layers:
    """Groups of layers that share the network's parameters; names are fixed so that exports repeat."""

    def __init__(self, params: MobileNetV3Params) -> None:
        self.params = params

    def width(self, channels: int) -> int:
        """Returns `alpha` times the channels of the paper."""
        return _multiple_of_8(channels * self.params.alpha)

    def act(self, x: keras.KerasTensor, hard_swish: bool, name: str) -> keras.KerasTensor:
        from keras import layers

        if hard_swish and self.params.hard_swish:
            return layers.Activation("hard_silu", name=name)(x)
        return layers.ReLU(name=name)(x)

    def norm(self, x: keras.KerasTensor, name: str) -> keras.KerasTensor:
        from keras import layers

        momentum = self.params.batch_norm_momentum
        return layers.BatchNormalization(momentum=momentum, name=f"{name}_bn")(x)

    def conv(
        self,
        x: keras.KerasTensor,
        filters: int,
        kernel: int = 1,
        stride: int = 1,
        *,
        hard_swish: bool,
        name: str,
    ) -> keras.KerasTensor:
        from keras import layers

        x = layers.Conv2D(filters, kernel, stride, "same", use_bias=False, name=name)(x)
        return self.act(self.norm(x, name), hard_swish, f"{name}_act")

    def stem(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return self.conv(x, self.width(16), 3, 2, hard_swish=True, name="stem")

    def blocks(self, x: keras.KerasTensor, stride: int = 32) -> keras.KerasTensor:
        """Returns the features after all blocks, or before the one that would exceed `stride`."""
        reached = 2
        for i, block in enumerate(_BLOCKS[self.params.size], 1):
            reached *= block.stride
            if reached > stride:
                break
            x = self.block(x, block, name=f"block{i}")
        return x

    def block(self, x: keras.KerasTensor, block: _Block, name: str) -> keras.KerasTensor:
        from keras import layers

        skip, filters, expanded = x, self.width(block.filters), self.width(block.expanded)
        if block.expanded != block.filters:  # the first block of each network does not expand
            x = self.conv(x, expanded, hard_swish=block.hard_swish, name=f"{name}_expand")
        depthwise = f"{name}_depthwise"
        x = layers.DepthwiseConv2D(block.kernel, block.stride, "same", use_bias=False, name=depthwise)(x)
        x = self.act(self.norm(x, depthwise), block.hard_swish, f"{depthwise}_act")
        if block.squeeze and self.params.squeeze_excite:
            x = self.squeeze_excite(x, name=f"{name}_se")
        x = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_project")(x)
        x = self.norm(x, f"{name}_project")
        if block.stride == 1 and skip.shape[-1] == filters:
            x = layers.Add(name=f"{name}_add")([x, skip])
        return x

    def squeeze_excite(self, x: keras.KerasTensor, name: str) -> keras.KerasTensor:
        from keras import initializers, layers

        channels = x.shape[-1]
        gate = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_mean")(x)
        gate = layers.Conv2D(_multiple_of_8(channels / 4), 1, name=f"{name}_reduce")(gate)
        gate = layers.ReLU(name=f"{name}_reduce_act")(gate)
        three = initializers.Constant(3.0)
        gate = layers.Conv2D(channels, 1, bias_initializer=three, name=f"{name}_gate")(gate)
        gate = layers.ReLU(6.0, name=f"{name}_gate_act")(gate)
        return layers.Multiply(name=f"{name}_scale")([x, gate])

    def pool(self, x: keras.KerasTensor) -> keras.KerasTensor:
        from keras import layers

        if self.params.pooling == "mean":
            return layers.GlobalAveragePooling2D(name="pool")(x)
        if self.params.pooling == "depthwise":  # Chen et al., "MobileFaceNets", arXiv:1804.07573
            x = layers.DepthwiseConv2D(x.shape[1:3], use_bias=False, name="pool")(x)
            x = self.norm(x, "pool")
        return layers.Flatten(name="flat")(x)

    def head(self, x: keras.KerasTensor, picture: keras.KerasTensor) -> keras.KerasTensor:
        from keras import layers

        if self.params.bottleneck:
            x = layers.Dense(self.params.bottleneck, use_bias=False, name="bottleneck")(x)
        if self.params.bands:
            x = layers.Dense(self.params.embedding, name="trained")(x)
            return layers.Concatenate(name="embedding")([x, self.columns(picture)])
        if self.params.embedding:
            return layers.Dense(self.params.embedding, name="embedding")(x)
        x = layers.Dense(self.width(_HEAD[self.params.size]), name="head")(x)
        return self.act(x, True, "head_act")

    def columns(self, picture: keras.KerasTensor) -> keras.KerasTensor:
        """Returns a twentieth of each column's mean: as small as the values of a target of norm 1."""
        from keras import initializers, layers

        rows = picture.shape[1]
        mean = initializers.Constant(1 / (20 * rows))
        conv = layers.Conv2D(
            1, (rows, 1), use_bias=False, kernel_initializer=mean, trainable=False, name="bands"
        )
        return layers.Flatten(name="bands_flat")(conv(picture))


def _multiple_of_8(channels: float) -> int:
    """Returns the nearest multiple of 8, or the next one where that is more than 10 % below."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest


MODEL = MobileNetV3()
