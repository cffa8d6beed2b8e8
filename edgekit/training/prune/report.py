"""What pruning took from a model."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from edgekit.training import cost
from edgekit.training.cost import ModelCost
from edgekit.training.prune.coupling import Coupling

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True)
class PrunedLayer:
    """One layer with parameters; channels are those that it makes or passes on."""

    name: str
    kind: str
    channels_before: int
    channels_after: int
    parameters_before: int
    parameters_after: int
    macs_before: int
    macs_after: int


@dataclass(frozen=True, slots=True)
class PrunedGroup:
    """Layers that keep the same channels, or share some of them; channels are counted once."""

    layers: list[str]
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class PruneReport:
    """What pruning took.

    Args:
        threshold: That scores were held against; found where a share was asked for.
        before, after: Costs of the two models.
        layers: With parameters, in order of computation.
        groups: Of layers that make channels.
        whole: Layers whose channels were all kept, and why.
    """

    threshold: float
    before: ModelCost
    after: ModelCost
    layers: list[PrunedLayer]
    groups: list[PrunedGroup]
    whole: dict[str, str]

    def since(self, first: PruneReport) -> PruneReport:
        """Returns what went from the beginning of `first` to the end of this one, a later round."""
        layers = [
            replace(
                new, channels_before=old.channels_before, parameters_before=old.parameters_before,
                macs_before=old.macs_before,
            )
            for old, new in zip(first.layers, self.layers, strict=True)
        ]  # fmt: skip
        left = [  # a group falls apart when the channels that its layers shared are gone
            sum(now.after for now in self.groups if set(now.layers) <= set(group.layers))
            for group in first.groups
        ]
        groups = [replace(group, after=after) for group, after in zip(first.groups, left, strict=True)]
        return replace(self, before=first.before, layers=layers, groups=groups)

    def as_json(self) -> dict[str, Any]:
        """Returns the report as JSON values: totals, and tables of flat rows."""
        groups = [
            {
                "layers": ", ".join(group.layers),
                "channels_before": group.before,
                "channels_after": group.after,
            }
            for group in self.groups
        ]
        return {
            "threshold": self.threshold,
            "before": self.before.totals,
            "after": self.after.totals,
            "layers": [asdict(layer) for layer in self.layers],
            "groups": groups,
            "whole": [{"layer": name, "reason": reason} for name, reason in self.whole.items()],
        }


def compare(coupling: Coupling, keep: NDArray[np.bool_], threshold: float, model: keras.Model) -> PruneReport:
    """Returns what went between the model of `coupling` and the pruned `model`.

    Args:
        coupling: The channels before.
        keep: bool [channels], those that stayed.
        threshold: That scores were held against.
        model: The pruned one.
    """
    before, after = cost.of(coupling.model), cost.of(model)
    made = {layer.op.name: layer.made for layer in coupling.layers}
    none = np.zeros(0, np.int64)
    layers = [
        PrunedLayer(
            old.name, old.kind, len(made.get(old.name, none)), int(keep[made.get(old.name, none)].sum()),
            old.parameters, new.parameters, old.macs, new.macs,
        )
        for old, new in zip(before.layers, after.layers, strict=True)
    ]  # fmt: skip
    return PruneReport(threshold, before, after, layers, _groups(coupling, keep), coupling.whole)


def _groups(coupling: Coupling, keep: NDArray[np.bool_]) -> list[PrunedGroup]:
    """Layers are together when they make a channel that must go with one of the other's."""
    found: list[tuple[list[str], set[int]]] = []
    stays = np.zeros(len(coupling.groups.kept), bool)
    stays[coupling.groups.of] = keep
    for layer in coupling.layers:
        if not layer.produces:
            continue
        names, channels = [layer.op.name], set(coupling.groups.of[layer.made].tolist())
        for other in [group for group in found if group[1] & channels]:
            found.remove(other)
            names, channels = other[0] + names, other[1] | channels
        found.append((names, channels))
    return [PrunedGroup(names, len(ids), int(stays[list(ids)].sum())) for names, ids in found]
