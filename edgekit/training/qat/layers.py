"""Keras layers of a network in quantisation-aware training.

Imports Keras: only imported where that is loaded.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import keras
import numpy as np
from keras import ops

from edgekit.training.qat import grid
from edgekit.training.qat.fake import PACKAGE, Delayed, FakeQuant, current, mode

__all__ = [
    "FakeQuant", "QuantConv1D", "QuantConv2D", "QuantDense", "QuantDepthwiseConv2D", "ShiftedRelu6", "Sixth",
    "mode",
]  # fmt: skip


class _Weighted(Delayed):
    """A layer whose weights are on the int8 grid, and in inference the bias on that of its int32.

    It takes the scale of its inputs and gives what a sum of 1 stands for, [channels]. It has no activation.
    """

    axes: tuple[int, ...] = ()  # of the weights, without that of the output channel

    def build(self, inputs_shape: Any, scale_shape: Any = None) -> None:
        """Creates the weights."""
        super().build(inputs_shape)
        if self.quantize_after:
            self.add_counter()

    @abstractmethod
    def product(self, inputs: Any, kernel: Any) -> Any:
        """Returns the sums of products, without bias."""

    def call(self, inputs: Any, scale: Any = None, training: bool | None = None) -> tuple[Any, Any]:
        """Returns the layer's output and the unit of its sums.

        Args:
            inputs: float32, on a grid.
            scale: float32 scalar: of that grid.
            training: Whether it trains.
        """
        unit = ops.reshape(grid.weight_scale(self.kernel, self.axes), (-1,)) * scale
        outputs = self.product(inputs, self._rounded(training))
        if self.bias is None:
            return outputs, unit
        bias = ops.convert_to_tensor(self.bias)
        if current() == "export":
            bias = _uneven(self.bias)
        elif not (training or self.observing):
            bias = ops.floor(bias / unit + 0.5) * unit
        return outputs + bias, unit

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Returns the output's, and one value for each channel of it."""
        shape = self.compute_output_shape(inputs.shape)
        return keras.KerasTensor(shape, inputs.dtype), keras.KerasTensor(shape[-1:], inputs.dtype)

    def save_own_variables(self, store: Any) -> None:
        """Saves all variables; Keras' own would leave the counter out."""
        for index, variable in enumerate(self.variables):
            store[str(index)] = variable

    def load_own_variables(self, store: Any) -> None:
        """Loads what `save_own_variables` saved."""
        for index, variable in enumerate(self.variables):
            variable.assign(store[str(index)])

    def _rounded(self, training: bool | None) -> Any:
        if self.observing or (training and not self.trained):
            return self.kernel
        if current() == "export":
            import tensorflow as tf

            with tf.init_scope():
                return np.asarray(grid.fake_quant_weights(self.kernel.value, self.axes))
        kernel = grid.fake_quant_weights(self.kernel, self.axes)
        if not (training and self.quantize_after):
            return kernel
        begun = self.step >= self.quantize_after
        self.step.assign_add(1)
        return ops.where(begun, kernel, self.kernel)


def _uneven(variable: Any) -> Any:
    """Returns biases as a constant.

    The converter quantises equal biases by the scale of the first channel, for all of them.
    """
    import tensorflow as tf

    with tf.init_scope():
        bias = np.array(variable.value)
    if bias[0] and (bias == bias[0]).all():
        bias[0] = np.nextafter(bias[0], np.float32(np.inf))
    return bias


@keras.saving.register_keras_serializable(PACKAGE)
class QuantConv2D(_Weighted, keras.layers.Conv2D):  # type: ignore[misc]
    """Conv2D with int8 weights per output channel."""

    axes = (0, 1, 2)

    def product(self, inputs: Any, kernel: Any) -> Any:
        """Returns the convolution."""
        return self.convolution_op(inputs, kernel)


@keras.saving.register_keras_serializable(PACKAGE)
class QuantConv1D(_Weighted, keras.layers.Conv1D):  # type: ignore[misc]
    """Conv1D with int8 weights per output channel."""

    axes = (0, 1)

    def product(self, inputs: Any, kernel: Any) -> Any:
        """Returns the convolution."""
        causal = self.padding == "causal"
        if causal:
            inputs = ops.pad(inputs, self._compute_causal_padding())
        return ops.conv(
            inputs, kernel, list(self.strides), "valid" if causal else self.padding,
            self.data_format, self.dilation_rate,
        )  # fmt: skip


@keras.saving.register_keras_serializable(PACKAGE)
class QuantDepthwiseConv2D(_Weighted, keras.layers.DepthwiseConv2D):  # type: ignore[misc]
    """DepthwiseConv2D with int8 weights per output channel."""

    axes = (0, 1)

    def product(self, inputs: Any, kernel: Any) -> Any:
        """Returns the convolution."""
        return ops.depthwise_conv(
            inputs, kernel, self.strides, self.padding, self.data_format, self.dilation_rate
        )


@keras.saving.register_keras_serializable(PACKAGE)
class QuantDense(_Weighted, keras.layers.Dense):  # type: ignore[misc]
    """Dense with int8 weights per output."""

    axes = (0,)

    def product(self, inputs: Any, kernel: Any) -> Any:
        """Returns the matrix product."""
        return ops.matmul(inputs, kernel)


@keras.saving.register_keras_serializable(PACKAGE)
class ShiftedRelu6(keras.Layer):  # type: ignore[misc]
    """relu6(x + 3): the numerator of a hard sigmoid, which int8 convolutions clamp to."""

    def call(self, inputs: Any) -> Any:
        """Returns values from 0 to 6."""
        three = np.full(inputs.shape[-1], 3.0, np.float32)
        if current() == "export":
            three[0] = np.nextafter(three[0], np.float32(4.0))  # see `_uneven`
        return ops.relu6(inputs + three)


@keras.saving.register_keras_serializable(PACKAGE)
class Sixth(keras.Layer):  # type: ignore[misc]
    """x / 6: the rest of a hard sigmoid."""

    def call(self, inputs: Any) -> Any:
        """Returns the quotient."""
        return inputs * (1.0 / 6.0)
