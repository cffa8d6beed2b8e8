"""A long short-term memory as .tflite, fused by the converter as it fuses Keras' own LSTM layer.

The converter knows the layer by the attributes of its function and by the order of its arguments.
"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf

STEPS, INPUTS, UNITS, CLASSES = 10, 6, 8, 3


def lstm(seed: int = 0) -> bytes:
    """Returns an int8 model [1, 10, 6] -> [10, 3]: an LSTM of random weights and a dense layer."""
    import tensorflow as tf

    rng = np.random.default_rng(seed)

    def drawn(spread: float, *shape: int) -> tf.Tensor:
        return tf.constant(rng.normal(0, spread, shape).astype(np.float32))

    kernel, recurrent = drawn(0.4, INPUTS, 4 * UNITS), drawn(0.3, UNITS, 4 * UNITS)
    bias, dense = drawn(0.2, 4 * UNITS), drawn(0.4, UNITS, CLASSES)
    layer = tf.function(
        _layer,
        experimental_attributes={
            "api_implements": f"lstm_{seed}",
            "api_preferred_device": "CPU",
            "go_backwards": False,
            "time_major": False,
        },
    )

    def network(x: tf.Tensor) -> dict[str, tf.Tensor]:
        zeros = tf.zeros((1, UNITS))
        sequence = layer(x, zeros, zeros, kernel, recurrent, bias)[1]
        return {"scores": tf.matmul(tf.reshape(sequence, (STEPS, UNITS)), dense)}

    module = tf.Module()
    spec = tf.TensorSpec((1, STEPS, INPUTS), tf.float32, name="features")
    module.network = tf.function(network, input_signature=[spec])
    noise = rng.standard_normal((20, 1, STEPS, INPUTS)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures=module.network.get_concrete_function())
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([example] for example in noise)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
        data: bytes = converter.convert()
    return data


def _layer(
    inputs: tf.Tensor,
    hidden: tf.Tensor,
    cell: tf.Tensor,
    kernel: tf.Tensor,
    recurrent: tf.Tensor,
    bias: tf.Tensor,
) -> tuple[tf.Tensor, ...]:
    """Returns the last output, all of them, both states and the marker of Keras' own implementation."""
    import tensorflow as tf

    outputs = []
    for step in range(STEPS):
        gates = tf.matmul(inputs[:, step], kernel) + tf.matmul(hidden, recurrent) + bias
        seen, kept, candidate, shown = tf.split(gates, 4, axis=1)
        cell = tf.sigmoid(kept) * cell + tf.sigmoid(seen) * tf.tanh(candidate)
        hidden = tf.sigmoid(shown) * tf.tanh(cell)
        outputs.append(hidden)
    return hidden, tf.stack(outputs, axis=1), hidden, cell, tf.constant(1.0)
