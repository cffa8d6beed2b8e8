"""Follows channels through a model's graph: who makes them, who reads them, who ties them together."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import InputError, did_you_mean
from edgekit.training import cost, network
from edgekit.training.network import Call
from edgekit.training.prune.channels import Channels, Groups, Ids

if TYPE_CHECKING:
    import keras

Axes = list[tuple[Ids | None, ...]]  # per weight, per axis: its channels, or None where none can go


@dataclass(slots=True, eq=False)
class LayerChannels:
    """How a layer depends on channels.

    Args:
        op: The layer or operation.
        axes: Of its weights, in their order.
        inputs: Channels that its weights read; further calls are coupled with them.
        made: Channels that it makes.
        setting: Key of its configuration that holds how many it makes, a number or a shape that ends in it.
        positions: How often one example multiplies by each element of its kernels.
    """

    op: Any
    axes: Axes = field(default_factory=list)
    inputs: Ids = field(default_factory=lambda: np.zeros(0, np.int64))
    made: Ids = field(default_factory=lambda: np.zeros(0, np.int64))
    setting: str = ""
    positions: int = 0

    @property
    def weights(self) -> list[Any]:
        """Its variables; operations have none."""
        return getattr(self.op, "weights", [])

    @property
    def produces(self) -> bool:
        """Whether its kernel makes channels that did not exist before."""
        return self.setting in ("filters", "units")

    def kept(self, keep: NDArray[np.bool_]) -> tuple[int, int]:
        """Returns parameters and multiply-accumulates that are left.

        Args:
            keep: bool [channels].
        """
        parameters = macs = 0
        for weight, axes in zip(self.weights, self.axes, strict=True):
            pairs = zip(weight.shape, axes, strict=True)
            size = math.prod(n if ids is None else int(keep[ids].sum()) for n, ids in pairs)
            parameters += size
            macs += size * self.positions * (len(axes) > 1)
        return parameters, macs


@dataclass(frozen=True, slots=True)
class Coupling:
    """The channels of a model.

    Args:
        model: Functional.
        layers: Those that depend on channels, in order of computation.
        groups: Which channels go together.
        whole: Layers whose channels are all kept, and why.
    """

    model: keras.Model
    layers: list[LayerChannels]
    groups: Groups
    whole: dict[str, str]


class Trace:
    """What is known while the graph is walked; rules write into it.

    Args:
        exclude: Patterns of layer names that keep the channels they make.
    """

    def __init__(self, exclude: list[str]) -> None:
        self.channels = Channels()
        self.layers: dict[int, LayerChannels] = {}
        self.whole: dict[str, str] = {}
        self._exclude = exclude
        self._tensors: dict[int, Ids] = {}

    def ids(self, tensor: keras.KerasTensor) -> Ids:
        """Returns the channels along the last axis of a tensor."""
        if id(tensor) not in self._tensors:  # an input of the model
            self._tensors[id(tensor)] = self.fixed(tensor)
        return self._tensors[id(tensor)]

    def made(self, tensor: keras.KerasTensor, ids: Ids) -> None:
        """Says which channels lie along the last axis of a tensor."""
        self._tensors[id(tensor)] = ids

    def fixed(self, tensor: keras.KerasTensor) -> Ids:
        """Returns new channels for a tensor that must keep its width."""
        ids = self.channels.fresh((tensor.shape[-1] or 0) if tensor.shape else 0)
        self.channels.keep(ids)
        return ids

    def weighted(self, call: Call, axes: Axes, inputs: Ids, made: Ids, setting: str = "") -> Ids:
        """Registers a layer whose weights depend on channels; returns the channels that it makes.

        Args:
            call: Of the layer; later calls are coupled with the first.
            axes: Of its weights.
            inputs: Channels that they read.
            made: Channels that it makes.
            setting: See `LayerChannels`.
        """
        layer = self.layers.get(id(call.op))
        if layer is None:
            layer = self.layers[id(call.op)] = LayerChannels(call.op, axes, inputs, made, setting)
            del layer.axes[len(layer.weights) :]  # a layer without bias
            if layer.produces and any(fnmatchcase(call.op.name, pattern) for pattern in self._exclude):
                self.keep(call.op.name, made, "excluded")
        self.channels.join(layer.inputs, inputs)
        layer.positions += cost.positions(call)
        return layer.made

    def keep(self, name: str, ids: Ids, reason: str) -> None:
        """Keeps channels and says why."""
        self.channels.keep(ids)
        self.whole[name] = reason

    def untouched(self, call: Call, reason: str) -> None:
        """Keeps everything that a call reads and makes."""
        for tensor in call.inputs:
            self.channels.keep(self.ids(tensor))
        for tensor in call.outputs:
            self.made(tensor, self.fixed(tensor))
        self.whole[call.op.name] = reason


def trace(model: keras.Model, exclude: list[str]) -> Coupling:
    """Returns the channels of `model` and how they are coupled.

    Args:
        model: Functional or sequential, built.
        exclude: Patterns of names of layers that keep the channels they make.

    Raises:
        InputError: The graph cannot be seen, or a pattern names no layer.
    """
    from edgekit.training.prune import rules

    model = network.functional(model)
    _check_patterns(model, exclude)
    found = Trace(exclude)
    for call in network.calls(model):
        rules.follow(call, found)
    for tensor in model.outputs:
        found.channels.keep(found.ids(tensor))
    return Coupling(model, list(found.layers.values()), found.channels.groups(), found.whole)


def _check_patterns(model: keras.Model, patterns: list[str]) -> None:
    names = [layer.name for layer in model.layers]
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise InputError(
                where="exclude", what=f"'{pattern}' names no layer", hint=did_you_mean(pattern, names)
            )
