"""Weights of one model for another that is of the same architecture up to its heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgekit.errors import InputError, Problem
from edgekit.training import network
from edgekit.training.runtime import load_model

if TYPE_CHECKING:
    import keras

_SHOWN = 10  # layers that a message names


@dataclass(frozen=True, slots=True)
class Taken:
    """What a network began with.

    Args:
        layers: Names of the layers whose weights are those of the other model.
        fresh: Names of the heads that begin anew, as the other's have another shape or are not there.
        unused: Names of heads that only the other model has.
    """

    layers: Sequence[str]
    fresh: Sequence[str]
    unused: Sequence[str]


def take(model: keras.Model, path: Path) -> Taken:
    """Sets the weights of `model`, the statistics of batch normalisation included, to those of another.

    Layers are matched by name and the shapes of their weights. All must fit but the heads, the last layers
    with weights before each output: one that does not fit keeps its own weights.

    Args:
        model: Of any weights.
        path: A .keras file.

    Raises:
        InputError: The file is damaged, or more than heads differ; names the layers.
    """
    trained = load_model(path)
    wanted, found = _shapes(model), _shapes(trained)
    fitting = [name for name in wanted if wanted[name] == found.get(name)]
    differing = [name for name in {**wanted, **found} if wanted.get(name) != found.get(name)]
    if differing:
        heads = _heads(model) | _heads(trained)
        if not set(differing) <= heads or set(fitting) <= heads:
            raise InputError(_misfits(path, wanted, found, fitting, differing, heads))
    given = {weight.path: weight for weight in trained.weights}
    for weight in model.weights:
        if _layer(weight) in fitting:
            weight.assign(given[weight.path])
    fresh = [name for name in differing if name in wanted]
    return Taken(fitting, fresh, [name for name in differing if name not in wanted])


def _misfits(
    path: Path,
    wanted: dict[str, str],
    found: dict[str, str],
    fitting: Sequence[str],
    differing: Sequence[str],
    heads: set[str],
) -> list[Problem]:
    def shown(name: str) -> Problem:
        what = "differs" + (", as a head may" if name in heads else "")
        none = "no such layer"
        return Problem(f"layer '{name}'", what, wanted.get(name, none), found.get(name, none))

    fits = f"{', '.join(fitting[:_SHOWN]) or 'none'}{', ...' if len(fitting) > _SHOWN else ''}"
    first = Problem(
        str(path), "is of another architecture than the network to train",
        "layers that fit by name and shape, all but the heads",
        f"{len(differing)} layers that differ; {len(fitting)} that fit: {fits}",
        "start from a run of the same model, parameters and input channels",
    )  # fmt: skip
    ordered = sorted(differing, key=lambda name: name in heads)
    return [first, *(shown(name) for name in ordered[:_SHOWN])]


def _heads(model: keras.Model) -> set[str]:
    """Returns the names of the last layers with weights before each output."""
    made = {id(tensor): call for call in network.calls(network.functional(model)) for tensor in call.outputs}
    waiting, names = list(model.outputs), set()
    while waiting:
        call = made.get(id(waiting.pop()))
        if call is None:  # an input
            continue
        if getattr(call.op, "weights", ()):
            names |= {_layer(weight) for weight in call.op.weights}
        else:
            waiting += call.inputs
    return names


def _layer(weight: Any) -> str:
    return str(weight.path.rpartition("/")[0])


def _shapes(model: Any) -> dict[str, str]:
    """Returns the weights' names and shapes by the layer's name."""
    made: dict[str, str] = {}
    for weight in model.weights:
        layer, _, name = weight.path.rpartition("/")
        made[layer] = ", ".join(filter(None, [made.get(layer), f"{name} {tuple(weight.shape)}"]))
    return made
