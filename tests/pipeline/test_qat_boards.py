"""Networks in quantisation-aware training equal the PC to the byte on emulated boards."""

import numpy as np
import pytest

from edgekit.device import boards
from edgekit.pipeline.export import export
from edgekit.pipeline.validate import Source, validate
from edgekit.recipes.base import QuantizeConfig
from tests.device.conftest import need, tools_of
from tests.training.qat import nets

pytest.importorskip("keras")
pytestmark = [pytest.mark.slow, pytest.mark.board, pytest.mark.xdist_group("qat-boards")]


@pytest.fixture(scope="module", params=["efficientnet", "mobilenet", "resnet"])
def tflite(request, tmp_path_factory):
    from edgekit.training import qat, quantize

    model = getattr(nets, request.param)()
    calibration = nets.noise(model, 32, seed=1)
    made = qat.quantize_aware(model, qat.QatConfig(momentum=0.9), calibration)
    made.compile("sgd", "mse")
    made.train_on_batch(calibration, np.asarray(model(calibration)) + 0.1)
    path = tmp_path_factory.mktemp("qat") / f"{request.param}.tflite"
    path.write_bytes(quantize.to_int8(made, calibration, QuantizeConfig()))
    return path


@pytest.mark.parametrize("board", ["mps2-an386", "mps3-an547"])
def test_every_byte_equals_the_reference(tflite, tmp_path, board):
    need(*tools_of(boards.load(board)))
    export(tflite, board, tmp_path / "out")
    (record,) = validate(tmp_path / "out", [board], Source(random=5, seed=1))
    assert (record.status, record.vectors, record.mismatched_elements) == ("held", 5, 0)
