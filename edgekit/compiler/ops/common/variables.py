"""Tensors that keep their value between invocations."""

from __future__ import annotations

from edgekit.compiler.graph import Tensor
from edgekit.compiler.ops.base import KernelCall, Param
from edgekit.compiler.ops.common.checks import Checks

_AXES = 6  # EK_COPY_AXES
_DTYPES = frozenset({"int8", "uint8", "int16", "int32", "int64", "float32", "bool"})


def check(checks: Checks, variable: Tensor, value: Tensor) -> bool:
    """Checks a variable and what is read from it or written to it.

    Args:
        checks: Of the node.
        variable: What `edgekit.compiler.variables.resolve` put in the place of a handle.
        value: The other tensor.
    """
    return checks.require(
        variable.variable and not variable.constant,
        "its variable is not known",
        "the output of a VAR_HANDLE",
        f"tensor '{variable.name}'",
    ) and checks.require(
        variable.dtype == value.dtype and variable.nbytes == value.nbytes and value.dtype.name in _DTYPES,
        "differs from its variable in type or size, or is of a type that is not supported",
        f"{variable.dtype.name} {list(variable.shape)}",
        f"{value.dtype.name} {list(value.shape)}",
    )


def copy(size: int, inputs: tuple[int, ...], states: tuple[int, ...], outputs: tuple[int, ...]) -> KernelCall:
    """Returns the call of ek_copy that moves `size` bytes from one tensor to another."""
    params: dict[str, Param] = {"run": size, "start": 0, "extents": [1] * _AXES, "steps": [0] * _AXES}
    return KernelCall("ek_copy", params, inputs, outputs, states=states)
