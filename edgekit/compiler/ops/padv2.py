"""PADV2."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.compiler.graph import NodeView
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
            if checks.activations(value, output) and checks.same_quantization(value, output):
                checks.require(
                    value.constant and value.elements == 1, f"its value '{value.name}' is not one constant"
                )
            yield from checks.problems

    def value(self, node: NodeView) -> int:
        """Returns what fills the padding."""
        data = node.input(2).data
        assert data is not None
        return int(data.reshape(-1)[0])


OPERATOR = PadV2()
