"""How a tensor that a board computed departs from what was expected, as part of the record."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.manifest import Manifest, NodeOutput
from edgekit.pipeline.causes import differs
from edgekit.quant import quantize
from edgekit.report.parts import Departure, Trace, TracedValue

_SHOWN = 16  # values side by side
_MOST = float(np.finfo(np.float32).max)


def preprocessing(frames: NDArray[np.float32], got: NDArray[np.generic], exported: Manifest) -> Trace:
    """Returns where preprocessing departs, whose result the model would take: no node, but its input.

    Args:
        frames: float32 [k, ...], what the PC's preprocessing makes of a signal.
        got: [k, ...] of the input's dtype, what the board makes of it.
        exported: Manifest of the export.
    """
    tensor = exported.inputs[0]
    expected = quantize(frames, tensor.scale, tensor.zero_point, np.dtype(tensor.dtype)).reshape(
        len(frames), -1
    )
    board = got.reshape(expected.shape)
    steps = np.abs(board.astype(np.int64) - expected.astype(np.int64)).max(axis=1)
    frame = int(np.argmax(steps > 1) if (steps > 1).any() else np.argmax(steps > 0))
    output = NodeOutput(
        tensor=None, shape=tensor.shape, dtype=tensor.dtype, scale=tensor.scale, zero_point=tensor.zero_point
    )
    channels = {int(at) % tensor.shape[-1] for at in np.flatnonzero(board[frame] != expected[frame])}
    return Trace(
        vector=frame,
        agreed=0,
        departure=described(
            expected[frame],
            board[frame],
            len(channels),
            None,
            "preprocessing",
            tensor.name,
            output,
            "reference",
        ),
        causes=[
            "the preprocessing, not the model: a coefficient, a length, the order of the steps, "
            "an edited file, compiler flags that reorder float32 arithmetic (-ffast-math)",
            f"the input is not quantised as expected: to nearest, with scale {tensor.scale:g} and zero point "
            f"{tensor.zero_point}",
        ],
    )


def described(
    expected: NDArray[Any],
    got: NDArray[Any],
    channels: int,
    node: int | None,
    op: str,
    name: str,
    output: NodeOutput,
    witness: str,
) -> Departure:
    """Returns how one tensor departs.

    Args:
        expected, got: Its elements, flat, of the same dtype; at least one differs.
        channels: Number of indices along the last axis at which elements differ.
        node, op, name: Of the node that writes it; None for the preprocessing.
        output: The tensor.
        witness: What the board is compared with.
    """
    at = np.flatnonzero(differs(got, expected))
    with np.errstate(invalid="ignore", over="ignore"):
        off = np.abs(got[at].astype(np.float64) - expected[at].astype(np.float64))
    largest = float(np.nan_to_num(off, nan=_MOST, posinf=_MOST).max())
    return Departure.model_validate(
        {
            "node": node,
            "op": op,
            "name": name,
            "tensor": output.tensor,
            "shape": output.shape,
            "dtype": output.dtype,
            "scale": output.scale,
            "zero_point": output.zero_point,
            "elements": expected.size,
            "differing": at.size,
            "channels": channels,
            "max_abs_diff": largest if expected.dtype.kind == "f" else int(largest),
            "witness": witness,
            "values": [
                TracedValue(element=int(i), expected=expected[i].item(), got=got[i].item())
                for i in at[:_SHOWN]
            ],
        }
    )
