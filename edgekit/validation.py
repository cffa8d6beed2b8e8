"""Turns what pydantic finds into problems: the place, what is wrong, and the nearest known key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from edgekit.errors import InputError, Problem, did_you_mean

M = TypeVar("M", bound=BaseModel)


def parse(schema: type[M], tree: Mapping[str, Any], where: str, hint: str = "") -> M:
    """Returns `tree` as an instance of `schema`.

    Args:
        schema: A pydantic model; unknown keys are refused where it forbids them.
        tree: Nested keys and values.
        where: The source, for messages: a file, or the dotted key of a section.
        hint: Next step where no nearer one is known.

    Raises:
        InputError: Unknown keys (with "did you mean") or wrong values, all at once.
    """
    try:
        return schema.model_validate(tree)
    except ValidationError as error:
        raise InputError(_problems(error, schema, where, hint)) from error


def _problems(error: ValidationError, schema: type[BaseModel], where: str, hint: str) -> list[Problem]:
    found = []
    for fault in error.errors():
        path = fault["loc"]
        key = ".".join(map(str, path))
        place = f"{where}: {key}" if key else where
        if fault["type"] == "extra_forbidden":
            known = did_you_mean(str(path[-1]), _keys_beside(schema, path[:-1]))
            found.append(Problem(place, "unknown key", hint=known))
        elif fault["type"] == "value_error":
            found.append(Problem(place, fault["msg"].removeprefix("Value error, "), hint=hint))
        else:
            value = "" if fault["type"] == "missing" else repr(fault["input"])[:80]
            found.append(Problem(place, fault["msg"], found=value, hint=hint))
    return found


def _keys_beside(schema: type[BaseModel], path: Sequence[int | str]) -> list[str]:
    section = schema
    for part in path:
        if isinstance(part, int) or part not in section.model_fields:
            continue  # an item of a list, or the tag of a union
        annotation = section.model_fields[part].annotation
        inner = [annotation, *get_args(annotation)]
        models = [t for t in inner if isinstance(t, type) and issubclass(t, BaseModel)]
        if not models:
            return []
        section = models[0]
    return [field.alias or name for name, field in section.model_fields.items()]
