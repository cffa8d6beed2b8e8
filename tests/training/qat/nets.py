"""Tiny networks, with statistics and weights that are not those of a new one."""

import numpy as np

from edgekit.training import runtime


def built(name, params, shape, classes=4, seed=0):
    """One of edgekit's own networks, its batch normalisation settled on noise."""
    model = runtime.build_model(name, params, shape, classes, seed)
    return settled(model, seed)


def settled(model, seed=0):
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        if type(layer).__name__ == "BatchNormalization":
            layer.momentum = 0.5
            n = layer.gamma.shape[0]
            layer.set_weights([rng.uniform(0.3, 2, n), rng.normal(0, 0.5, n), np.zeros(n), np.ones(n)])
    for _ in range(3):
        model(noise(model, 32, rng.integers(1 << 30)), training=True)
    return model


def noise(model, n, seed):
    return np.random.default_rng(seed).standard_normal((n, *model.input_shape[1:])).astype(np.float32)


def efficientnet():
    blocks = [{"filters": 8, "kernel": 5, "expansion": 2}, {"filters": 8, "kernel": 5, "stride": 1}]
    return built("efficientnetv2-1d", {"stem_filters": 8, "stem_kernel": 5, "blocks": blocks}, (64, 2))


def resnet():
    return built("resnet8", {"filters": [4, 8, 8]}, (12, 12, 3))


def mobilenet():
    return built("mobilenet-v3", {"alpha": 0.05, "dropout": 0.1}, (24, 24, 1))


def zoo():
    """A network with every kind of layer that is rounded in its own way."""
    import keras
    from keras import layers

    runtime.start(1)
    inputs = keras.Input((8, 8, 4))
    x = layers.BatchNormalization()(layers.Conv2D(8, 3, padding="same")(inputs))
    y = layers.ReLU(6)(x)
    x = layers.BatchNormalization()(layers.DepthwiseConv2D(3, padding="same")(y))
    x = layers.Activation("hard_swish")(x)
    x = layers.Concatenate()([x, y, layers.Activation("sigmoid")(x)])
    x = layers.BatchNormalization()(layers.MaxPooling2D()(x))
    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
    gate = layers.Conv2D(24, 1, activation="hard_sigmoid")(gate)
    x = layers.AveragePooling2D(2)(layers.Multiply()([x, gate]))
    x = layers.Conv2D(8, 1, activation="silu")(x)
    x = layers.Conv2D(8, 1, activation="gelu")(x)
    x = layers.LeakyReLU()(layers.Conv2D(8, 1)(x))
    x = layers.ReLU()(x + layers.SeparableConv2D(8, 3, padding="same", activation="tanh")(x))
    x = layers.UpSampling2D(2, interpolation="bilinear")(x)
    x = layers.ZeroPadding2D(1)(x)
    x = layers.Dense(5, activation="relu")(layers.GlobalMaxPooling2D()(x))
    return settled(keras.Model(inputs, layers.Softmax()(layers.Dense(4)(x))))


def one_dimensional():
    """Conv1D, a dense layer that is normalised, several sums, and an activation with two uses."""
    import keras
    from keras import layers

    runtime.start(2)
    inputs = keras.Input((24, 3))
    x = layers.BatchNormalization()(layers.Conv1D(6, 5, padding="same", use_bias=False)(inputs))
    x = layers.ReLU()(x)
    y = layers.Conv1D(6, 3, padding="causal", activation="relu6")(x)
    z = layers.Conv1D(6, 3, padding="same")(x)
    x = layers.Add()([x, y, z, layers.ReLU()(z)])
    x = layers.AveragePooling1D(2)(layers.MaxPooling1D(2)(x))
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    x = layers.ReLU()(layers.BatchNormalization()(layers.Dense(8)(x)))
    return settled(keras.Model(inputs, layers.Dense(4)(x)))
