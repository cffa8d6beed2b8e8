"""Renders a chain to C: every number is computed here, the templates only lay it out."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from edgekit import paths
from edgekit.errors import InputError, Problem
from edgekit.preproc.base import INT16_UNIT, LIMIT, SIZES, CType, DesignedStep, Field, Kind
from edgekit.registry import stem_of

if TYPE_CHECKING:
    from jinja2 import Environment

    from edgekit.preproc.chain import Chain

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_OWN_STATE = 8  # last finite sample and the count of non-finite ones
_PER_LINE = 6
_BUFFER = "buffer"
_DTYPES = ("int8", "int16", "float32")
_MACROS: Mapping[Kind, Sequence[str]] = {
    "stream": ("process",),
    "collect": ("process", "ready", "value", "advance"),
    "frame": ("measure", "value"),
}


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
        own = self.design.step.memory == "in-place" and any(field.name == _BUFFER for field in self.fields)
        return self.design.input.width if own else 0

    @property
    def buffer(self) -> str:
        """C expression of the memory for the items that it emits."""
        return f"{self.state}.{_BUFFER}"

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


def render(chain: Chain, name: str, scale: float, zero_point: int, dtype: str = "int8") -> dict[str, str]:
    """Returns the C of a chain by file name; see `Chain.render_c`."""
    problems = []
    if dtype not in _DTYPES:
        raise InputError(
            where="preprocessing", what="cannot quantise to this type", expected=" or ".join(_DTYPES),
            found=dtype,
        )  # fmt: skip
    q = Quantiser(dtype, scale, zero_point)
    if not _IDENTIFIER.fullmatch(name):
        problems.append(
            Problem("name", "is no C identifier", "a letter, then letters, digits and _", repr(name))
        )
    if not (math.isfinite(scale) and np.float32(scale) > 0):
        problems.append(Problem("scale", "is no quantisation step", "above 0", repr(scale)))
    if dtype != "float32" and not q.least <= zero_point <= q.most:
        problems.append(
            Problem("zero_point", f"does not fit {dtype}", f"{q.least} to {q.most}", repr(zero_point))
        )
    if problems:
        raise InputError(problems)
    environment = _environment()
    views = _views(chain, dtype)
    context = {
        "name": name,
        "upper": name.upper(),
        "chain": chain,
        "raw": chain.int16,
        "sample": "int16_t" if chain.int16 else "float",
        "full_scale": 1 - INT16_UNIT,
        "state_bytes": state_bytes(chain, dtype),
        "steps": [(view, _Macros(environment, view.design)) for view in views],
        "held": views[chain.held],
        "last": views[-1],
        "q": q,
        "limit": float(LIMIT),
        "limit_bits": int(LIMIT.view(np.uint32)),
    }
    return {
        f"{name}_preproc{suffix}": environment.get_template(f"preproc{suffix}.j2").render(context)
        for suffix in (".h", ".c")
    }


def state_bytes(chain: Chain, dtype: str) -> int:
    """Returns the size of the C state in front of a model whose input has this type."""
    return (0 if chain.int16 else _OWN_STATE) + sum(view.nbytes for view in _views(chain, dtype))


def table_bytes(chain: Chain) -> int:
    """Returns the size of the C constants."""
    return sum(view.table_bytes for view in _views(chain, "int8"))


def c_float(value: float) -> str:
    """Returns the shortest C literal that a compiler reads back as this float32."""
    text = str(np.float32(value))
    return (text if any(c in text for c in ".en") else text + ".0") + "f"


def _views(chain: Chain, dtype: str) -> list[StepView]:
    ids = [f"s{i}_{stem_of(Path(step.key).stem)}" for i, step in enumerate(chain.steps)]
    views = []
    burst = 1
    for i, step in enumerate(chain.steps):
        fields = tuple(step.step.fields(step, burst))
        if room := _room(chain.steps, i):
            fields = (Field(_BUFFER, "float", (room,), "the item that is worked on"), *fields)
        last = i == chain.held == len(chain.steps) - 1
        views.append(
            StepView(
                design=step,
                id=ids[i],
                fields=fields,
                n=step.step.numbers(step),
                held=i == chain.held,
                held_type=Quantiser(dtype, 1.0, 0).ctype if last and _holds(fields) else "float",
                int16=chain.int16,
                raw=i == 0 and chain.int16 and step.step.raw,
                before=ids[i - 1] if i > 0 else "",
                behind=ids[i + 1] if i + 1 < len(ids) else "",
            )
        )
        burst *= max(1, math.ceil(step.output.rate_hz / step.input.rate_hz - 1e-9))
    return views


def _holds(fields: Sequence[Field]) -> bool:
    return any(field.ctype == "held" for field in fields)


def _room(steps: Sequence[DesignedStep], i: int) -> int:
    """Returns how many values the buffer of step `i` has: those of all items that pass through; 0: none."""
    step = steps[i]
    if step.step.memory == "own" or step.input.shape == step.output.shape == ():
        return 0
    if step.step.memory == "in-place" and i > 0 and steps[i - 1].step.memory != "own":
        return 0  # it came in one
    room = step.output.width if step.step.memory == "buffer" else max(step.input.width, step.output.width)
    for behind in steps[i + 1 :]:
        if behind.step.memory != "in-place":
            break
        room = max(room, behind.output.width)
    return room


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(paths.share("templates") / "preproc"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["f32"] = c_float
    environment.filters["u"] = lambda value: f"{int(value)}U"
    return environment


class _Macros:
    """The macros of a step's template, which lies beside its .py file or with edgekit's own."""

    def __init__(self, environment: Environment, step: DesignedStep) -> None:
        from jinja2 import TemplateError

        source = Path(inspect.getfile(type(step.step)))
        beside = source.with_suffix(".c.j2")
        carried = paths.share("templates") / "preproc" / "steps" / beside.name
        self._path = beside if beside.is_file() else carried
        if not self._path.is_file():
            raise InputError(
                where=str(source),
                what="has no C template",
                expected=str(beside),
                hint="see docs/adding-a-step.md",
            )
        try:
            self._module = environment.from_string(self._path.read_text(encoding="utf-8")).module
        except (TemplateError, UnicodeDecodeError) as error:
            raise self._broken(error) from error
        needed = _MACROS[step.step.kind]
        if missing := [macro for macro in needed if not hasattr(self._module, macro)]:
            raise InputError(
                where=str(self._path),
                what=f"lacks a macro for a {step.step.kind} step",
                expected=", ".join(missing),
            )

    def has(self, macro: str) -> bool:
        """Returns whether the template has an optional macro."""
        return hasattr(self._module, macro)

    def __getitem__(self, macro: str) -> Callable[[StepView], str]:
        from jinja2 import TemplateError

        def body(view: StepView) -> str:
            try:
                return str(getattr(self._module, macro)(view)) if self.has(macro) else ""
            except (TemplateError, TypeError, ValueError, AttributeError) as error:
                raise self._broken(error) from error

        return body

    def _broken(self, error: Exception) -> InputError:
        return InputError(where=str(self._path), what=f"{type(error).__name__}: {error}")


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
