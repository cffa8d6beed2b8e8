"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real recordings: $EDGEKIT_TEST_DATA, else ../shared/data beside the checkout."""
    folder = Path(os.environ.get("EDGEKIT_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real recordings at {folder}; set EDGEKIT_TEST_DATA")
    return folder


@pytest.fixture(scope="session")
def shared_models(shared_data: Path) -> Path:
    """Folder of third-party .tflite models, beside the recordings."""
    folder = shared_data.parent / "models"
    if not folder.is_dir():
        pytest.skip(f"no third-party models at {folder}")
    return folder


@pytest.fixture(scope="session")
def tiny_model() -> bytes:
    """A .tflite of two INT8 layers: CONV_2D, then FULLY_CONNECTED."""
    import numpy as np

    from tests.compiler.tflite_writer import Op, T, build

    rng = np.random.default_rng(0)
    conv = rng.integers(-127, 128, (4, 3, 3, 2), dtype=np.int8)
    dense = rng.integers(-127, 128, (3, 64), dtype=np.int8)
    return build(
        tensors=[
            T("input", (1, 4, 4, 2), scale=0.05, zero_point=3),
            T("conv/weights", conv.shape, scale=[0.004, 0.01, 0.02, 0.03], data=conv),
            T("conv/bias", (4,), "int32", scale=[0.0002, 0.0005, 0.001, 0.0015], data=[100, -50, 0, 25]),
            T("conv", (1, 4, 4, 4), scale=0.04, zero_point=-128),
            T("dense/weights", dense.shape, scale=0.01, data=dense),
            T("dense/bias", (3,), "int32", scale=0.0004, data=[10, 20, -30]),
            T("output", (1, 3), scale=0.1, zero_point=-5),
        ],
        ops=[
            Op(
                "CONV_2D",
                ["input", "conv/weights", "conv/bias"],
                ["conv"],
                {"stride_w": 1, "stride_h": 1, "fused_activation_function": 1},
            ),
            Op("FULLY_CONNECTED", ["conv", "dense/weights", "dense/bias"], ["output"]),
        ],
        inputs=["input"],
        outputs=["output"],
    )
