"""CONV_2D of 3 x 3 and stride 1 by Winograd's F(2 x 2, 3 x 3) with SIMD multiplication."""

from __future__ import annotations

import math

import numpy as np

from edgekit.compiler.graph import Graph, NodeView
from edgekit.compiler.ops.base import Constant, KernelCall, Ref, Target
from edgekit.compiler.ops.common import filters, overlap
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.dsp import matrix, packing

_ROOM = 20 << 10  # bytes of scratch that speed is worth, even where they add to the arena
_MOST_INPUTS = 64  # unrolled in the kernel
_POSITIONS = 16


class Conv2DWinogradDsp(Variant):
    """Two tiles of 2 x 2 pixels by two channels at a time; costs RAM, so it is taken for speed alone."""

    op = "CONV_2D"
    feature = "dsp"
    priority = 1

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_conv2d_winograd_s8_dsp, or None where it does not apply or pay."""
        if target.optimize != "speed":
            return None
        data, weights, output = node.input(0), node.input(1), node.output()
        vertical, horizontal = filters.windows(node)
        if any((w.kernel, w.stride, w.dilation) != (3, 1, 1) for w in (vertical, horizontal)):
            return None
        inputs, outputs = weights.shape[3], weights.shape[0]
        if inputs != data.shape[3] or inputs % 4 or inputs > _MOST_INPUTS or outputs % 2:
            return None
        constants = matrix.channels(node)
        if constants is None:
            return None
        room = max(_ROOM, _largest(node.graph) - data.nbytes - output.nbytes)
        chosen = _chosen(inputs, outputs, output.shape[1], output.shape[2], room)
        if chosen is None:
            return None
        rows, kept, scratch = chosen
        taps = filters.rows(weights, 0).reshape(outputs // 2, 2, 9, inputs // 4, 4).transpose(0, 3, 1, 2, 4)
        packed = np.ascontiguousarray(taps).view(np.uint32).reshape(outputs // 2, -1)
        channels = packing.words(constants).reshape(outputs // 2, -1)
        return KernelCall(
            "ek_conv2d_winograd_s8_dsp",
            {
                "stream": Ref("stream"),
                "batches": data.shape[0],
                "input_height": data.shape[1],
                "input_width": data.shape[2],
                "input_channels": inputs,
                "output_height": output.shape[1],
                "output_width": output.shape[2],
                "output_channels": outputs,
                "pad_top": vertical.before,
                "pad_left": horizontal.before,
                "input_zero_point": data.q.zero_point,
                "rounding": matrix.rounding(node),
                "rows": rows,
                "kept": kept,
                **packing.clamp(node),
            },
            (data.index,),
            (output.index,),
            (Constant("stream", np.concatenate([packed, channels], 1)),),
            scratch_bytes=scratch,
            # The rows of several images do not follow each other evenly.
            overlap=overlap.of_windows(
                data, output, vertical, horizontal, together=2 * rows * output.shape[2]
            )
            if data.shape[0] == 1
            else (),
        )


def _largest(graph: Graph) -> int:
    """Returns the bytes that the node with the largest tensors reads and writes."""
    used = [(*graph.view(node).inputs, *graph.view(node).outputs) for node in graph.nodes]
    return max(sum(t.nbytes for t in tensors if t is not None and not t.constant) for tensors in used)


def _chosen(inputs: int, outputs: int, height: int, width: int, room: int) -> tuple[int, bool, int] | None:
    """Returns rows of tiles at a time, whether to keep transformed weights, and bytes of scratch.

    None where another kernel needs fewer instructions; the figures are measured.
    """
    across, down, pairs = math.ceil(width / 2), math.ceil(height / 2), outputs // 2
    best: tuple[float, int, bool, int] | None = None
    for kept in (False, True):
        fixed = inputs + 4 * _POSITIONS * (inputs + 4) * (pairs if kept else 1)
        rows = 0
        while rows < down and fixed + _bytes(inputs, (rows + 1) * across) <= room:
            rows += 1
        if rows == 0:
            continue
        parts = math.ceil(down / rows)
        rows = math.ceil(down / parts)
        tiles = across * down
        cost = math.ceil(tiles / 2) * pairs * (_POSITIONS * (2.5 * inputs + 5) + 400)
        cost += tiles * (60 * inputs + 200) + (1 if kept else parts) * outputs * inputs * 50
        found = cost, rows, kept, fixed + _bytes(inputs, rows * across)
        best = found if best is None else min(best, found)
    return best[1:] if best is not None and best[0] < _other(inputs, outputs, height * width) else None


def _other(inputs: int, outputs: int, pixels: int) -> float:
    """Returns the instructions of ek_conv2d_s8_dsp."""
    return math.ceil(pixels / 3) * outputs / 2 * (4.25 * 9 * inputs + 50)


def _bytes(inputs: int, tiles: int) -> int:
    """Returns the bytes of the transformed input of some tiles."""
    return math.ceil(tiles / 2) * 4 * _POSITIONS * inputs


VARIANT = Conv2DWinogradDsp()
