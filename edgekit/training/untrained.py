"""Networks with random weights whose activations are those of a trained one: for counting, not for use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from edgekit.recipes.base import QuantizeConfig
from edgekit.training.quantize import to_int8

if TYPE_CHECKING:
    import keras


def int8_on_noise(model: keras.Model, config: QuantizeConfig | None = None, seed: int = 0) -> bytes:
    """Returns an untrained model as an INT8 .tflite, its ranges taken from noise.

    Batch normalisation takes its statistics from the noise first: without that, activations fade from layer
    to layer until all of them quantise to the same value.

    Args:
        model: One input, one output.
        config: How to quantise; None = as recipes do by default.
        seed: Of the noise.
    """
    plain = (config or QuantizeConfig()).model_copy(update={"bias_correction": False})  # costs the same
    return to_int8(model, settle(model, seed), plain)


def settle(model: keras.Model, seed: int = 0) -> NDArray[np.float32]:
    """Gives an untrained model's batch normalisation the statistics of noise.

    Args:
        model: One input; changed in place.
        seed: Of the noise.

    Returns:
        float32 [16, *input_shape], the noise.
    """
    noise = np.random.default_rng(seed).standard_normal((16, *model.input_shape[1:])).astype(np.float32)
    for layer in model.layers:
        if type(layer).__name__ == "BatchNormalization":
            layer.momentum = 0.0  # one batch is all that there is to know
    model(noise, training=True)
    return noise
