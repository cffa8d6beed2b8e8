"""MIRROR_PAD."""

from __future__ import annotations

import numpy as np

from edgekit.compiler.ops.base import Option
from edgekit.compiler.ops.common.checks import Checks
from edgekit.compiler.ops.common.movement import dense
from edgekit.compiler.ops.common.places import Places, Taking, pairs

_REFLECT, _SYMMETRIC = 0, 1  # schema.fbs, MirrorPadMode


class MirrorPad(Taking):
    """A tensor with its own mirror image around it."""

    name = "MIRROR_PAD"
    code = 100
    options_type = 77
    options = (Option("mode", 0, "int8"),)
    arguments = (2, 2)
    limits = "constant paddings"

    def places(self, checks: Checks) -> Places | None:
        """Returns the places of a node with its inputs and output there; None after noting problems."""
        shape = checks.node.input(0).shape
        paddings = pairs(checks, 1, len(shape), "paddings")
        if paddings is None or not checks.options(mode=(_REFLECT, _SYMMETRIC)):
            return None
        mode = checks.node.options["mode"]
        if not checks.require(
            all(max(pair) <= n - (mode == _REFLECT) for n, pair in zip(shape, paddings, strict=True)),
            "is padded by more than its input has to mirror",
            str(list(shape)),
            str(paddings),
        ):
            return None
        axes = len(shape)
        while axes and not any(paddings[axes - 1]):
            axes -= 1  # what lies behind the last padded axis moves together
        steps = dense(shape)
        run = steps[axes - 1] if axes else checks.node.input(0).elements
        return Places(
            tuple(n + sum(pair) for n, pair in zip(shape, paddings, strict=True)),
            tuple(
                np.pad(np.arange(n) * step, pair, "reflect" if mode == _REFLECT else "symmetric")
                for n, step, pair in zip(shape[:axes], steps, paddings, strict=False)
            ),
            run,
        )


OPERATOR = MirrorPad()
