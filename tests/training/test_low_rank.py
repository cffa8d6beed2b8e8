"""Low rank: full rank computes the same, a lower one errs by the singular values that it left out."""

import numpy as np
import pytest
from pydantic import ValidationError

from edgekit.errors import InputError
from edgekit.training import runtime
from edgekit.training.low_rank import LowRankConfig, low_rank

keras = pytest.importorskip("keras")


@pytest.fixture(scope="module")
def model():
    runtime.start(0)
    inputs = keras.Input((8, 8, 3), name="picture")
    x = keras.layers.Conv2D(24, 3, padding="same", activation="relu", name="stem")(inputs)
    x = keras.layers.Conv2D(32, 1, 2, activation="relu", name="pointwise")(x)
    x = keras.layers.Flatten(name="flat")(x)
    x = keras.layers.Dense(40, activation="tanh", name="embedding")(x)
    made = keras.Model(inputs, keras.layers.Dense(3, name="logits")(x), name="net")
    rng = np.random.default_rng(1)
    made.set_weights([rng.normal(0, 0.2, w.shape) for w in made.get_weights()])
    return made


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).standard_normal((4, 8, 8, 3)).astype(np.float32)


def test_full_rank_computes_the_same_and_keeps_names(model, x):
    made = low_rank(model, LowRankConfig(energy=1.0, granularity=1, always=True))
    assert np.allclose(model(x), made.model(x), atol=1e-4)
    names = [layer.name for layer in made.model.layers]
    assert names == [
        "picture", "stem", "pointwise_reduce", "pointwise", "flat", "embedding_reduce", "embedding",
        "logits_reduce", "logits",
    ]  # fmt: skip
    assert [layer.rank for layer in made.report.layers] == [24, 40, 3]
    assert made.model.get_layer("pointwise_reduce").strides == (2, 2)


def test_the_error_is_that_of_the_singular_values_left_out(model):
    made = low_rank(model, LowRankConfig(rank=8, include=["embedding"]))
    weights = model.get_layer("embedding").get_weights()[0]
    low = np.matmul(*(made.model.get_layer(f"embedding{end}").get_weights()[0] for end in ("_reduce", "")))
    values = np.linalg.svd(weights, compute_uv=False)
    [found] = made.report.layers
    assert np.linalg.norm(weights - low) == pytest.approx(np.sqrt((values[8:] ** 2).sum()), rel=1e-4)
    assert found.error == pytest.approx(np.linalg.norm(weights - low) / np.linalg.norm(weights), rel=1e-4)
    assert found.energy == pytest.approx(1 - found.error**2)


def test_only_what_saves_work_is_decomposed(model):
    report = low_rank(model, LowRankConfig(rank=16, granularity=8)).report
    assert [layer.name for layer in report.layers] == [
        "embedding"
    ]  # 24 x 32 at rank 16 and 40 x 3 would cost
    assert report.before.macs - report.after.macs == 512 * 40 - 16 * (512 + 40)
    assert report.after.macs == report.before.macs + sum(y.macs_after - y.macs_before for y in report.layers)


def test_a_small_saving_is_not_worth_a_layer(model):
    share = low_rank(model, LowRankConfig(rank=16)).report.layers[0].saving
    assert share == pytest.approx(1 - 16 * (512 + 40) / (512 * 40))
    assert low_rank(model, LowRankConfig(rank=16, min_saving=share)).report.layers
    assert not low_rank(model, LowRankConfig(rank=16, min_saving=share + 1e-6)).report.layers


def test_energy_chooses_the_least_multiple_that_keeps_it(model):
    values = np.linalg.svd(model.get_layer("embedding").get_weights()[0], compute_uv=False) ** 2
    shares = np.cumsum(values) / values.sum()
    [found] = low_rank(model, LowRankConfig(energy=0.5, granularity=4, include=["embedding"])).report.layers
    assert found.rank % 4 == 0 and shares[found.rank - 1] >= 0.5 > shares[found.rank - 5]


def test_a_low_rank_model_saves_and_loads(model, x, tmp_path):
    made = low_rank(model, LowRankConfig(rank=8)).model
    made.save(tmp_path / "model.keras")
    assert np.array_equal(runtime.load_model(tmp_path / "model.keras")(x), made(x))


def test_a_decomposed_layer_can_be_decomposed_again(model, x):
    config = LowRankConfig(energy=1.0, granularity=1, always=True, include=["embedding"])
    again = low_rank(low_rank(model, config).model, config).model
    assert {"embedding_reduce", "embedding_reduce_reduce"} <= {layer.name for layer in again.layers}
    assert np.allclose(model(x), again(x), atol=1e-4)


def test_a_shared_layer_is_decomposed_once():
    inputs = keras.Input((16,), name="x")
    dense = keras.layers.Dense(16, name="twice")
    shared = keras.Model(inputs, dense(dense(inputs)))
    made = low_rank(shared, LowRankConfig(energy=1.0, granularity=1, always=True))
    x = np.random.default_rng(0).standard_normal((4, 16)).astype(np.float32)
    assert np.allclose(shared(x), made.model(x), atol=1e-5)
    assert made.report.layers[0].macs_before == 2 * 256 and len(made.model.weights) == 3


def test_wrong_settings_are_named(model):
    with pytest.raises(InputError, match=r"'embeding' names no dense layer[\s\S]*embedding"):
        low_rank(model, LowRankConfig(include=["embeding"]))
    with pytest.raises(InputError, match="'stem' names no dense layer"):
        low_rank(model, LowRankConfig(exclude=["stem"]))
    with pytest.raises(ValidationError, match="rank 6 is no multiple of granularity 4"):
        LowRankConfig(rank=6)
