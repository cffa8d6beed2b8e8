"""What can be wrong with a description of a chain, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from edgekit import validation
from edgekit.errors import EdgekitError, InputError, Problem
from edgekit.preproc.base import REGISTRY, Step


def parse(i: int, tree: dict[str, Any], problems: list[Problem]) -> tuple[str, Step, Any] | None:
    """Returns (key, step, checked parameters) of entry `i`, or None with the faults added to `problems`."""
    key = tree.pop("step", None)
    if not isinstance(key, str):
        problems.append(Problem(f"preproc.steps[{i}]", "does not name its step", "step: <name>", repr(key)))
        return None
    try:
        step = REGISTRY.get(key)
    except EdgekitError as error:
        problems += [at(i, "", fault) for fault in error.problems]
        return None
    try:
        return key, step, validation.parse(step.Params, tree, f"preproc.steps[{i}] {key}")
    except InputError as error:
        problems += error.problems
        return None


def order(parsed: Sequence[tuple[str, Step, Any] | None]) -> Iterator[Problem]:
    """Yields what is wrong with the order of the steps; None stands for one that is not known."""
    kinds = ["" if item is None else item[1].kind for item in parsed]
    if "collect" not in kinds:
        if "" not in kinds:
            yield Problem("preproc.steps", "no step collects frames", "a 'frame' step", hint="add 'frame'")
        return
    last = max(i for i, kind in enumerate(kinds) if kind == "collect")
    for i, item in enumerate(parsed):
        if item is None:
            continue
        if i < last and item[1].kind == "frame":
            yield at(i, item[0], Problem("", "works on whole frames", hint="put it behind the last 'frame'"))
        if i > last and item[1].kind == "stream":
            yield at(i, item[0], Problem("", "works on the stream", hint="put it before the last 'frame'"))


def at(i: int, key: str, fault: Problem) -> Problem:
    """Returns `fault` with its place in the chain in front."""
    where = f"preproc.steps[{i}]" + (f" {key}" if key else "") + (f": {fault.where}" if fault.where else "")
    return Problem(where, fault.what, fault.expected, fault.found, fault.hint)


def misshapen(
    constants: Mapping[str, NDArray[Any]], shapes: Mapping[str, tuple[int, ...]]
) -> Iterator[Problem]:
    """Yields a fault where constants are not those that the parameters ask for."""
    found = {name: values.shape for name, values in constants.items()}
    if found != dict(shapes):
        yield Problem("", "its constants do not fit its parameters", str(dict(shapes)), str(found))
