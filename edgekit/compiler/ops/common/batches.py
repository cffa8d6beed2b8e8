"""What BATCH_TO_SPACE_ND and SPACE_TO_BATCH_ND share: blocks of pixels that lie in separate batches."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.ops.common.checks import Checks
from edgekit.compiler.ops.common.movement import dense, integers
from edgekit.compiler.ops.common.places import LARGEST_EXTENT, pairs, scaled


def arguments(checks: Checks, what: str) -> tuple[list[int], list[tuple[int, int]]] | None:
    """Returns the block and the crops or paddings of each spatial axis; None after noting problems.

    Args:
        checks: Of a node with its three inputs there.
        what: "crops" or "paddings".
    """
    node = checks.node
    count = node.input(1).elements
    if not checks.require(
        1 <= count < len(node.input(0).shape), "has no spatial axis, or more than its input", found=str(count)
    ):
        return None
    block = integers(checks, 1, count, "block shape")
    around = pairs(checks, 2, count, what)
    if block is None or around is None:
        return None
    held = checks.require(
        min(block) >= 1 and max(block) <= LARGEST_EXTENT, "a block is out of range", "1 or more", str(block)
    )
    return (block, around) if held else None


def tables(
    batched: tuple[int, ...],
    space: tuple[int, ...],
    block: list[int],
    skipped: list[int],
) -> tuple[NDArray[np.int64], ...]:
    """Returns, for batch and spatial axes of the side in space, places on the side in batches.

    Args:
        batched: Shape of the side in batches.
        space: Shape of the side in space.
        block: Extent per spatial axis.
        skipped: Positions in front of each spatial axis that the side in space lacks.
    """
    steps = dense(batched)
    found = [scaled(space[0], steps[0])]
    for axis, (extent, before) in enumerate(zip(block, skipped, strict=True)):
        position = np.arange(space[1 + axis], dtype=np.int64) + before
        batch = position % extent * math.prod(block[axis + 1 :]) * space[0]
        found.append(batch * steps[0] + position // extent * steps[1 + axis])
    return tuple(found)
