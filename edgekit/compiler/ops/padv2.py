"""PADV2."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.common import movement
from edgekit.compiler.ops.common.checks import Checks
from edgekit.compiler.ops.common.padding import Padding
from edgekit.errors import Problem


class PadV2(Padding):
    """A constant value around a tensor."""

    name = "PADV2"
    code = 60
    options_type = 43

    def arguments(self) -> tuple[int, int]:
        """Returns the least and the greatest number of inputs."""
        return 3, 3

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        yield from super().check(node)
        checks = Checks(node)
        if checks.arity(3):
            value, output = node.input(2), node.output()
            movement.same_kind(checks, value, output)
            checks.require(_single(value), f"its value '{value.name}' is not one constant")
            yield from checks.problems

    def value(self, node: NodeView) -> np.ndarray:
        """Returns what fills the padding, of the output's type and rank 0."""
        given = node.input(2)
        if not _single(given) or given.data is None:
            return np.zeros((), node.output().dtype)
        return np.array(given.data.reshape(-1)[0], node.output().dtype)


def _single(value: Tensor) -> bool:
    return value.constant and value.elements == 1


OPERATOR = PadV2()
