"""The families of networks that people bring, small, with random weights: made by Keras and its converter."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from edgekit.models import base

if TYPE_CHECKING:
    import keras


def mobilenet_v1() -> keras.Model:
    """MLPerf Tiny's visual wake words: alpha 0.25, 96x96x3."""
    return base.build("mobilenet-v1", {}, (96, 96, 3), 2)


def resnet8() -> keras.Model:
    """MLPerf Tiny's image classification, 32x32x3."""
    return base.build("resnet8", {}, (32, 32, 3), 10)


def ds_cnn() -> keras.Model:
    """MLPerf Tiny's keyword spotting: 49 frames of 10 coefficients, with its softmax."""
    import keras

    network = base.build("ds-cnn", {}, (49, 10, 1), 12)
    return keras.Model(network.inputs, keras.layers.Softmax()(network.output), name="ds_cnn")


def autoencoder() -> keras.Model:
    """MLPerf Tiny's anomaly detection: dense layers around a waist of 8."""
    return base.build("mlp", {}, (640,), 640)


def mobilenet_v2() -> keras.Model:
    """Keras' MobileNetV2 at alpha 0.35, on a small picture."""
    import keras

    network = keras.applications.MobileNetV2(
        (48, 48, 3), alpha=0.35, weights=None, classes=5, classifier_activation=None
    )
    network.name = "mobilenet_v2"
    return network


def mobilenet_v3() -> keras.Model:
    """Blocks of MobileNetV3-small: hard-swish, squeeze-excite with a hard sigmoid, a residual."""
    import keras
    from keras import layers

    def gate(x: keras.KerasTensor) -> keras.KerasTensor:
        y = layers.GlobalAveragePooling2D(keepdims=True)(x)
        y = layers.Conv2D(8, 1, activation="relu")(y)
        y = layers.Conv2D(x.shape[-1], 1)(y)
        return layers.Multiply()(
            [x, layers.Rescaling(1 / 6)(layers.ReLU(6.0)(layers.Rescaling(1.0, 3.0)(y)))]
        )

    def block(x: keras.KerasTensor, wide: int, kernel: int, stride: int, filters: int) -> keras.KerasTensor:
        y = _norm(layers.Conv2D(wide, 1, use_bias=False)(x), "hard_swish")
        y = layers.DepthwiseConv2D(kernel, stride, "same", use_bias=False)(y)
        y = gate(_norm(y, "hard_swish"))
        y = layers.BatchNormalization()(layers.Conv2D(filters, 1, use_bias=False)(y))
        return layers.Add()([x, y]) if stride == 1 and filters == x.shape[-1] else y

    inputs = keras.Input((20, 20, 3))
    x = _norm(layers.Conv2D(8, 3, 2, "same", use_bias=False)(inputs), "hard_swish")
    x = block(x, 16, 3, 2, 8)
    x = block(x, 24, 5, 1, 8)
    x = block(x, 24, 5, 2, 12)
    x = _norm(layers.Conv2D(32, 1, use_bias=False)(x), "hard_swish")
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Flatten()(layers.Conv2D(24, 1, activation="hard_swish")(x))
    return keras.Model(inputs, layers.Dense(5)(x), name="mobilenet_v3")


def unet() -> keras.Model:
    """A small U-Net: transposed convolutions and resizing on the way up, concatenated with the way down."""
    import keras
    from keras import layers

    inputs = keras.Input((16, 16, 2))
    first = _norm(layers.Conv2D(6, 3, padding="same")(inputs))
    second = _norm(layers.Conv2D(8, 3, padding="same")(layers.MaxPooling2D()(first)))
    x = _norm(layers.Conv2D(12, 3, padding="same")(layers.AveragePooling2D(2)(second)))
    x = layers.Concatenate()([layers.Conv2DTranspose(8, 3, 2, "same")(x), second])
    x = _norm(layers.Conv2D(8, 3, padding="same")(x), "leaky_relu")
    x = layers.Concatenate()([layers.UpSampling2D(interpolation="bilinear")(x), first])
    x = layers.Conv2D(6, 3, padding="same", activation="relu")(x)
    return keras.Model(inputs, layers.Conv2D(3, 1, activation="sigmoid")(x), name="unet")


def tcn() -> keras.Model:
    """A temporal convolutional network: causal convolutions of growing dilation, with residuals."""
    import keras
    from keras import layers

    inputs = x = keras.Input((40, 6))
    for dilation in (1, 2, 4):
        y = layers.Conv1D(8, 3, padding="causal", dilation_rate=dilation)(x)
        y = layers.Conv1D(8, 3, padding="causal", dilation_rate=dilation)(_norm(y))
        x = layers.ReLU()(layers.Add()([y, layers.Conv1D(8, 1)(x)]))
    x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(inputs, layers.Dense(4)(x), name="tcn")


def attention() -> keras.Model:
    """A GRU, unrolled, and two heads of attention over what it gave at each step."""
    import keras
    from keras import layers

    inputs = keras.Input((6, 5))
    x = layers.GRU(8, return_sequences=True, unroll=True)(inputs)
    y = layers.MultiHeadAttention(2, 4)(x, x)
    x = layers.Flatten()(layers.Add()([x, y]))
    return keras.Model(inputs, layers.Dense(5, activation="softmax")(x), name="attention")


def _norm(x: keras.KerasTensor, activation: str = "relu") -> keras.KerasTensor:
    from keras import layers

    return layers.Activation(activation)(layers.BatchNormalization()(x))


_ALL = (
    *(mobilenet_v1, resnet8, ds_cnn, autoencoder, mobilenet_v2, mobilenet_v3),
    *(unet, tcn, attention),
)
FAMILIES: dict[str, Callable[[], keras.Model]] = {make.__name__: make for make in _ALL}

WIDE = "_16x8"  # behind a name: int16 activations
