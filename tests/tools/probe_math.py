"""What the probe models must give, in NumPy: the third opinion beside the two runtimes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from edgekit.quant import quantize_multiplier, requantize_twice


class _Graph:
    def __init__(self, model: bytes) -> None:
        self.tree = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(model, 0))
        self.tensors = {t.name.decode(): t for t in self.tree.subgraphs[0].tensors}

    def scales(self, name: str) -> np.ndarray:
        return np.asarray(self.tensors[name].quantization.scale, np.float64)

    def zero_point(self, name: str) -> int:
        return int(self.tensors[name].quantization.zeroPoint[0])

    def data(self, name: str, dtype: Any) -> np.ndarray:
        tensor = self.tensors[name]
        raw = np.asarray(self.tree.buffers[tensor.buffer].data, np.uint8)
        return raw.view(dtype).reshape(list(tensor.shape)).astype(np.int64)


def fully_connected(model: bytes, x: np.ndarray, profile: str) -> np.ndarray:
    g = _Graph(model)
    sums = (x.astype(np.int64) - g.zero_point("x")) @ g.data("weights", np.int8).T + g.data("bias", np.int32)
    real = float(g.scales("x")[0] * g.scales("weights")[0] / g.scales("y")[0])
    if profile == "litert":  # double arithmetic, half away from zero
        scaled = np.copysign(np.floor(np.abs(sums * real) + 0.5), sums).astype(np.int64)
    else:
        scaled = requantize_twice(sums, *quantize_multiplier(real))
    return np.clip(scaled + g.zero_point("y"), -128, 127).astype(np.int8)


def conv_2d(model: bytes, x: np.ndarray, profile: str) -> np.ndarray:
    g = _Graph(model)
    weights = g.data("weights", np.int8)[:, 0, 0, :]
    sums = (x.astype(np.int64) - g.zero_point("x")) @ weights.T + g.data("bias", np.int32)
    reals = g.scales("x")[0] * g.scales("weights") / g.scales("y")[0]
    scaled = np.stack(
        [requantize_twice(sums[..., c], *quantize_multiplier(float(real))) for c, real in enumerate(reals)],
        -1,
    )
    return np.clip(scaled + g.zero_point("y"), -128, 127).astype(np.int8)


def mean(model: bytes, x: np.ndarray, profile: str) -> np.ndarray:
    g = _Graph(model)
    count = x.shape[2] * x.shape[3]
    sums = x.astype(np.int64).sum((2, 3)) - g.zero_point("x") * count
    multiplier, shift = quantize_multiplier(float(g.scales("x")[0] / g.scales("y")[0]))
    bits = min(int(math.log2(count)), 32, 31 + shift)
    scaled = requantize_twice(sums, (multiplier << bits) // count, shift - bits)
    return np.clip(scaled + g.zero_point("y"), -128, 127).astype(np.int8)
