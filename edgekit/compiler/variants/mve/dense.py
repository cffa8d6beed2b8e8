"""The call of ek_fully_connected_s8_mve, for one row of input."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Constant, KernelCall, Ref
from edgekit.compiler.variants.mve import matrix

CHANNELS = 8  # per record
_LARGEST_PARTIAL = 128  # EK_FULLY_CONNECTED_PARTIAL in the kernel


def lowered(node: NodeView, rounding: matrix.Rounding) -> KernelCall | None:
    """Returns the call for a node every output of which depends on all of its input; None where too long.

    Args:
        node: A checked node; its weights have the channels first.
        rounding: Of its sums.
    """
    data, output = node.input(0), node.output()
    rows = matrix.rows(node)
    channels, depth = rows.shape
    if depth % matrix.VECTOR and depth > _LARGEST_PARTIAL:
        return None
    records, steps = -(-channels // CHANNELS), -(-depth // matrix.VECTOR)
    weights = np.zeros((records * CHANNELS, steps * matrix.VECTOR), np.int8)
    weights[:channels, :depth] = rows
    weights = weights.reshape(records, CHANNELS, steps, matrix.VECTOR).transpose(0, 2, 1, 3)
    parts = [
        _bytes(matrix.folded(node).astype(np.int32), records),
        weights.reshape(records, -1),
        _halves(_bytes(rounding.multipliers, records), 4),
        _halves(_bytes(rounding.shifts, records), 1),
    ]
    return KernelCall(
        "ek_fully_connected_s8_mve",
        {
            "packed": Ref("packed"),
            "steps": steps,
            "channels": channels,
            "once": int(rounding.once),
            **matrix.fields(node, rounding),
            "inputs": depth,
        },
        (data.index,),
        (output.index,),
        (Constant("packed", np.concatenate(parts, axis=1).reshape(-1)),),
    )


def _bytes(values: NDArray[Any], records: int) -> NDArray[np.int8]:
    filled = np.zeros(records * CHANNELS, values.dtype.newbyteorder("<"))
    filled[: len(values)] = values
    return filled.view(np.int8).reshape(records, -1)


def _halves(values: NDArray[np.int8], width: int) -> NDArray[np.int8]:
    """Returns the even channels of each record before the odd ones; a value has `width` bytes."""
    return values.reshape(len(values), -1, 2, width).transpose(0, 2, 1, 3).reshape(len(values), -1)
