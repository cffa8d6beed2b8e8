"""Each layer of the .tflite computes what its twin in training computed, within one step."""

import numpy as np
import pytest

from edgekit.recipes.base import QuantizeConfig
from edgekit.training import qat, quantize

from . import nets, twins

pytest.importorskip("keras")
pytestmark = pytest.mark.xdist_group("qat-fidelity")  # each network is trained and converted once

NETS = [
    nets.efficientnet,
    nets.resnet,
    pytest.param(nets.mobilenet, marks=pytest.mark.slow),
    nets.zoo,
    nets.one_dimensional,
]


@pytest.fixture(scope="module", params=NETS, ids=lambda make: make.__name__)
def pair(request):
    model = request.param()
    calibration = nets.noise(model, 64, seed=1)
    trained = qat.quantize_aware(model, qat.QatConfig(momentum=0.9), calibration)
    trained.compile("sgd", "mse")
    for step in range(2):
        x = nets.noise(model, 16, seed=step)
        trained.train_on_batch(x, np.asarray(model(x)) + 0.1)
    tflite = twins.Tflite(quantize.to_int8(trained, calibration, QuantizeConfig()))
    return trained, tflite, tflite.quantise(nets.noise(model, 40, seed=9))


def test_each_layer_is_within_one_step(pair):
    for name, found in twins.layer_steps(*pair):
        print(f"{name:40} max {found.max():.3f}, other than its twin {(found > 0.5).mean():.5f}")
        assert found.max() < 1.01, name


def test_the_net_is_within_one_step_in_99_percent_and_three_at_most(pair):
    found = twins.net_steps(*pair)
    share, same = (found < 1.01).mean(), (found < 0.01).mean()
    print(f"net: max {found.max():.3f}, within one {share:.5f}, equal {same:.5f}")
    assert found.max() < 3.01 and share >= 0.99


def test_nothing_is_left_that_is_float_or_depends_on_the_batch(pair):
    _, tflite, _ = pair
    assert not {"QUANTIZE", "DEQUANTIZE", "SHAPE", "PACK", "STRIDED_SLICE"} & set(
        tflite.ops[:1] + tflite.ops[-1:]
    )
    assert {tensor.type for tensor in tflite.graph.tensors} <= {9, 2}  # int8, int32
