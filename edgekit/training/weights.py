"""Weights of one model for another of the same architecture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgekit.errors import InputError, Problem
from edgekit.training.runtime import load_model

if TYPE_CHECKING:
    import keras

_SHOWN = 10  # layers that a message names


def take(model: keras.Model, path: Path) -> None:
    """Sets the weights of `model`, the statistics of batch normalisation included, to those of another.

    Args:
        model: Of any weights.
        path: A .keras file.

    Raises:
        InputError: The file is damaged, or holds another architecture; names the layers that differ.
    """
    trained = load_model(path)
    wanted, found = _shapes(model), _shapes(trained)
    differing = [name for name in {**wanted, **found} if wanted.get(name) != found.get(name)]
    if differing:
        raise InputError(
            [
                Problem(
                    str(path), "is of another architecture than the network to train",
                    found=f"{len(differing)} layers that differ",
                    hint="start from a run of the same model, parameters, input and classes",
                ),
                *(
                    Problem(
                        f"layer '{name}'", "differs", wanted.get(name, "no such layer"),
                        found.get(name, "no such layer"),
                    )
                    for name in differing[:_SHOWN]
                ),
            ]
        )  # fmt: skip
    given = {weight.path: weight for weight in trained.weights}
    for weight in model.weights:
        weight.assign(given[weight.path])


def _shapes(model: Any) -> dict[str, str]:
    """Returns the weights' names and shapes by the layer's name."""
    made: dict[str, str] = {}
    for weight in model.weights:
        layer, _, name = weight.path.rpartition("/")
        made[layer] = ", ".join(filter(None, [made.get(layer), f"{name} {tuple(weight.shape)}"]))
    return made
