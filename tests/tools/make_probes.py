"""Makes edgekit/reference/probes/*: python -m tests.tools.make_probes

The expected outputs come from `tests.tools.probe_math`, in NumPy, not from a runtime.
"""

from __future__ import annotations

import numpy as np

from edgekit.reference.probes import FOLDER
from tests.compiler.tflite_writer import Op, T, build
from tests.tools import probe_math


def fully_connected() -> tuple[bytes, np.ndarray]:
    """Scales of 1/4 in the whole: every fourth sum is a tie, where the three known rules part."""
    rng = np.random.default_rng(1)
    weights = rng.integers(-3, 4, (16, 8))
    bias = rng.integers(-9, 10, 16)
    tensors = [
        T("x", (1, 8), scale=0.5),
        T("weights", (16, 8), scale=0.5, data=weights),
        T("bias", (16,), "int32", scale=0.25, data=bias),
        T("y", (1, 16), scale=1.0, zero_point=3),
    ]
    op = Op("FULLY_CONNECTED", ["x", "weights", "bias"], ["y"], version=4)
    return build(tensors, [op], ["x"], ["y"]), rng.integers(-20, 21, (8, 1, 8), dtype=np.int8)


def conv_2d() -> tuple[bytes, np.ndarray]:
    """One pixel, per-channel weights, and scales at which one rounding and two differ."""
    rng = np.random.default_rng(2)
    weights = rng.integers(-7, 8, (16, 1, 1, 4))
    tensors = [
        T("x", (1, 1, 8, 4), scale=0.5, zero_point=-2),
        T("weights", (16, 1, 1, 4), scale=[0.5 / (1 + i % 4) for i in range(16)], data=weights),
        T(
            "bias",
            (16,),
            "int32",
            scale=[0.25 / (1 + i % 4) for i in range(16)],
            data=rng.integers(-9, 10, 16),
        ),
        T("y", (1, 1, 8, 16), scale=1.0, zero_point=-4),
    ]
    options = {"stride_w": 1, "stride_h": 1, "dilation_w_factor": 1, "dilation_h_factor": 1}
    op = Op("CONV_2D", ["x", "weights", "bias"], ["y"], options, version=3)
    return build(tensors, [op], ["x"], ["y"]), rng.integers(-20, 21, (4, 1, 1, 8, 4), dtype=np.int8)


def mean() -> tuple[bytes, np.ndarray]:
    """Six elements and unequal scales: the division is folded into the multiplier, or is not."""
    rng = np.random.default_rng(3)
    tensors = [
        T("x", (1, 2, 3, 16), scale=0.7, zero_point=5),
        T("axes", (2,), "int32", data=[1, 2]),
        T("y", (1, 16), scale=0.35, zero_point=-6),
    ]
    op = Op("MEAN", ["x", "axes"], ["y"], version=2)
    return build(tensors, [op], ["x"], ["y"]), rng.integers(-50, 51, (8, 1, 2, 3, 16), dtype=np.int8)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for make in (fully_connected, conv_2d, mean):
        model, x = make()
        (FOLDER / f"{make.__name__}.tflite").write_bytes(model)
        expected = {
            profile: getattr(probe_math, make.__name__)(model, x, profile) for profile in ("litert", "tflm")
        }
        np.savez(FOLDER / f"{make.__name__}.npz", x=x, **expected)


if __name__ == "__main__":
    main()
