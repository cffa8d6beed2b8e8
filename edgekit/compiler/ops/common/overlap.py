"""How far apart an input and an output must lie so that a kernel never reads what it has overwritten.

Pixels are written in order, so the pixel that reads decides: everything written before, or while, it
reads must end below its first tap (forward) or begin above its last (backward). Both bounds are
sums of one term per axis, whose maxima are taken apart.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import Tensor
from edgekit.compiler.ops.base import Overlap
from edgekit.compiler.ops.common.geometry import Window

_Positions: TypeAlias = NDArray[np.int64]


def of_windows(
    data: Tensor,
    output: Tensor,
    vertical: Window,
    horizontal: Window,
    *,
    gathers: bool = False,
    by_channel: bool = False,
    backward: bool = False,
    together: int = 1,
) -> tuple[Overlap, ...]:
    """Returns the overlap of a kernel that slides a window, row by row, over NHWC.

    Args:
        data, output: Its first input and its first output.
        vertical, horizontal: The window.
        gathers: See `Overlap`.
        by_channel: See `Overlap`; needs as many channels in as out.
        backward: Whether the kernel can start at the last pixel.
        together: See `Overlap`.
    """
    batches, height, width, inputs = (*data.shape[:3], data.shape[3] * data.dtype.itemsize)
    _, rows, columns, outputs = (*output.shape[:3], output.shape[3] * output.dtype.itemsize)
    axes = [
        (np.arange(batches), np.arange(batches), np.arange(batches), rows * columns, height * width),
        (*_taps(vertical), columns, width),
        (*_taps(horizontal), 1, 1),
    ]
    ahead = behind = 0
    for at, first, last, written, read in axes:
        if not len(at):
            return ()  # every window lies in the padding
        ahead += int(np.max(at * written * outputs - first * read * inputs))
        behind += int(np.max(last * read * inputs - at * written * outputs))
    more = (together - 1) * outputs
    return (
        Overlap(
            0,
            0,
            max(0, ahead + more + (0 if gathers or by_channel else outputs)),
            max(0, behind + inputs + more - (outputs if gathers else 0)) if backward else None,
            gathers,
            by_channel,
            together,
        ),
    )


def of_rows(count: int, inputs: int, outputs: int, *, together: int = 1) -> tuple[Overlap, ...]:
    """Returns the overlap of a kernel that makes one row after another of one row of input.

    Args:
        count: Rows.
        inputs, outputs: Bytes per row.
        together: See `Overlap`.
    """
    return (Overlap(0, 0, max(0, (count - 1) * (outputs - inputs)) + together * outputs, together=together),)


def _taps(window: Window) -> tuple[_Positions, _Positions, _Positions]:
    """Returns the windows with a tap inside the input, and the positions of the first and last such tap."""
    at = np.arange(window.outputs, dtype=np.int64)
    origin = at * window.stride - window.before
    begin = np.maximum(0, -(origin // window.dilation))
    end = np.minimum(window.kernel - 1, (window.size - 1 - origin) // window.dilation)
    inside = begin <= end
    first, last = origin + begin * window.dilation, origin + end * window.dilation
    return at[inside], first[inside], last[inside]
