"""Tiles of four pixels by all channels, as firmware/kernels/ek_matrix_s8_mve.h reads their constants."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Constant, Param, Ref
from edgekit.compiler.variants.mve import matrix

PIXELS = 4
_COLUMNS = 6
_WORTH = 13  # instructions that a byte of padding must save, which keeps small networks small
_MOST_SHORT = 4  # steps of blocks below 16 bytes
_LARGEST_OFFSET = (1 << 16) - 1


@dataclass(frozen=True, slots=True)
class Tile:
    """How the depth of a product is cut.

    Args:
        steps: Blocks, or with `taps` 3 groups of three blocks.
        block: Bytes of one, even and at most 16.
        taps: 1, or 3 where neighbouring pixels share columns.
    """

    steps: int
    block: int
    taps: int = 1

    @property
    def patch_bytes(self) -> int:
        """Working memory of one tile."""
        return self.steps * (_COLUMNS if self.taps > 1 else PIXELS) * matrix.VECTOR


def of_depth(depth: int, pixels: int) -> Tile:
    """Returns the fewest blocks of one size.

    They have least padding where they are few, unless whole vectors save enough: two instructions per
    block, of each four pixels and two channels.

    Args:
        depth: Values of one window.
        pixels: Windows.
    """
    steps = -(-depth // matrix.VECTOR)
    block = matrix.up(-(-depth // steps), 2)
    saved, padding = 2 * pixels // PIXELS, 2 * (matrix.VECTOR - block)
    whole = steps > _MOST_SHORT or saved >= _WORTH * padding
    return Tile(steps, matrix.VECTOR if whole else block)


def of_columns(kernel_height: int, channels: int) -> Tile:
    """Returns the blocks of a window three columns wide; `channels` is a multiple of 16."""
    return Tile(kernel_height * channels // matrix.VECTOR, matrix.VECTOR, 3)


def lowered(
    node: NodeView, rounding: matrix.Rounding, tile: Tile
) -> tuple[dict[str, Param], Constant] | None:
    """Returns the fields of `ek_matrix_s8_mve_t`; None where its channels are too many.

    Args:
        node: A checked node whose weights have the channels first.
        rounding: Of its sums, twice.
        tile: How their depth is cut.
    """
    folded = matrix.folded(node)
    channels = len(folded)
    if (PIXELS - 1) * channels + 1 > _LARGEST_OFFSET:
        return None
    ends = matrix.fields(node, rounding)
    paired = channels % 4 == 0 and (ends["low"], ends["high"]) == (-128, 127)
    fields: dict[str, Param] = {
        "packed": Ref("packed"),
        "steps": tile.steps,
        "block": tile.block,
        **ends,
        "offsets": [pixel * channels + channel for pixel in range(PIXELS) for channel in range(2)],
        "channels": channels,
        "taps": tile.taps,
        "paired": paired,
    }
    order = np.arange(channels)
    if paired:
        order = order.reshape(-1, 2, 2).transpose(0, 2, 1).reshape(-1)
    constants = [_pairs(values[order]) for values in (folded, rounding.multipliers, rounding.shifts)]
    packed = np.concatenate([_weights(node, tile, order), *constants], axis=1)
    return fields, Constant("packed", packed.reshape(-1))


def _pairs(values: NDArray[np.signedinteger]) -> NDArray[np.int8]:
    """Returns two values per record as int32, int8 [records, 8]."""
    found = np.zeros((-(-len(values) // 2), 2), "<i4")
    found.reshape(-1)[: len(values)] = values
    return found.view(np.int8)


def _weights(node: NodeView, tile: Tile, order: NDArray[np.intp]) -> NDArray[np.int8]:
    """Returns the weights of all records, their channels in the given order, int8 [records, bytes]."""
    rows = matrix.rows(node)[order]
    channels = len(rows)
    filled = np.zeros((-(-channels // 2) * 2, tile.steps * tile.taps * tile.block), np.int8)
    filled[:channels, : rows.shape[1]] = rows
    if tile.taps > 1:  # [kernel height, columns, blocks] of the window to [kernel height, blocks, columns]
        blocks = node.input(1).shape[3] // tile.block
        filled = filled.reshape(len(filled), -1, tile.taps, blocks, tile.block).transpose(0, 1, 3, 2, 4)
    pairs = filled.reshape(-1, 2, tile.steps * tile.taps, tile.block).transpose(0, 2, 1, 3).copy()
    reverse = slice(1, channels // 2, 2)
    pairs[reverse] = pairs[reverse, ::-1]
    return pairs.reshape(len(pairs), -1)
