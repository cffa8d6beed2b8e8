"""Operators of one int8 input whose output depends on nothing else: a table of 256 entries."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import Constant, KernelCall, Lowered, Operator, Ref, Target
from edgekit.compiler.ops.common import gemmlowp, geometry, wide_functions
from edgekit.compiler.ops.common.checks import MAX_MULTIPLIER, Checks
from edgekit.errors import Problem
from edgekit.quant import quantize_multiplier, requantize_twice

INPUTS = np.arange(-128, 128, dtype=np.int64)


class TableOperator(Operator):
    """An operator that a table computes; the table is made by the oracle's own arithmetic.

    Class attributes:
        wide: Whether it takes int16 too, with zero points 0.
    """

    wide: ClassVar[bool] = False

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if checks.arity(1):
            data, output = node.input(0), node.output()
            if checks.activations(data, output, wide=self.wide) and checks.require(
                data.shape == output.shape,
                "its output differs from its input in shape",
                str(list(data.shape)),
                str(list(output.shape)),
            ):
                check = self.check_scales if data.dtype == np.int8 else self.check_wide
                check(checks, data, output)
        return iter(checks.problems)

    def check_scales(self, checks: Checks, data: Tensor, output: Tensor) -> bool:
        """Checks what the operator asks of its scales; by default that they are in proportion."""
        return checks.require(
            2.0**-30 < data.q.scale / output.q.scale < MAX_MULTIPLIER,
            "its scales are out of proportion",
            f"input scale / output scale between 1e-9 and {MAX_MULTIPLIER:g}",
            f"{data.q.scale / output.q.scale:g}",
        )

    def check_wide(self, checks: Checks, data: Tensor, output: Tensor) -> bool:
        """Checks what the operator asks of its scales where its tensors are int16."""
        return wide_functions.check_slopes(checks, data, output)

    def lower_wide(self, node: NodeView, target: Target) -> KernelCall:
        """Returns the call for int16."""
        raise AssertionError(f"{self.name} takes int8 alone")

    @abstractmethod
    def table(self, node: NodeView, target: Target) -> NDArray[np.int64]:
        """Returns the outputs for the inputs -128 to 127, before they are clipped to int8."""

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_table_s8, or the one for int16."""
        if node.output().dtype == np.int16:
            return self.lower_wide(node, target)
        entries = np.clip(self.table(node, target), -128, 127).astype(np.int8)
        return KernelCall(
            "ek_table_s8",
            {"table": Ref("table"), "count": node.output().elements},
            (node.input(0).index,),
            (node.output().index,),
            (Constant("table", entries, table=True),),
            in_place=((0, 0),),
        )

    def rows(self, node: NodeView, axis: int) -> Mapping[int, geometry.Window | None] | None:
        """Returns the same rows of its inputs."""
        return geometry.element_rows(node, axis)


def require_output(checks: Checks, output: Tensor, scale: float, zero_point: int) -> bool:
    """Checks that an output has the one quantisation that the operator is defined for."""
    return checks.require(
        abs(output.q.scale - scale) <= 1e-6 * scale and output.q.zero_point == zero_point,
        "its output has a quantisation that this operator does not allow",
        f"scale {scale:g}, zero point {zero_point}",
        f"scale {output.q.scale:g}, zero point {output.q.zero_point}",
        "convert the model again with a current converter",
    )


def require_moderate(checks: Checks, data: Tensor) -> bool:
    """Checks that an input scale lies in the range for which the fixed-point functions are defined."""
    return checks.require(
        2.0**-26 <= data.q.scale < 8.0,
        "its input scale is out of range",  # from 8 on, TFLM sends 0 to the least value
        "2^-26 to 8",
        f"{data.q.scale:g}",
    )


def rescaled(values: NDArray[np.int64], real: float) -> NDArray[np.int64]:
    """Returns values x real, rounded twice."""
    return requantize_twice(values, *quantize_multiplier(real))


def of_float(
    data: Tensor, output: Tensor, function: Callable[[NDArray[np.float32]], NDArray[np.float32]]
) -> NDArray[np.int64]:
    """Returns a function's table in float32 arithmetic, as LiteRT populates its own.

    Args:
        data, output: The tensors.
        function: From float32 to float32, correctly rounded.
    """
    real = np.float32(data.q.scale) * (INPUTS - data.q.zero_point).astype(np.float32)
    with np.errstate(over="ignore"):  # saturates below
        scaled = function(real) * (np.float32(1) / np.float32(output.q.scale))
    rounded = np.copysign(np.floor(np.abs(scaled.astype(np.float64)) + 0.5), scaled)
    steps: NDArray[np.int64] = np.clip(rounded, -(1 << 20), 1 << 20).astype(np.int64)
    return steps + output.q.zero_point


def of_fixed_point(
    data: Tensor, function: Callable[[NDArray[np.int64], int], NDArray[np.int64]], output_bits: int
) -> NDArray[np.int64]:
    """Returns a saturating function's table in gemmlowp's arithmetic, as TFLM computes it.

    Args:
        data: The input tensor.
        function: From 4 integer bits to none, e.g. `gemmlowp.logistic`.
        output_bits: Fraction bits of the int8 output, whose range saturates the result.

    Returns:
        Values whose unit is 2^-output_bits, without an output zero point.
    """
    integer_bits = 4
    multiplier, shift = quantize_multiplier(data.q.scale * (1 << (31 - integer_bits)))
    radius = (((1 << integer_bits) - 1) << (31 - integer_bits)) >> shift
    values = INPUTS - data.q.zero_point
    inside = np.clip(values, -radius, radius)
    scaled = np.clip(requantize_twice(inside, multiplier, shift), -(1 << 31), (1 << 31) - 1)
    result = gemmlowp.divide_by_power(function(scaled, integer_bits), 31 - output_bits)
    return np.where(values <= -radius, -(1 << 10), np.where(values >= radius, 1 << 10, result))
