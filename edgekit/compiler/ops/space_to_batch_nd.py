"""SPACE_TO_BATCH_ND."""

from __future__ import annotations

import math

from edgekit.compiler.ops.common import batches
from edgekit.compiler.ops.common.checks import Checks
from edgekit.compiler.ops.common.places import Places, Taking


class SpaceToBatchNd(Taking):
    """Blocks of pixels, padded with zeros where they do not fit, become batches."""

    name = "SPACE_TO_BATCH_ND"
    code = 38
    options_type = 25
    arguments = (3, 3)
    limits = "constant block shape and paddings"
    notes = "copies; pads with the quantised 0, as LiteRT does"

    def places(self, checks: Checks) -> Places | None:
        """Returns the places of a node with its inputs and output there; None after noting problems."""
        found = batches.arguments(checks, "paddings")
        shape = checks.node.input(0).shape
        if found is None:
            return None
        block, paddings = found
        axes = 1 + len(block)
        padded = [n + sum(p) for n, p in zip(shape[1:], paddings, strict=False)]
        output = checks.node.output()
        zero = 0 if output.quantization is None else output.q.zero_point
        if not checks.require(
            all(n % b == 0 for n, b in zip(padded, block, strict=True)),
            "its blocks do not divide its padded input",
            found=f"{padded}, blocks {block}",
        ) or not checks.require(
            output.dtype.itemsize == 1 or zero == 0, "its zero point is not 0", found=str(zero)
        ):
            return None
        result = (
            shape[0] * math.prod(block),
            *(n // b for n, b in zip(padded, block, strict=True)),
            *shape[axes:],
        )
        tables = batches.tables(result, shape, block, [before for before, _ in paddings])
        fill = zero if any(map(any, paddings)) else None
        return Places(result, tables, math.prod(shape[axes:]), scatter=True, fill=fill)


OPERATOR = SpaceToBatchNd()
