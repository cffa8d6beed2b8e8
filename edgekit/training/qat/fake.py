"""The layer that rounds activations, and what the layers of a network in training share.

Imports Keras: only imported where that is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

import keras
import numpy as np
from keras import ops

from edgekit.training.qat import grid

PACKAGE = "edgekit.qat"
Mode = Literal["run", "observe", "observe-skipped", "export"]
_mode: ContextVar[Mode] = ContextVar("mode", default="run")


def current() -> Mode:
    """Returns what these layers do now."""
    return _mode.get()


@contextmanager
def mode(name: Mode) -> Iterator[None]:
    """Makes these layers do something else than train and predict in the block.

    Args:
        name: "observe": nothing is rounded, and ranges widen to what passes ("observe-skipped": only of
            layers that are not trained); "export": traced ranges become the converter's own operator, and
            weights constants on their grid.
    """
    token = _mode.set(name)
    try:
        yield
    finally:
        _mode.reset(token)


class Delayed(keras.Layer):  # type: ignore[misc]
    """A layer that begins to round after some steps of training; in inference it does at once."""

    def __init__(self, *, quantize_after: int = 0, trained: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.quantize_after, self.trained = quantize_after, trained

    @property
    def observing(self) -> bool:
        """Whether it is being calibrated."""
        now = current()
        return now == "observe" or (now == "observe-skipped" and not self.trained)

    def add_counter(self) -> None:
        """Adds a counter of steps."""
        self.step = self.add_weight(
            name="step", dtype="int32", initializer="zeros", trainable=False, aggregation="only_first_replica"
        )

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor."""
        return {**super().get_config(), "quantize_after": self.quantize_after, "trained": self.trained}


@keras.saving.register_keras_serializable(PACKAGE)
class FakeQuant(Delayed):
    """Rounds activations to the int8 grid of a range that it follows or learns; one range per layer.

    In training, a layer that is not `trained` passes its input on. In inference all layers round.

    Args:
        slots: Number of tensors that make up the range, each observed for itself.
        fixed: The range, where the kernel prescribes it.
        learned: Whether gradients move the range, instead of a moving average of extremes.
        momentum: Of the moving averages.
        observe_after: Step of training from which the moving averages move.
        quantize_after: Step of training from which it rounds.
        trained: Whether it rounds and its range moves in training at all.
    """

    def __init__(
        self,
        *,
        slots: int = 1,
        fixed: tuple[float, float] | None = None,
        learned: bool = False,
        momentum: float = 0.99,
        observe_after: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.slots, self.learned, self.momentum = slots, learned, momentum
        self.fixed = tuple(fixed) if fixed else None
        self.observe_after = observe_after

    def build(self, inputs_shape: Any, unit_shape: Any = None, source_shape: Any = None) -> None:
        """Creates the range."""
        if self.fixed is None:
            self.minimum = self.add_weight(
                name="minimum", shape=(self.slots,), initializer="zeros", trainable=False, aggregation="mean"
            )
            self.maximum = self.add_weight(
                name="maximum", shape=(self.slots,), initializer="zeros", trainable=False, aggregation="mean"
            )
            if self.learned:  # natural logarithms of factors of the calibrated ends
                self.gain = self.add_weight(
                    name="gain", shape=(2,), initializer="zeros", trainable=self.trained
                )
        if self.quantize_after:
            self.add_counter()
        self.built = True

    def ends(self) -> tuple[Any, Any]:
        """Returns the range as float32 scalars."""
        if self.fixed is not None:
            return self.fixed[0], self.fixed[1]
        low, high = ops.min(self.minimum), ops.max(self.maximum)
        if self.learned:
            low, high = low * ops.exp(self.gain[0]), high * ops.exp(self.gain[1])
        return low, high

    def call(
        self,
        inputs: Any,
        unit: Any = None,
        source: Any = None,
        slot: int | None = None,
        count: int = 1,
        pooled: bool = False,
        again: bool = False,
        training: bool | None = None,
    ) -> tuple[Any, Any]:
        """Returns `inputs` rounded, and the scale that they have then.

        Args:
            inputs: float32.
            unit: float32, scalar or [channels]: what a sum of 1 stands for in a kernel that rounds its sums
                twice; inference follows it.
            source: What they are the hard swish of, on a grid of scale `unit`; inference computes them anew.
            slot: Which of the range's tensors this is; None: rounded only, it lies in the range anyway.
            count: What such a kernel divides its sums by.
            pooled: Whether they are averages of values in the range, which kernels round by division.
            again: Whether they are rounded to a prescribed range already; the converter then rounds between.
            training: Whether ranges move.
        """
        if self.observing and slot is not None and self.fixed is None:
            self._set(slot, ops.minimum(self.minimum[slot], ops.min(inputs)), self.minimum)
            self._set(slot, ops.maximum(self.maximum[slot], ops.max(inputs)), self.maximum)
        elif training and self.trained and slot is not None and self.fixed is None and not self.learned:
            self._follow(inputs, slot)
        low, high = self.ends()
        scale, _ = grid.scale_and_zero(low, high)
        scale = ops.stop_gradient(scale)
        if self.observing or (training and not self.trained):
            return inputs, scale
        if current() == "export":
            import tensorflow as tf

            ends = self.exported()
            return inputs if again else tf.quantization.fake_quant_with_min_max_vars(inputs, *ends), scale
        if not training:
            if pooled:
                return grid.pool_rounded(inputs, low, high), scale
            if source is not None:
                return grid.hard_swish_rounded(source, unit, low, high), scale
            if unit is not None:
                return grid.kernel_rounded(inputs, low, high, unit, count), scale
        rounded = grid.fake_quant(inputs, low, high)
        if not (training and self.quantize_after):
            return rounded, scale
        begun = self.step >= self.quantize_after
        if slot == 0:
            self.step.assign_add(1)
        return ops.where(begun, rounded, inputs), scale

    def exported(self) -> tuple[np.float32, np.float32]:
        """Returns the ends of the grid, as the converter is told them."""
        import tensorflow as tf

        with tf.init_scope():
            low, high = self.ends()
            return grid.nudged(float(low), float(high))

    def clear(self) -> None:
        """Forgets the range, before it is calibrated; learned factors stay."""
        if self.fixed is None:
            self.minimum.assign(ops.zeros_like(self.minimum))
            self.maximum.assign(ops.zeros_like(self.maximum))

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Returns the inputs' own, and a scalar."""
        return keras.KerasTensor(inputs.shape, inputs.dtype), keras.KerasTensor((), inputs.dtype)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor."""
        own = ("slots", "fixed", "learned", "momentum", "observe_after")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}

    def _follow(self, x: Any, slot: int) -> None:
        x = ops.stop_gradient(x)
        share: Any = 1.0 - self.momentum
        if self.observe_after:
            share = ops.where(self.step >= self.observe_after, share, 0.0)
        low, high = self.minimum[slot], self.maximum[slot]
        self._set(slot, low + share * (ops.minimum(ops.min(x), 0.0) - low), self.minimum)
        self._set(slot, high + share * (ops.maximum(ops.max(x), 0.0) - high), self.maximum)

    def _set(self, slot: int, value: Any, variable: Any) -> None:
        variable.assign(ops.where(ops.arange(self.slots) == slot, value, variable))
