"""Renders a chain to C: every number is computed here, the templates only lay it out."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from edgekit import paths
from edgekit.errors import InputError, Problem
from edgekit.preproc.base import INT16_UNIT, LIMIT, DesignedStep, Field, Kind
from edgekit.preproc.view import BUFFER, Quantiser, StepView, c_float
from edgekit.registry import stem_of

if TYPE_CHECKING:
    from jinja2 import Environment

    from edgekit.preproc.chain import Chain

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_OWN_STATE = 8  # last finite sample and the count of non-finite ones
_DTYPES = ("int8", "int16", "float32")
_MACROS: Mapping[Kind, Sequence[str]] = {
    "stream": ("process",),
    "collect": ("process", "ready", "value", "advance"),
    "frame": ("measure", "value"),
}


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


def _views(chain: Chain, dtype: str) -> list[StepView]:
    ids = [f"s{i}_{stem_of(Path(step.key).stem)}" for i, step in enumerate(chain.steps)]
    views = []
    burst = 1
    for i, step in enumerate(chain.steps):
        fields = tuple(step.step.fields(step, burst))
        if room := _room(chain.steps, i):
            fields = (Field(BUFFER, "float", (room,), "the item that is worked on"), *fields)
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
