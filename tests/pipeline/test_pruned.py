"""Pruned networks, and one of low rank, equal the PC to the byte on an emulated Cortex-M4."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgekit.device import boards
from edgekit.pipeline.export import export
from edgekit.pipeline.validate import Source, validate
from edgekit.training import runtime
from tests.device.conftest import need, tools_of

pytestmark = [pytest.mark.slow, pytest.mark.board, pytest.mark.timeout(600)]

NETWORKS = {
    "efficientnetv2-1d": (
        {"blocks": [{"filters": 16, "expansion": 2}, {"filters": 16, "stride": 1}]},
        (128, 1),
    ),
    "resnet8": ({"filters": [8, 16]}, (16, 16, 3)),
    "mobilenet-v3": ({"alpha": 0.25, "embedding": 32}, (32, 32, 1)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_pruned_network_equals_the_reference_to_the_byte(name: str, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    from edgekit.training.low_rank import LowRankConfig, low_rank
    from edgekit.training.prune import PruneConfig, prune
    from edgekit.training.untrained import int8_on_noise

    board = "mps2-an386"
    need(*tools_of(boards.load(board)))
    params, shape = NETWORKS[name]
    model = runtime.build_model(name, params, shape, 4, seed=0)
    made = prune(model, PruneConfig(keep_macs=0.5))
    assert 2 * made.report.after.macs <= made.report.before.macs
    small = made.model
    if name == "mobilenet-v3":
        small = low_rank(small, LowRankConfig(rank=4, include=["embedding"])).model
    (tmp_path / "small.tflite").write_bytes(int8_on_noise(small))
    export(tmp_path / "small.tflite", board, tmp_path / "out")
    (record,) = validate(tmp_path / "out", [board], Source(random=8), timeout=60.0)
    assert (record.status, record.vectors, record.mismatched_elements) == ("held", 8, 0)
