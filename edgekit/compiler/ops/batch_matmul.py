"""BATCH_MATMUL."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import Constant, KernelCall, Lowered, Operator, Option, Param, Ref, Target
from edgekit.compiler.ops.common import activation, fixedpoint, geometry, wide
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem

_AXES = 3  # EK_BATCH_AXES


class BatchMatmul(Operator):
    """Matrix products over batches that are broadcast; either operand may be transposed or constant."""

    name = "BATCH_MATMUL"
    code = 126
    options_type = 101
    options = (Option("adj_x", 0, "bool", False), Option("adj_y", 1, "bool", False))
    signatures = ("int8", "int16")
    limits = "two to five dimensions; at most one operand is constant"
    notes = "int8 rounds twice, int16 once, in both profiles; the product of the scales is taken in float32"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        self._check(checks)
        return iter(checks.problems)

    def _check(self, checks: Checks) -> bool:
        node = checks.node
        if not checks.arity(2):
            return False
        left, right, output = node.input(0), node.input(1), node.output()
        shapes = f"{list(left.shape)}, {list(right.shape)} -> {list(output.shape)}"
        if not (
            checks.activations(left, right, output, wide=True)
            and checks.require(
                min(len(left.shape), len(right.shape)) >= 2 and max(len(left.shape), len(right.shape)) <= 5,
                "needs inputs of two to five dimensions",
                found=shapes,
            )
            and checks.require(
                not (left.constant and right.constant),
                "both of its inputs are constant",
                hint="convert the model with constant folding",
            )
        ):
            return False
        rows, depth = _matrix(left, node.options["adj_x"])
        depth2, columns = _matrix(right, node.options["adj_y"])
        batches = geometry.broadcast_shape(left.shape[:-2], right.shape[:-2])
        real = _real(node)
        largest = depth * _widest(left) * _widest(right)
        sums = np.array([largest], float), np.array([real])
        return checks.require(
            depth == depth2 and batches is not None and output.shape == (*batches, rows, columns),
            "the shapes of its inputs and output do not match",
            "[..., rows, depth], [..., depth, columns] -> [..., rows, columns]",
            shapes,
        ) and (wide.check_sums(checks, *sums) if output.dtype == np.int16 else checks.sums_fit(*sums))

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_batch_matmul_s8, ek_batch_matmul_constant_s8 or ek_batch_matmul_s16."""
        left, right, output = node.input(0), node.input(1), node.output()
        adjoint = node.options["adj_x"], node.options["adj_y"]
        rows, depth = _matrix(left, adjoint[0])
        columns = _matrix(right, adjoint[1])[1]
        batches = output.shape[:-2]
        product: dict[str, Param] = {
            "batches": [1] * (_AXES - len(batches)) + list(batches),
            "rows": rows,
            "depth": depth,
            "columns": columns,
            "left": {
                "batch": _batch_steps(left, batches),
                "line": 1 if adjoint[0] else depth,
                "depth": rows if adjoint[0] else 1,
                "zero_point": left.q.zero_point,
            },
            "right": {
                "batch": _batch_steps(right, batches),
                "line": depth if adjoint[1] else 1,
                "depth": 1 if adjoint[1] else columns,
                "zero_point": right.q.zero_point,
            },
        }
        if output.dtype == np.int16:
            return _wide(node, product)
        multipliers, shifts = fixedpoint.multipliers(np.array([_real(node)]))
        product |= {
            "multiplier": int(multipliers[0]),
            "shift": int(shifts[0]),
            **activation.bounds(output, 0),
        }
        for constant, given in ((left, right), (right, left)):
            if constant.data is not None:
                return KernelCall(
                    "ek_batch_matmul_constant_s8",
                    {"product": product, "constant": Ref("constant"), "constant_left": constant is left},
                    (given.index,),
                    (output.index,),
                    (Constant("constant", np.ascontiguousarray(constant.data)),),
                )
        return KernelCall("ek_batch_matmul_s8", product, (left.index, right.index), (output.index,))

    def macs(self, node: NodeView) -> int:
        """Returns output elements x depth."""
        return node.output().elements * _matrix(node.input(0), node.options["adj_x"])[1]


def _wide(node: NodeView, product: dict[str, Param]) -> KernelCall:
    """Returns the call of ek_batch_matmul_s16."""
    left, right, output = node.input(0), node.input(1), node.output()
    free = [tensor for tensor in (left, right) if not tensor.constant]
    constants = wide.requantization(np.array([_real(node)]), wide.ONCE)
    scale = wide.fields(constants, wide.ONCE, -(1 << 15), (1 << 15) - 1)
    constants += [
        Constant("constant", np.ascontiguousarray(tensor.data))
        for tensor in (left, right)
        if tensor.data is not None
    ]
    given: dict[str, Param] = {
        "constant": Ref("constant") if len(free) == 1 else 0,
        "constant_left": left.constant,
    }
    return KernelCall(
        "ek_batch_matmul_s16",
        {**product, "scale": scale, **given},
        tuple(tensor.index for tensor in free),
        (output.index,),
        tuple(constants),
        listed="inputs",
    )


def _matrix(tensor: Tensor, adjoint: bool) -> tuple[int, int]:
    rows, columns = tensor.shape[-2:]
    return (columns, rows) if adjoint else (rows, columns)


def _real(node: NodeView) -> float:
    """Returns the ratio of the scales; both runtimes multiply the inputs' in float32."""
    left, right = (np.float32(node.input(i).q.scale) for i in (0, 1))
    with np.errstate(over="ignore"):  # the check refuses what is not finite
        return float(left * right) / float(np.float32(node.output().q.scale))


def _widest(tensor: Tensor) -> int:
    ends = np.iinfo(tensor.dtype)
    return max(ends.max - tensor.q.zero_point, tensor.q.zero_point - ends.min)


def _batch_steps(tensor: Tensor, batches: tuple[int, ...]) -> list[int]:
    matrix = tensor.shape[-2] * tensor.shape[-1]
    steps = [step * matrix for step in geometry.broadcast_strides(tensor.shape[:-2], batches)]
    return [0] * (_AXES - len(steps)) + steps


OPERATOR = BatchMatmul()
