"""The networks that a benchmark runs when none is given, and what TFLM is known to need for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgekit import paths
from edgekit.pipeline.model_file import ModelFile
from edgekit.recipes import base as recipes


@dataclass(frozen=True)
class Network:
    """An architecture by its key, with the shapes that decide its counts."""

    architecture: str
    params: dict[str, Any]
    input_shape: tuple[int, ...]
    outputs: int


# Those that TFLM was counted with: MLPerf Tiny's (Banbury et al., arXiv:2106.07597), and one for signals.
_KNOWN = {
    "ds-cnn": Network("ds-cnn", {}, (49, 10, 1), 12),
    "autoencoder": Network("mlp", {}, (640,), 640),
    "mobilenet-v1": Network("mobilenet-v1", {}, (96, 96, 3), 2),
    "resnet8": Network("resnet8", {}, (32, 32, 3), 10),
    "efficientnetv2-1d": Network("efficientnetv2-1d", {"pooling": "stride"}, (800, 1), 4),
}


def networks() -> dict[str, Network]:
    """Returns the networks that TFLM was counted with and that of each recipe of signals, by name."""
    from edgekit.preproc.chain import Chain

    found = dict(_KNOWN)
    for key in recipes.REGISTRY.keys():
        recipe = recipes.REGISTRY.get(key)
        if recipe.camera:  # too large before its plan of compression
            continue
        preproc = recipe.preproc
        frame = Chain.design(preproc.steps, preproc.rate_hz, preproc.input).output.shape
        found[key] = Network(recipe.model.name, recipe.model.params, (*frame, 1), len(recipe.classes))
    return found


def untrained(folder: Path) -> Iterator[ModelFile]:
    """Yields every network with random weights: counts depend on shapes, hardly on weights.

    Args:
        folder: Where the .tflite files are put; their stems are the networks' names.

    Raises:
        EnvironmentFailed: TensorFlow is not installed.
    """
    from edgekit.training.runtime import build_model
    from edgekit.training.untrained import int8_on_noise

    for name, network in networks().items():
        model = build_model(
            network.architecture, network.params, network.input_shape, network.outputs, seed=0
        )
        path = folder / f"{name}.tflite"
        path.write_bytes(int8_on_noise(model))
        yield ModelFile.open(path)


def tflm() -> dict[str, Any]:
    """Returns TFLM's figures by model and core; a checkout keeps them in benchmarks/."""
    path = paths.share("boards").parent / "benchmarks" / "tflm.json"
    if not path.is_file():
        return {}
    models: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["models"]
    return {name: entry for key, entry in models.items() for name in (key, *entry["also"])}
