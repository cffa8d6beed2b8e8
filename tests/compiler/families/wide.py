"""Networks as 16x8 .tflite: int16 activations, int8 weights; ranges and statistics from noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras


def wide_on_noise(model: keras.Model, seed: int = 0) -> bytes:
    """Returns an untrained model of one input and output, converted with a batch of 1."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    noise = np.random.default_rng(seed).standard_normal((16, *model.input_shape[1:])).astype(np.float32)
    for layer in model.layers:
        if type(layer).__name__ == "BatchNormalization":
            layer.momentum = 0.0  # one batch is all that there is to know
    model(noise, training=True)
    spec = tf.TensorSpec((1, *model.input_shape[1:]), tf.float32, name="input")
    function = tf.function(lambda x: tf.identity(model(x, training=False), "output"), input_signature=[spec])
    frozen = convert_variables_to_constants_v2(function.get_concrete_function())
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([example[None]] for example in noise)
    wide = tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
    converter.target_spec.supported_ops = [wide]
    converter.inference_input_type = converter.inference_output_type = tf.int16
    data: bytes = converter.convert()
    return data
