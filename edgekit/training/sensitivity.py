"""Which layer costs how much in int8: each one quantised alone, and each one spared.

Measured on a simulation (`edgekit.training.twin`): the float network on LiteRT, chosen layers with the
quantised model's weights and their outputs rounded to its steps. Noise is told as
signal-to-quantisation-noise ratio, SQNR = 10 log10(sum x^2 / sum (x - x')^2) dB, where x is of the
float network.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator

import numpy as np
from numpy.typing import NDArray

from edgekit.report.sensitivity import LayerSensitivity
from edgekit.training.objective import Outputs
from edgekit.training.twin import Layer, Twin

Score = Callable[[Callable[[NDArray[np.float32]], Outputs]], float]


class Sensitivity:
    """Measures a network layer by layer.

    Args:
        twin: Float and quantised network.
        calibration: float32 [n, *input_shape] for SQNR.
        score: Returns the task's metric of a network, given as a function from float32 examples to outputs.
    """

    def __init__(self, twin: Twin, calibration: NDArray[np.float32], score: Score) -> None:
        self._twin, self._x, self._score = twin, calibration, score
        self.all = frozenset(layer.node for layer in twin.layers)

    def whole(
        self, weights: Collection[int] = (), activations: Collection[int] = ()
    ) -> tuple[float, float | None]:
        """Returns the metric and the output's SQNR of the network with chosen layers quantised.

        Args:
            weights: Numbers of the layers with quantised weights.
            activations: Numbers of the layers with rounded outputs.
        """
        runner = self._twin.runner(weights, activations)
        noise = sqnr(self._twin.runner().predict(self._x), runner.predict(self._x))
        return self._score(runner.predict), noise

    def layers(self, done: Collection[int] = ()) -> Iterator[LayerSensitivity]:
        """Yields the figures of each layer, in the order of the file.

        Args:
            done: Numbers of the layers that are known already.
        """
        for layer in self._twin.layers:
            if layer.node not in done:
                yield self._layer(layer)

    def _layer(self, layer: Layer) -> LayerSensitivity:
        one = frozenset({layer.node})
        rest = self.all - one
        alone, spared = self.whole(one, one), self.whole(rest, rest)
        wide = self.whole(self.all, rest) if layer.parameters else spared
        return LayerSensitivity(
            node=layer.node,
            op=layer.op,
            name=layer.name,
            shape=list(layer.shape),
            parameters=layer.parameters,
            own_sqnr_db=self._at(layer, one),
            sqnr_db=self._at(layer, self.all),
            alone_metric=alone[0],
            alone_sqnr_db=alone[1],
            spared_metric=spared[0],
            spared_sqnr_db=spared[1],
            wide_metric=wide[0],
            wide_sqnr_db=wide[1],
        )

    def _at(self, layer: Layer, quantized: Collection[int]) -> float | None:
        """Returns the SQNR of a layer's output, one example at a time, as it may be large."""
        exact = self._twin.runner(watched=[layer.node])
        noisy = self._twin.runner(quantized, quantized, [layer.node])
        signal = error = 0.0
        for x in self._x:
            clean, got = exact(x)[-1].astype(np.float64), noisy(x)[-1]
            signal += float(np.square(clean).sum())
            error += float(np.square(clean - got).sum())
        return _ratio(signal, error)


def sqnr(exact: Outputs, noisy: Outputs) -> float | None:
    """Returns the signal-to-quantisation-noise ratio in dB of the output that has the least.

    Args:
        exact, noisy: Outputs by name, [n, ...], in the same order.

    Returns:
        None where there is no noise, or no signal.
    """
    ratios = []
    for clean, got in zip(exact.values(), noisy.values(), strict=True):
        clean = clean.astype(np.float64)
        ratios.append(_ratio(float(np.square(clean).sum()), float(np.square(clean - got).sum())))
    return min((ratio for ratio in ratios if ratio is not None), default=None)


def _ratio(signal: float, error: float) -> float | None:
    return 10 * math.log10(signal / error) if signal and error else None
