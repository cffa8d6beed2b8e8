"""What the templates see of a step and of the model's input: names, types and numbers as C text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.preproc.base import INT16_UNIT, SIZES, CType, DesignedStep, Field

BUFFER = "buffer"
_PER_LINE = 6


@dataclass(frozen=True, slots=True)
class StepView:
    """What the C template of a step sees, as `s`.

    Args:
        design: The designed step.
        id: Prefix of its functions and tables, and its member of the state, e.g. "s1_bandpass".
        fields: Members of its state.
        n: The numbers that the step gives to its template.
        held: Whether it is the step that holds the frame until it is taken.
        held_type: C type of a held value: of the model's input where no step stands behind, else float.
        int16: Whether the samples of the sensor are int16.
        raw: Whether it takes them as they are.
        before: Id of the step before it, "" for the first.
        behind: Id of the step behind it, "" for the last.
    """

    design: DesignedStep
    id: str
    fields: tuple[Field, ...]
    n: Mapping[str, int | float]
    held: bool
    held_type: str
    int16: bool
    raw: bool
    before: str
    behind: str

    @property
    def kind(self) -> str:
        """Kind of the step."""
        return self.design.step.kind

    @property
    def description(self) -> str:
        """One line, safe within a C comment."""
        return self.design.description.replace("*/", "* /")

    @property
    def state(self) -> str:
        """C expression of its state."""
        return f"p->{self.id}"

    @property
    def input_type(self) -> str:
        """C type of a value that enters."""
        return "int16_t" if self.raw else "float"

    @property
    def unit(self) -> str:
        """What an int16 sample is multiplied by."""
        return c_float(INT16_UNIT)

    @property
    def argument(self) -> str:
        """C declaration of the item that enters: a value, or a pointer to its values."""
        if self.design.input.shape == ():
            return f"{self.input_type} x"
        if self.copies:
            return "const float *item"
        return "float *x" if self.design.step.memory == "in-place" else "const float *x"

    @property
    def copies(self) -> int:
        """Values of an item that are copied to the step's buffer, as it must not write where they lie."""
        own = self.design.step.memory == "in-place" and any(field.name == BUFFER for field in self.fields)
        return self.design.input.width if own else 0

    @property
    def buffer(self) -> str:
        """C expression of the memory for the items that it emits."""
        return f"{self.state}.{BUFFER}"

    @property
    def quantised(self) -> bool:
        """Whether it holds values as the model takes them."""
        return self.held_type != "float"

    def sample(self, given: str) -> str:
        """Returns the C expression of what enters the first step for a sample that the caller gives."""
        if not self.int16:
            return f"accept(p, {given})"
        return given if self.raw else f"(float){given} * {self.unit}"

    def hold(self, value: str) -> str:
        """Returns the C expression of a value as it is held."""
        return f"quantise({value})" if self.quantised else value

    @property
    def members(self) -> list[tuple[str, str]]:
        """C declarations of its state, and what each holds; the first column is padded."""
        heads = [
            f"{self._ctype(field)} {field.name}" + "".join(f"[{extent}]" for extent in field.dims) + ";"
            for field in self.fields
        ]
        width = max(map(len, heads), default=0)
        return [(head.ljust(width), field.comment) for head, field in zip(heads, self.fields, strict=True)]

    @property
    def nbytes(self) -> int:
        """Size of its state."""
        return sum(replace(field, ctype=self._ctype(field)).nbytes for field in self.fields)

    @property
    def table_bytes(self) -> int:
        """Size of its constants."""
        types = self._table_types()
        return sum(values.size * SIZES[types[name]] for name, values in self.design.constants.items())

    @property
    def tables(self) -> list[tuple[str, str]]:
        """C declarations of its constants: head and rows."""
        types = self._table_types()
        return [
            (
                f"static const {types[name]} {self.table(name)}"
                + "".join(f"[{extent}]" for extent in values.shape),
                _initialiser(values * np.float32(INT16_UNIT) if self._is_full_scale(name) else values),
            )
            for name, values in self.design.constants.items()
        ]

    def _is_full_scale(self, name: str) -> bool:
        return self.raw and name == self.design.step.full_scale

    def _table_types(self) -> dict[str, CType]:
        small = self.design.step.ctypes(self.design)
        return {
            name: "float" if values.dtype == np.float32 else small.get(name, "int32_t")
            for name, values in self.design.constants.items()
        }

    def _ctype(self, field: Field) -> Any:
        return {"input": self.input_type, "held": self.held_type}.get(field.ctype, field.ctype)

    def table(self, name: str) -> str:
        """Returns the C name of a constant."""
        return f"{self.id}_{name}"

    def emit(self, item: str) -> str:
        """Returns the C statement that hands `item` to the step behind."""
        return f"{self.behind}(p, {item});"

    def value(self, index: str) -> str:
        """Returns the C expression of a value of the frame before this step."""
        return f"{self.before}_value(p, {index})"


@dataclass(frozen=True, slots=True)
class Quantiser:
    """What the templates know of the model's input, as `q`.

    Args:
        dtype: "int8", "int16", or "float32": values are left as they are.
        scale: Step of the integer grid.
        zero_point: Integer that stands for 0.
    """

    dtype: str
    scale: float
    zero_point: int

    @property
    def ctype(self) -> str:
        """C type of a value."""
        return "float" if self.dtype == "float32" else f"{self.dtype}_t"

    @property
    def least(self) -> int:
        """The smallest value."""
        return int(np.iinfo(self.dtype).min)

    @property
    def most(self) -> int:
        """The greatest value."""
        return int(np.iinfo(self.dtype).max)

    @property
    def limit(self) -> int:
        """So many steps saturate at any zero point, and float32 still tells halves of them apart."""
        return 8 * (self.most + 1)


def c_float(value: float) -> str:
    """Returns the shortest C literal that a compiler reads back as this float32."""
    text = str(np.float32(value))
    return (text if any(c in text for c in ".en") else text + ".0") + "f"


def _initialiser(values: NDArray[Any], indent: str = "    ") -> str:
    """Returns the rows between the braces of a C array."""
    if values.ndim > 1:
        return ",\n".join(f"{indent}{_braces(row, indent)}" for row in values)
    texts = [c_float(v) if values.dtype == np.float32 else str(int(v)) for v in values]
    lines = [", ".join(texts[i : i + _PER_LINE]) for i in range(0, len(texts), _PER_LINE)]
    return ",\n".join(indent + line for line in lines)


def _braces(row: NDArray[Any], indent: str) -> str:
    inner = _initialiser(row, indent + "    ")
    return "{" + inner.strip() + "}" if "\n" not in inner else f"{{\n{inner}\n{indent}}}"
