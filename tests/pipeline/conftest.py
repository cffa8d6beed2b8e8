"""One small trained run for all tests of the pipeline that need one."""

from __future__ import annotations

from pathlib import Path

import pytest

SMALL = [
    "data.options.subjects=80",
    "data.options.seconds=12",
    "data.splits={train: 0.4, validation: 0.2, calibration: 0.2, test: 0.2}",
    "training.epochs=1",
    "training.batch_size=32",
    "training.augment={}",
    "quantize.max_metric_drop=1.0",
    "evaluation.baseline=''",
    "evaluation.real=[]",
]


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory):
    """A run of ecg-rhythm on few subjects, three blocks, one epoch: all files, no accuracy."""
    from edgekit.pipeline.run_folder import RunFolder
    from edgekit.pipeline.train import train

    blocks = "model.params.blocks=[{filters: 16}, {filters: 24}, {filters: 32}]"
    result = train("ecg-rhythm", "quick", [*SMALL, blocks], None, tmp_path_factory.mktemp("runs"))
    return RunFolder.open(Path(result["run"]))


@pytest.fixture
def tiny_file(tiny_model: bytes, tmp_path: Path) -> Path:
    """The tiny model as a file."""
    path = tmp_path / "tiny.tflite"
    path.write_bytes(tiny_model)
    return path
