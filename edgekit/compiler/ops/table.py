"""TABLE: what passes make of a chain of elementwise operators."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Constant, KernelCall, Lowered, Operator, Ref, Target
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem


class TableLookup(Operator):
    """One int8 output element for each int8 input element, from 256 entries."""

    name = "TABLE"
    internal = True
    oracles = ()
    notes = "made by the pass fuse-tables"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if checks.arity(1) and checks.activations(node.input(0), node.output()):
            checks.require(node.input(0).elements == node.output().elements, "its output has another size")
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_table_s8."""
        return KernelCall(
            "ek_table_s8",
            {"table": Ref("table"), "count": node.output().elements},
            (node.input(0).index,),
            (node.output().index,),
            (Constant("table", node.options["table"], table=True),),
            in_place=((0, 0),),
        )


OPERATOR = TableLookup()
