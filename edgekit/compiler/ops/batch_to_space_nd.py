"""BATCH_TO_SPACE_ND."""

from __future__ import annotations

import math

from edgekit.compiler.ops.common import batches
from edgekit.compiler.ops.common.checks import Checks
from edgekit.compiler.ops.common.movement import result_shape
from edgekit.compiler.ops.common.places import Places, Taking


class BatchToSpaceNd(Taking):
    """Batches become blocks of pixels, of which a border may be cut off."""

    name = "BATCH_TO_SPACE_ND"
    code = 37
    options_type = 24
    arguments = (3, 3)
    limits = "constant block shape and crops"

    def places(self, checks: Checks) -> Places | None:
        """Returns the places of a node with its inputs and output there; None after noting problems."""
        found = batches.arguments(checks, "crops")
        shape = checks.node.input(0).shape
        if found is None:
            return None
        block, crops = found
        axes = 1 + len(block)
        sizes = [n * b - sum(c) for n, b, c in zip(shape[1:], block, crops, strict=False)]
        if not checks.require(
            shape[0] % math.prod(block) == 0 and min(sizes) >= 1,
            "its blocks do not divide the batch, or its crops leave nothing",
            found=f"{list(shape)}, blocks {block}, crops {crops}",
        ):
            return None
        result = (shape[0] // math.prod(block), *sizes, *shape[axes:])
        if not result_shape(checks, result):  # before tables as long as it says
            return None
        tables = batches.tables(shape, result, block, [before for before, _ in crops])
        return Places(result, tables, math.prod(shape[axes:]))


OPERATOR = BatchToSpaceNd()
