"""Random Keras graphs of all that pruning follows channels through."""

import itertools

import numpy as np
from hypothesis import strategies as st

WIDTHS = st.sampled_from([3, 4, 6, 8])
BLOCKS = [
    "conv", "depthwise", "separable", "transposed", "residual", "projection", "squeeze_excite", "concat",
    "stacked", "shared", "hard_swish", "prelu", "pool", "pad", "unknown",
]  # fmt: skip
HEADS = ["gap", "flatten", "reshape", "ops"]


GRAPHS = st.tuples(
    st.lists(st.sampled_from(BLOCKS), min_size=2, max_size=6), st.sampled_from(HEADS),
    st.lists(WIDTHS, min_size=1, max_size=5), st.integers(0, 2**16),
)  # fmt: skip


def build(blocks, head, widths=(8,), seed=0):
    """Returns a model of named blocks, their widths taken in turn, with random weights."""
    import keras
    from keras import layers

    turns = itertools.cycle(widths)

    def width():
        return next(turns)

    def norm(y):
        return layers.ReLU()(layers.BatchNormalization()(y))

    inputs = keras.Input((6, 6, 2), name="picture")
    x = norm(layers.Conv2D(width(), 3, padding="same")(inputs))
    for block in blocks:
        n = x.shape[-1]
        if block == "conv":
            x = norm(layers.Conv2D(width(), 3, padding="same", use_bias=False)(x))
        elif block == "depthwise":
            x = norm(layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2 if n < 9 else 1)(x))
        elif block == "separable":
            x = layers.SeparableConv2D(width(), 3, padding="same", activation="tanh", depth_multiplier=2)(x)
        elif block == "transposed":
            x = layers.Conv2DTranspose(width(), 3, padding="same", activation="sigmoid")(x)
        elif block == "residual":
            y = norm(layers.Conv2D(width(), 1)(x))
            x = layers.Add()([x, layers.BatchNormalization()(layers.Conv2D(n, 3, padding="same")(y))])
        elif block == "projection":
            y = layers.Conv2D(n + 1, 3, padding="same")(x)
            x = norm(layers.Conv2D(n + 1, 1)(x) + y)
        elif block == "squeeze_excite":
            gate = layers.Reshape((1, 1, n))(layers.GlobalAveragePooling2D()(x))
            gate = layers.Conv2D(max(1, n // 2), 1, activation="relu")(gate)
            x = layers.Multiply()([layers.Dense(n, activation="sigmoid")(gate), x])
        elif block == "concat":
            x = layers.Concatenate()([layers.Conv2D(width(), 1, activation="relu")(x), x])
        elif block == "stacked":  # along the height: the same channels in both
            x = layers.MaxPooling2D((2, 1))(layers.Concatenate(axis=1)([x, layers.Conv2D(n, 1)(x)]))
        elif block == "shared":
            conv, bn = layers.Conv2D(n, 3, padding="same"), layers.BatchNormalization()
            x = bn(conv(bn(conv(x))))
        elif block == "hard_swish":
            x = x * keras.ops.relu6(x + 3.0) / 6.0
        elif block == "prelu":
            x = layers.PReLU(alpha_initializer="random_uniform", shared_axes=[1, 2])(x)
        elif block == "pool":
            x = layers.AveragePooling2D(2, strides=1, padding="same")(x)
        elif block == "pad":
            x = layers.Cropping2D(1)(layers.ZeroPadding2D(1)(layers.Dropout(0.5)(x)))
        else:  # mixes channels: they must all stay
            x = layers.LayerNormalization()(x)
    if head == "gap":
        x = layers.GlobalMaxPooling2D()(x)
    elif head == "flatten":
        x = layers.BatchNormalization()(layers.Flatten()(x))
    elif head == "reshape":
        x = layers.Conv1D(width(), 3)(layers.Reshape((36, x.shape[-1]))(x))
        x = layers.GlobalAveragePooling1D()(x)
    else:
        x = keras.ops.reshape(keras.ops.mean(x, axis=(1, 2)), (-1, 1, x.shape[-1]))
        x = layers.Flatten()(layers.Permute((1, 2))(x))
    x = layers.Dense(width(), activation="relu")(x)
    return randomised(keras.Model(inputs, layers.Dense(3, name="logits")(x), name="random"), seed)


def randomised(model, seed=0):
    """Gives biases and batch norms random values too, so that a channel that is left out is missed."""
    rng = np.random.default_rng(seed)
    model.set_weights([
        rng.uniform(0.5, 1.5, w.shape) if w.ndim == 1 else w + rng.normal(0, 0.1, w.shape)
        for w in model.get_weights()
    ])  # fmt: skip
    return model


def silenced(coupling, keep):
    """Returns a copy of the traced model with zeros wherever a weight belongs to a channel that goes."""
    import keras

    model = keras.models.clone_model(coupling.model)
    model.set_weights(coupling.model.get_weights())
    layers = {layer.name: layer for layer in model.layers}
    for found in coupling.layers:
        if not found.weights:
            continue
        weights = found.op.get_weights()
        for index, axes in enumerate(found.axes):
            for axis, ids in enumerate(axes):
                if ids is not None:
                    shape = np.ones(weights[index].ndim, int)
                    shape[axis] = -1
                    weights[index] = weights[index] * keep[ids].reshape(shape)
        layers[found.op.name].set_weights(weights)
    return model
