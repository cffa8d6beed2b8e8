"""Weights of another run: all that fits are taken, a head that does not begins anew, the rest is refused."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.errors import InputError

keras = pytest.importorskip("keras")

from edgekit.training import weights  # noqa: E402
from edgekit.training.runtime import build_model  # noqa: E402

HEADS = {"coverage", "boxes"}


def detector(classes=1, side=32, seed=0, **params):
    backbone = {"depth": 10, "filters": [8, 8], "stem_kernel": 3}
    keras.backend.clear_session()
    given = {"stride": 4, "backbone_params": backbone, **params}
    return build_model("detectnet-v2", given, (side, side, 1), classes, seed)


@pytest.fixture(scope="module")
def one_class(tmp_path_factory):
    path = tmp_path_factory.mktemp("one") / "model.keras"
    model = detector(seed=7)
    for weight in model.weights:  # the statistics of batch normalisation, too
        weight.assign(weight + 0.25)
    model.save(path)
    return path


def values(model):
    return {weight.path: weight.numpy() for weight in model.weights}


def same(a, b):
    """Returns the names of the layers whose weights are equal."""
    layers = {path.rpartition("/")[0] for path in a}
    return {
        layer for layer in layers
        if all(np.array_equal(a[p], b[p]) for p in a if p.rpartition("/")[0] == layer)
    }  # fmt: skip


def test_a_detector_of_more_classes_takes_all_but_its_heads(one_class):
    model, before = detector(3), values(detector(3))
    taken = weights.take(model, one_class)
    other, after = values(keras.models.load_model(one_class)), values(model)
    assert set(taken.fresh) == HEADS and taken.unused == []
    assert same(after, before) == HEADS
    assert same({p: v for p, v in after.items() if p.split("/")[0] not in HEADS}, other) == set(taken.layers)
    assert len(taken.layers) > 8


def test_another_input_size_takes_everything(one_class):
    model = detector(side=64)
    taken = weights.take(model, one_class)
    other = values(keras.models.load_model(one_class))
    assert same(values(model), other) == set(taken.layers) >= HEADS and not taken.fresh


def test_a_head_that_only_one_of_them_has(one_class, tmp_path):
    taken = weights.take(detector(boxes=False), one_class)
    assert taken.unused == ["boxes"] and not taken.fresh
    centroids = detector(boxes=False)
    centroids.save(tmp_path / "centroids.keras")
    assert weights.take(detector(), tmp_path / "centroids.keras").fresh == ["boxes"]


def test_a_classifier_of_other_classes_takes_its_hidden_layers(tmp_path):
    def mlp(classes, seed):
        keras.backend.clear_session()
        return build_model("mlp", {"hidden": [4, 4]}, (8, 1), classes, seed)

    mlp(2, 1).save(tmp_path / "two.keras")
    model, before = mlp(5, 2), values(mlp(5, 2))
    taken = weights.take(model, tmp_path / "two.keras")
    assert len(taken.fresh) == 1 and len(taken.layers) >= 2
    assert set(taken.fresh) <= same(values(model), before)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"backbone_params": {"depth": 10, "filters": [8, 16], "stem_kernel": 3}}, "(3, 3, 8, 16)"),
        ({"neck": 6}, "layer 'neck'"),
        ({"classes": 3, "neck": 6}, "layer 'coverage': differs, as a head may"),
    ],
)
def test_another_backbone_is_refused_with_what_fits_and_what_does_not(one_class, changes, named):
    model = detector(**changes)
    before = values(model)
    with pytest.raises(InputError) as caught:
        weights.take(model, one_class)
    first, *layers = caught.value.problems
    assert named in str(caught.value)
    assert " layers that differ; " in first.found and " that fit: " in first.found
    assert "as a head may" not in layers[0].what  # the reason comes first
    assert same(values(model), before) == {path.rpartition("/")[0] for path in before}


def test_heads_alone_are_not_enough(tmp_path):
    """A network that is all head has nothing to hand on to one of other classes."""

    def linear(classes):
        inputs = keras.Input((4,))
        return keras.Model(inputs, keras.layers.Dense(classes, name="logits")(inputs))

    linear(2).save(tmp_path / "two.keras")
    with pytest.raises(InputError, match="0 that fit: none"):
        weights.take(linear(3), tmp_path / "two.keras")
    assert weights.take(linear(2), tmp_path / "two.keras").layers == ["logits"]
