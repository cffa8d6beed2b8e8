"""C source text of numbers, arrays and structures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.ops.base import Constant, KernelCall, Param, Ref

LINE = 100  # columns that a line of an array fills

C_TYPES = {
    "int8": "int8_t",
    "uint8": "uint8_t",
    "int16": "int16_t",
    "uint16": "uint16_t",
    "int32": "int32_t",
    "uint32": "uint32_t",
    "int64": "int64_t",
    "uint64": "uint64_t",
    "float32": "float",
    "bool": "bool",
}


def c_type(dtype: np.dtype[Any]) -> str:
    """Returns the C type of a tensor's or constant's elements."""
    return C_TYPES[dtype.name]


def pointers(call: KernelCall, inputs: Sequence[str], outputs: Sequence[str]) -> list[str]:
    """Returns the arguments for the tensors of a call, those that it lists as one array of pointers."""
    if call.listed == "inputs":
        return [f"(const void *const[]){{{', '.join(inputs)}}}", *outputs]
    if call.listed == "outputs":
        return [*inputs, f"(void *const[]){{{', '.join(outputs)}}}"]
    return [*inputs, *outputs]


def integer(value: int) -> str:
    """Returns an integer literal that has its value in every context."""
    if value == -(1 << 31):
        return "(-2147483647 - 1)"
    if value == -(1 << 63):
        return "(-9223372036854775807LL - 1)"
    if -(1 << 31) < value < 1 << 31:
        return str(value)
    return f"{value}U" if 0 <= value < 1 << 32 else f"{value}{'ULL' if value >= 1 << 63 else 'LL'}"


def real(value: float) -> str:
    """Returns a float literal that reads back as the float32 nearest to `value`."""
    if not math.isfinite(value):
        raise AssertionError(f"{value} has no literal in C")
    text = f"{np.float32(value):.9g}"
    return text + ("f" if any(c in text for c in ".e") else ".0f")


def array(values: NDArray[Any], indent: str = "    ") -> str:
    """Returns the elements in braces: on one line where they fit, else in wrapped lines."""
    flat = values.reshape(-1)
    if values.dtype.kind == "f":
        texts = [real(float(v)) for v in flat]
    elif values.dtype.kind == "b":
        texts = ["true" if v else "false" for v in flat]
    elif values.dtype.itemsize < 4:
        texts = list(map(str, flat.tolist()))
    else:
        texts = list(map(integer, flat.tolist()))
    widest = max(map(len, texts), default=1)
    per_line = max(1, (LINE - len(indent)) // (widest + 1))
    lines = [",".join(texts[i : i + per_line]) for i in range(0, len(texts), per_line)]
    if len(lines) == 1 and len(lines[0]) <= LINE // 2:
        return "{" + lines[0] + "}"
    return "{\n" + "".join(f"{indent}{line},\n" for line in lines) + "}"


def alignment(constant: Constant) -> int:
    """Returns the alignment of an array in flash: whole vectors where that costs little."""
    return 16 if constant.data.nbytes >= 256 else max(4, constant.data.dtype.itemsize)


def initializer(value: Param, prefix: str, indent: str = "    ") -> str:
    """Returns the initializer of one parameter.

    Args:
        value: A number, a reference to a constant of the same call, a structure or an array.
        prefix: What the names of the call's constants begin with.
        indent: Indentation of the line that it stands in.
    """
    if isinstance(value, Ref):
        return prefix + value.name
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | np.integer):
        return integer(int(value))
    if isinstance(value, float | np.floating):
        return real(float(value))
    if isinstance(value, Mapping):
        return "{" + ", ".join(f".{key} = {initializer(v, prefix)}" for key, v in value.items()) + "}"
    return "{" + ", ".join(initializer(v, prefix) for v in value) + "}"


def structure(fields: Mapping[str, Param], prefix: str, indent: str = "    ") -> str:
    """Returns the fields of a structure as designated initializers in wrapped lines."""
    lines: list[str] = []
    for key, value in fields.items():
        text = f".{key} = {initializer(value, prefix)},"
        if lines and len(lines[-1]) + 1 + len(text) <= LINE:
            lines[-1] += " " + text
        else:
            lines.append(indent + text)
    return "\n".join(lines)
