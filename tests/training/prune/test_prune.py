"""Pruning: what goes is what was zero, on any graph; widths, couplings, targets and names are kept."""

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgekit.errors import CheckFailed, InputError
from edgekit.models import base
from edgekit.training import cost, runtime
from edgekit.training.prune import PruneConfig, choose, coupling, prune

from . import graphs

keras = pytest.importorskip("keras")

NETWORKS = {
    "efficientnetv2-1d": ({"blocks": [{"filters": 8, "expansion": 2}, {"filters": 8, "stride": 1}]}, (48, 1)),
    "resnet8": ({"filters": [8, 12]}, (8, 8, 3)),
    "ds-cnn": ({"filters": 12, "blocks": 2}, (12, 8, 1)),
    "mobilenet-v1": ({"alpha": 0.125}, (32, 32, 3)),
    "mobilenet-v3": ({"alpha": 0.25, "embedding": 16}, (32, 32, 1)),
    "mlp": ({"hidden": [12, 6]}, (10, 2)),
}


@pytest.fixture(scope="module", autouse=True)
def start():
    runtime.start(0)


def example(model, n=2, seed=0):
    x = np.random.default_rng(seed).standard_normal((n, *model.input_shape[1:]))
    return x.astype(np.float32)


def close(a, b, x):
    a, b = np.array(a(x, training=False)), np.array(b(x, training=False))
    return np.allclose(a, b, rtol=1e-4, atol=1e-4 * max(1.0, np.abs(a).max()))


def holds(model, config):
    """Checks the one law of pruning, and that costs worked out beforehand are those of the model made."""
    traced = coupling.trace(model, config.exclude)
    keep, _ = choose.choose(traced, config)
    pruned = prune(model, config)
    x = example(model)
    assert pruned.model.output_shape == model.output_shape
    assert [layer.name for layer in pruned.model.layers] == [layer.name for layer in traced.model.layers]
    assert close(graphs.silenced(traced, keep), pruned.model, x)
    foretold = choose._Chooser(traced, config).cost(keep)
    assert foretold == (pruned.report.after.parameters, pruned.report.after.macs)
    assert pruned.report.after.parameters == pruned.model.count_params()
    return pruned


@pytest.mark.slow
@settings(
    max_examples=100 if os.environ.get("EDGEKIT_SOAK") else 15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
@given(graphs.GRAPHS, st.sampled_from(["union", "intersection", "geometric_mean"]), st.integers(1, 4))
def test_any_graph_computes_as_if_the_channels_that_went_were_zero(graph, equalization, granularity):
    model = graphs.build(*graph)
    holds(model, PruneConfig(pth=0.9, equalization=equalization, granularity=granularity, min_channels=1))


@pytest.mark.parametrize("head", graphs.HEADS)
def test_every_block_is_followed(head):
    blocks = [block for block in graphs.BLOCKS if block != "unknown"]
    model = graphs.build(blocks, head)
    pruned = holds(model, PruneConfig(pth=0.9, granularity=1, min_channels=1, equalization="intersection"))
    assert pruned.report.whole == {}
    assert pruned.report.after.parameters < 0.7 * pruned.report.before.parameters


@pytest.mark.parametrize("name", NETWORKS)
def test_the_networks_that_edgekit_carries(name):
    params, shape = NETWORKS[name]
    model = graphs.randomised(base.build(name, params, shape, 3))
    pruned = holds(model, PruneConfig(keep_parameters=0.6, granularity=2, min_channels=2))
    assert pruned.report.after.parameters <= 0.6 * pruned.report.before.parameters
    assert pruned.report.whole == {}


def resnet18(width):
    """He et al., arXiv:1512.03385, table 1, on small pictures: four stages of two blocks."""
    from keras import layers

    def conv(x, filters, kernel, stride, name):
        x = layers.Conv2D(filters, kernel, stride, "same", use_bias=False, name=name)(x)
        return layers.BatchNormalization(name=f"{name}_bn")(x)

    inputs = keras.Input((32, 32, 3), name="picture")
    x = layers.ReLU()(conv(inputs, width, 7, 2, "stem"))
    x = layers.MaxPooling2D(3, 2, "same")(x)
    for stage in range(4):
        filters = width << stage
        for block in range(2):
            stride, name = 2 if stage and not block else 1, f"stage{stage}_{block}"
            y = conv(layers.ReLU()(conv(x, filters, 3, stride, f"{name}_a")), filters, 3, 1, f"{name}_b")
            x = x if stride == 1 else conv(x, filters, 1, stride, f"{name}_skip")
            x = layers.ReLU(name=name)(layers.Add()([x, y]))
    coverage = layers.Conv2D(1, 1, activation="sigmoid", name="coverage")(x)
    boxes = layers.Conv2D(4, 1, name="boxes")(x)
    return keras.Model(inputs, [coverage, boxes], name="detector")


def test_a_residual_detector_of_two_outputs_loses_most_of_its_parameters():
    model = graphs.randomised(resnet18(8))
    traced = coupling.trace(model, [])
    config = PruneConfig(keep_parameters=0.3)
    keep, _ = choose.choose(traced, config)
    pruned, x = prune(model, config), example(model)
    for a, b in zip(graphs.silenced(traced, keep)(x), pruned.model(x), strict=True):
        assert np.allclose(a, b, rtol=1e-3, atol=1e-3 * np.abs(a).max())
    assert pruned.model.output_names == ["coverage", "boxes"] and pruned.report.whole == {}
    assert 0.25 < pruned.report.after.parameters / model.count_params() <= 0.3
    together = {frozenset(group.layers) for group in pruned.report.groups}
    assert {"stage1_0_b", "stage1_0_skip", "stage1_1_b"} in together
    assert {"stem", "stage0_0_b", "stage0_1_b"} in together


def test_nothing_goes_below_a_threshold_of_zero():
    model = graphs.build(["residual", "squeeze_excite", "concat"], "flatten", [6])
    pruned = prune(model, PruneConfig(pth=0))
    assert pruned.report.before == pruned.report.after
    x = example(model)
    assert np.array_equal(model(x, training=False), pruned.model(x, training=False))


def test_a_pruned_model_saves_and_loads(tmp_path):
    model = graphs.build(["residual", "hard_swish", "shared"], "reshape")
    pruned = prune(model, PruneConfig(keep_macs=0.5)).model
    pruned.save(tmp_path / "model.keras")
    loaded, x = runtime.load_model(tmp_path / "model.keras"), example(model)
    assert loaded.count_params() == pruned.count_params() < model.count_params()
    assert np.array_equal(loaded(x), pruned(x))


def chain(norms, width=None):
    """A dense layer whose channels have these norms, coupled with others of their own by addition."""
    inputs = keras.Input((1,), name="x")
    parts = []
    for i, row in enumerate(norms):
        dense = keras.layers.Dense(len(row), name=f"branch{i}")
        parts.append(dense(inputs))
        dense.set_weights([np.array([row], np.float32), np.zeros(len(row), np.float32)])
    x = keras.layers.Add()(parts) if len(parts) > 1 else parts[0]
    return keras.Model(inputs, keras.layers.Dense(1, name="logits")(x))


def kept(model, **settings):
    """Places of the channels that stay in the first branch."""
    config = PruneConfig(**{"granularity": 1, "min_channels": 1, **settings})
    return prune(model, config).model.get_layer("branch0").get_weights()[0][0].tolist()


def test_channels_are_held_against_the_largest_of_their_layer():
    model = chain([[2.0, 1.0, 0.5, -1.5]])
    assert kept(model, pth=0.5) == [2.0, 1.0, -1.5]
    assert kept(model, pth=0.51) == [2.0, -1.5]
    assert kept(model, pth=0.5, normalizer="l2") == [2.0, -1.5]  # of sqrt(7.5)


@pytest.mark.parametrize(
    ("equalization", "expected"),
    [
        ("union", [1.0, 0.8, 0.1]),
        ("intersection", [0.8]),
        ("arithmetic_mean", [1.0, 0.8, 0.1]),
        ("geometric_mean", [0.8]),
    ],
)
def test_layers_that_are_added_agree(equalization, expected):
    model = chain([[1.0, 0.8, 0.1, 0.1], [0.1, 0.6, 1.0, 0.2]])
    assert kept(model, pth=0.5, equalization=equalization) == pytest.approx(expected)


def test_a_global_scope_prunes_a_weak_layer_more():
    inputs = keras.Input((1,), name="x")
    first = keras.layers.Dense(4, name="branch0", use_bias=False)
    second = keras.layers.Dense(4, name="second", use_bias=False)
    model = keras.Model(inputs, keras.layers.Dense(1)(second(first(inputs))))
    first.set_weights([np.array([[0.4, 0.3, 0.2, 0.1]], np.float32)])
    second.set_weights([np.eye(4, dtype=np.float32)])
    model.layers[-1].set_weights([np.full((4, 1), 0.4, np.float32), np.zeros(1, np.float32)])
    assert len(kept(model, pth=0.25)) == 4
    assert kept(model, pth=0.25, scope="global") == pytest.approx([0.4, 0.3])


@pytest.mark.parametrize(
    ("granularity", "least", "width"), [(1, 1, 3), (2, 1, 4), (4, 1, 4), (8, 1, 8), (4, 5, 8)]
)
def test_widths_are_multiples_and_not_below_the_least(granularity, least, width):
    model = chain([np.linspace(1.0, 0.1, 10)])
    assert kept(model, pth=0.75, granularity=granularity, min_channels=least) == pytest.approx(
        np.linspace(1.0, 0.1, 10)[:width]
    )


def test_a_layer_narrower_than_the_multiple_stays_as_it_is():
    assert len(kept(chain([[1.0, 0.1, 0.1]]), pth=0.9, granularity=8)) == 3


def test_the_scale_of_batch_norms_is_a_criterion():
    inputs = keras.Input((1,), name="x")
    norm = keras.layers.BatchNormalization(name="bn")
    x = keras.layers.Dense(4, activation="relu", name="next")(
        norm(keras.layers.Dense(4, name="branch0")(inputs))
    )
    model = keras.Model(inputs, keras.layers.Dense(1)(x))
    norm.set_weights([np.array([1, 0.1, -0.9, 0.2]), np.zeros(4), np.zeros(4), np.ones(4)])
    pruned = prune(model, PruneConfig(pth=0.5, criterion="gamma", granularity=1, min_channels=1)).model
    assert pruned.get_layer("bn").get_weights()[0].tolist() == pytest.approx([1, -0.9])
    assert pruned.get_layer("next").get_weights()[0].shape == (2, 4)  # without a scale, all stay


def test_a_squeeze_excite_gate_has_no_say():
    model = graphs.build(["squeeze_excite"], "gap")
    gate = next(layer for layer in model.layers if isinstance(layer, keras.layers.Dense))
    keep = lambda: prune(model, PruneConfig(pth=0.9, granularity=1)).model.layers[1].get_weights()[0]  # noqa: E731
    before = keep()
    gate.set_weights([np.tile([10.0, 0.1], (4, 4)), np.zeros(8)])
    assert np.array_equal(keep(), before)


def test_what_mixes_channels_is_kept_whole_and_named():
    model = graphs.build(["conv", "unknown", "conv"], "gap")
    report = holds(model, PruneConfig(pth=1.0, granularity=1, min_channels=1)).report
    [(name, reason)] = report.whole.items()
    assert "layer_normalization" in name and "LayerNormalization" in reason
    widths = [layer.channels_after for layer in report.layers if layer.kind == "Conv2D"]
    assert widths[1] == 8 and max(widths[0], widths[2]) < 8


def test_excluded_layers_keep_their_width_and_a_wrong_pattern_is_named():
    model = base.build("resnet8", {"filters": [8, 8]}, (8, 8, 3), 3)
    report = holds(model, PruneConfig(pth=1.0, exclude=["stage1_*"])).report
    widths = {layer.name: layer.channels_after for layer in report.layers}
    assert widths["stage1_conv1"] == widths["stage1_conv2"] == widths["stem"] == 8
    assert widths["stage2_conv1"] == 4 and set(report.whole) >= {"stage1_conv1", "stage1_conv2"}
    with pytest.raises(InputError, match=r"'stage9_\*' names no layer"):
        prune(model, PruneConfig(exclude=["stage9_*"]))


@pytest.mark.parametrize("share", [0.7, 0.4])
def test_a_target_is_met_and_not_far_below(share):
    model = base.build("resnet8", {}, (16, 16, 3), 3)
    parameters = prune(model, PruneConfig(keep_parameters=share)).report
    macs = prune(model, PruneConfig(keep_macs=share)).report
    assert share - 0.06 < parameters.after.parameters / parameters.before.parameters <= share
    assert share - 0.06 < macs.after.macs / macs.before.macs <= share


def test_a_share_out_of_reach_says_how_far_it_goes():
    model = base.build("resnet8", {"filters": [8, 8]}, (8, 8, 3), 3)
    with pytest.raises(CheckFailed, match=r"share of multiply-accumulates[\s\S]*found: .*at least 0\.[23]"):
        prune(model, PruneConfig(keep_macs=0.01))


def test_groups_list_layers_that_keep_the_same_channels():
    model = base.build("resnet8", {}, (16, 16, 3), 3)
    groups = {
        frozenset(g.layers): (g.before, g.after) for g in prune(model, PruneConfig(pth=0.95)).report.groups
    }
    assert frozenset({"stage2_conv2", "stage2_skip"}) in groups
    assert groups[frozenset({"logits"})] == (3, 3)
    assert all(after % 4 == 0 for layers, (_, after) in groups.items() if "logits" not in layers)


def test_a_sequential_model_too_but_not_one_without_a_graph():
    model = keras.Sequential([keras.Input((8, 1)), keras.layers.Conv1D(8, 3), keras.layers.Flatten()])
    assert prune(model, PruneConfig(pth=1)).report.after.parameters == model.count_params()  # all is output

    class Own(keras.Model):
        def call(self, x):
            return x

    with pytest.raises(InputError, match="its graph cannot be seen"):
        prune(Own(name="own"), PruneConfig())


def test_costs_are_those_of_the_known_networks():
    found = cost.of(base.build("resnet8", {}, (32, 32, 3), 10))
    assert (found.parameters, found.macs) == (78_666, 12_501_632)
    lstm = keras.Sequential([keras.Input((5, 2)), keras.layers.LSTM(3)])
    assert cost.of(lstm).macs == 5 * (2 * 12 + 3 * 12)
