"""Which channels stay: a threshold, then the least width and the multiple that each layer keeps."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import CheckFailed
from edgekit.training import cost
from edgekit.training.prune import scores
from edgekit.training.prune.config import PruneConfig
from edgekit.training.prune.coupling import Coupling

Mask = NDArray[np.bool_]


def choose(coupling: Coupling, config: PruneConfig) -> tuple[Mask, float]:
    """Returns which channels stay, and the threshold that their scores were held against.

    Args:
        coupling: The channels of a model.
        config: A threshold, or the share to keep: then the least threshold that reaches it is looked for.

    Returns:
        bool [channels], and the threshold.

    Raises:
        CheckFailed: The share cannot be reached.
    """
    chooser = _Chooser(coupling, config)
    share, costs = (config.keep_parameters, "parameters")
    if config.keep_macs is not None:
        share, costs = config.keep_macs, "multiply-accumulates"
    if share is None:
        return chooser.keep(config.pth), config.pth
    which = 0 if costs == "parameters" else 1
    wanted = share * chooser.before[which]
    found = np.unique(chooser.scores[np.isfinite(chooser.scores)])
    thresholds = [0.0, *np.nextafter(found, np.inf)]  # just above a score, so that it goes
    low, high = 0, len(thresholds) - 1
    least = chooser.cost(chooser.keep(thresholds[high]))[which]
    if least > wanted:
        raise CheckFailed(
            where="prune", what=f"cannot come down to the share of {costs} asked for",
            expected=f"{share:g}", found=f"at least {least / chooser.before[which]:.3g}",
            hint="a smaller min_channels or granularity, fewer excluded layers, or a larger share",
        )  # fmt: skip
    while low < high:
        middle = (low + high) // 2
        if chooser.cost(chooser.keep(thresholds[middle]))[which] <= wanted:
            high = middle
        else:
            low = middle + 1
    return chooser.keep(thresholds[high]), float(thresholds[high])


class _Chooser:
    def __init__(self, coupling: Coupling, config: PruneConfig) -> None:
        self.groups, self.layers, self.config = coupling.groups, coupling.layers, config
        self.scores = scores.of_groups(coupling, config)
        whole = cost.of(coupling.model)
        self.before = (whole.parameters, whole.macs)
        everything = self._traced(np.ones(len(self.groups.of), bool))
        self.rest = tuple(a - b for a, b in zip(self.before, everything, strict=True))
        self.widths = [self.groups.of[layer.made] for layer in self.layers if layer.produces]

    def keep(self, threshold: float) -> Mask:
        """Returns which channels stay at a threshold."""
        keep = self.scores >= threshold
        changed = True
        while changed:  # widening one layer may widen those that are coupled with it
            changed = False
            for made in self.widths:
                changed |= self._widen(made, keep)
        return keep[self.groups.of]

    def _widen(self, made: NDArray[np.int64], keep: Mask) -> bool:
        """Adds a layer's best channels until it has its least width and multiple; says whether any."""
        step, changed = self.config.granularity, False
        for group in made[np.argsort(-self.scores[made], kind="stable")]:
            kept = int(keep[made].sum())
            least = max(self.config.min_channels, kept)
            if kept >= min(len(made), math.ceil(least / step) * step):
                break
            changed |= not keep[group]
            keep[group] = True
        return changed

    def cost(self, keep: Mask) -> tuple[int, ...]:
        """Returns parameters and multiply-accumulates of the model with these channels."""
        return tuple(a + b for a, b in zip(self._traced(keep), self.rest, strict=True))

    def _traced(self, keep: Mask) -> tuple[int, int]:
        parameters = macs = 0
        for layer in self.layers:
            more = layer.kept(keep)
            parameters, macs = parameters + more[0], macs + more[1]
        return parameters, macs
