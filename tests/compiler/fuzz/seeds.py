"""Sound files to damage: operators of every kind, models with state, whole networks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.compiler.ops import (
    filters,
    movers,
    test_batch_matmul,
    test_binary,
    test_elementwise,
    test_logical_and,
    test_mean,
    test_pooling,
    test_reductions,
    test_softmax,
    test_svdf,
)
from tests.compiler.ops import test_fully_connected as dense
from tests.compiler.ops import test_gather as gather
from tests.compiler.ops import test_transpose_conv as transpose_conv
from tests.compiler.ops.harness import Case
from tests.compiler.ops.unary import unary
from tests.compiler.test_state import streaming


def small() -> list[bytes]:
    """Returns models of one to six operators, a few kilobytes each."""
    states = [streaming(None), streaming(np.arange(-3, 3).reshape(1, 3, 1, 2))]
    return [case.model for case in _cases(np.random.default_rng(0))] + states


def whole(folder: Path | None) -> list[bytes]:
    """Returns the networks in a folder, where there is one."""
    return [path.read_bytes() for path in sorted(folder.glob("*.tflite"))] if folder else []


def _cases(rng: np.random.Generator) -> Iterator[Case]:
    yield filters.conv(rng)
    yield filters.conv(rng, stride=(2, 1), same=False, activation=1)
    yield filters.conv(rng, kernel=(1, 1), channels=(8, 16))
    yield filters.conv(rng, depthwise=True, channels=(16, 1), kernel=(3, 3))
    yield filters.conv(rng, depthwise=True, channels=(3, 2), dilation=(2, 1))
    yield filters.conv(rng, channels=(4, 6), groups=2)
    yield transpose_conv.transposed(rng)
    yield dense.dense(rng)
    yield dense.dense(rng, inputs=32, outputs=16, batch=2)
    yield test_batch_matmul.product(rng)
    yield test_svdf.svdf(rng)
    for op in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
        yield test_pooling.pool(rng, op)
    yield test_mean.mean(rng, (1, 4, 5, 8), (1, 2))
    yield test_reductions.reduced(rng, "SUM", (1, 3, 4, 2), (2,))
    yield test_reductions.arg(rng, "ARG_MAX", (1, 3, 7), 2)
    yield test_softmax.softmax(rng)
    for op in ("ADD", "MUL"):
        yield test_elementwise.binary(rng, op, (1, 3, 4, 5), (1, 1, 4, 5))
    for op in ("SUB", "DIV", "LESS", "SQUARED_DIFFERENCE"):
        yield test_binary.binary(rng, op, (1, 3, 4, 5), (1, 3, 1, 5))
    yield test_logical_and.both(rng, (1, 3, 1, 5), (1, 1, 4, 1))
    yield unary("LOGISTIC", 0.05, 3, 1 / 256, -128)
    yield unary("HARD_SWISH", 0.05, 3, 0.04, -100)
    yield unary("LEAKY_RELU", 0.05, 3, 0.04, -100, {"alpha": 0.1})
    yield gather.gather((4, 5), (0, 3, 2))
    yield gather.gather((4, 5), (0, 3, 2), fixed=True)
    yield movers.moved("TRANSPOSE", (2, 3, 4), (4, 2, 3), [[2, 0, 1]])
    yield movers.moved("SLICE", (4, 5), (2, 3), [[1, 1], [2, 3]])
    yield movers.moved("CONCATENATION", [(2, 3), (2, 5)], (2, 8), options={"axis": 1})
    yield movers.moved("PACK", [(2, 3)] * 2, (2, 2, 3), options={"axis": 1, "values_count": 2})
    yield movers.moved("SPLIT", (2, 6), [(2, 3)] * 2, first=[1], options={"num_splits": 2})
    yield movers.moved("TILE", (2, 3), (4, 9), [[2, 3]])
    yield movers.moved("PAD", (2, 3), (4, 4), [[[1, 1], [0, 1]]])
    yield movers.moved("SPACE_TO_DEPTH", (1, 4, 4, 2), (1, 2, 2, 8), options={"block_size": 2})
    yield movers.moved("RESIZE_NEAREST_NEIGHBOR", (1, 2, 3, 2), (1, 4, 6, 2), [[4, 6]])
    yield movers.moved("RESIZE_BILINEAR", (1, 2, 3, 2), (1, 4, 6, 2), [[4, 6]])
