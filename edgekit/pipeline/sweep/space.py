"""The space of a sweep: which keys of a recipe take which values, checked before anything runs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, model_validator

import edgekit
from edgekit import paths, validation
from edgekit.errors import EdgekitError, InputError, Problem, did_you_mean
from edgekit.models import base as models
from edgekit.recipes.base import Recipe, Section, resolve
from edgekit.registry import key_of

MAX_POINTS = 10_000
_MAX_BYTES = 1 << 20
Options = dict[str, Any]  # values by the label that tables and pictures show


class Range(Section):
    """Numbers from `low` to `high`, for a search; with `step` also for a grid."""

    low: float = Field(allow_inf_nan=False)
    high: float = Field(allow_inf_nan=False)
    step: float = Field(0.0, ge=0, allow_inf_nan=False, description="distance of neighbours; 0 = any number")
    log: bool = Field(False, description="spread evenly by ratio, not by difference")

    @model_validator(mode="after")
    def _consistent(self) -> Range:
        if self.low >= self.high:
            raise ValueError(f"low: {self.low:g} is not below high, {self.high:g}")
        if self.log and (self.step or self.low <= 0):
            raise ValueError("log: needs numbers above 0 and no step")
        if self.step and self.count > MAX_POINTS:
            raise ValueError(f"step: gives more than {MAX_POINTS} numbers")
        return self

    @property
    def whole(self) -> bool:
        """Whether it holds whole numbers only."""
        return self.step > 0 and all(float(v).is_integer() for v in (self.low, self.high, self.step))

    @property
    def count(self) -> int:
        """Numbers in a stepped range."""
        return math.floor((self.high - self.low) / self.step + 1e-9) + 1

    def number(self, value: float) -> int | float:
        """Returns `value` as the recipe gets it."""
        return round(value) if self.whole else float(f"{value:.9g}")


class Limits(Section):
    """What a candidate may cost on the target; 0 = no limit."""

    ram_bytes: int = Field(0, ge=0)
    flash_bytes: int = Field(0, ge=0)
    instructions: int = Field(0, ge=0, description="of one inference")


class Space(Section):
    """Which points a sweep visits."""

    title: str = ""
    recipe: str = Field("", description="the recipe that it is for; '' = any that has the keys")
    choices: dict[str, list[Any] | Options] = Field(
        {}, description="values by key of the recipe: a list, or {label: value}"
    )
    ranges: dict[str, Range] = Field({}, description="ranges by key of the recipe")
    steps: dict[str, list[dict[str, Any] | None]] = Field(
        {}, description="compression steps in order, each with its choices of parameters; null = without it"
    )
    budget: Limits = Limits()

    @model_validator(mode="after")
    def _consistent(self) -> Space:
        faults = [
            f"{section}.{key}: needs at least one value"
            for section in ("choices", "steps")
            for key, values in getattr(self, section).items()
            if not len(values)
        ]
        twice = set(self.choices) & set(self.ranges)
        faults += [f"ranges.{key}: is also among the choices" for key in sorted(twice)]
        if "compress" in self.choices and self.steps:
            faults.append("steps: exclude choices of 'compress', which is the whole plan")
        if not (self.choices or self.ranges or self.steps):
            faults.append("choices: there are none, and no ranges or steps")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def options(self) -> dict[str, Options]:
        """Values by label of every choice that is not a range; a step's name stands for its choice."""
        named = {key: _options(values) for key, values in self.choices.items()}
        steps = {
            key: {_step_label(params): params for params in values} for key, values in self.steps.items()
        }
        return {**named, **steps}

    @property
    def grid_size(self) -> int:
        """Points of the whole grid; 0 where a range without a step has no end of them."""
        if any(not r.step for r in self.ranges.values()):
            return 0
        sizes = [*(len(v) for v in self.options.values()), *(r.count for r in self.ranges.values())]
        return math.prod(sizes)


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a space.

    Args:
        labels: The option taken, by choice, as people read it.
        settings: The same as the recipe's settings, each "a.b=value".
    """

    labels: dict[str, str]
    settings: tuple[str, ...]


def known() -> list[str]:
    """Returns the names of the spaces that edgekit and the user's own ./edgekit/spaces hold."""
    return sorted({key_of(path.stem) for folder in _folders() for path in folder.glob("*.yaml")})


def load(given: str) -> tuple[Space, str]:
    """Returns a space and its name.

    Args:
        given: A name as `known()` lists it, or a path to a .yaml file.

    Raises:
        InputError: There is none, or it holds unknown keys (with "did you mean") or wrong values.
    """
    path = Path(given)
    if not given.endswith((".yaml", ".yml")):
        found = [f / f"{given.replace('-', '_')}.yaml" for f in _folders()]
        path = next((candidate for candidate in found if candidate.is_file()), path)
        if not path.is_file():
            raise InputError(
                where=f"--space {given}", what="no such space", hint=did_you_mean(given, known())
            )
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InputError(where=given, what=f"is larger than {_MAX_BYTES} bytes")
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(where=given, what=f"cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(where=given, what=f"is not YAML: {error}") from error
    return parse(tree, given), key_of(path.stem)


def parse(tree: Any, where: str) -> Space:
    """Returns the space in `tree`; see `load`."""
    if not isinstance(tree, dict):
        raise InputError(where=where, what="holds no space", expected="choices, ranges or steps")
    return validation.parse(Space, tree, where)


def check(space: Space, recipe: Recipe, where: str) -> None:
    """Checks every key and every value of a space against the recipe that it varies.

    Args:
        space: The space.
        recipe: Resolved, without the space's settings.
        where: Name of the space, for messages.

    Raises:
        InputError: Unknown keys (with "did you mean") and values that the recipe refuses; all at once.
    """
    problems = [*_unknown(space, recipe, where)]
    if problems:
        raise InputError(problems)
    found: dict[str, Problem] = {}
    for point, place in _one_by_one(space):
        try:
            checked(recipe, point)
        except EdgekitError as error:
            for p in error.problems:  # what is wrong with the first point is wrong beside every other option
                named = Problem(f"{where}: {place}", f"{p.where}: {p.what}", p.expected, p.found, p.hint)
                found.setdefault(str(p), named)
    if found:
        raise InputError(found.values())


def checked(recipe: Recipe, point: Point) -> Recipe:
    """Returns the recipe at a point, its architecture's parameters and its plan checked as well."""
    from edgekit.training.steps import base as steps

    made = resolve(recipe, settings=point.settings)
    models.REGISTRY.get(made.model.name).parse(made.model.params)
    steps.plan(made.compress, made)
    return made


def grid(space: Space) -> Iterator[Point]:
    """Yields every point of a space, the last choice changing fastest.

    Raises:
        InputError: A range has no step, or there are too many points.
    """
    problems = [
        Problem(f"ranges.{key}", "has no end of values", hint="give it a step, or --search optuna")
        for key, values in space.ranges.items()
        if not values.step
    ]
    if problems:
        raise InputError(problems)
    if space.grid_size > MAX_POINTS:
        raise InputError(
            where="--search grid", what="has too many points", expected=f"at most {MAX_POINTS:,}",
            found=f"{space.grid_size:,}", hint="--search optuna --trials N",
        )  # fmt: skip
    options = space.options
    numbers = {k: [r.number(r.low + i * r.step) for i in range(r.count)] for k, r in space.ranges.items()}
    names = [*options, *numbers]
    for taken in itertools.product(*options.values(), *numbers.values()):
        yield at(space, dict(zip(names, taken, strict=True)))


def at(space: Space, taken: Mapping[str, Any]) -> Point:
    """Returns a point.

    Args:
        space: The space.
        taken: The label of the option by choice, the number by range; those left out stay the recipe's.
    """
    options = space.options
    labels: dict[str, str] = {}
    settings: list[str] = []
    plan: list[dict[str, Any]] = []
    for key, value in taken.items():
        labels[key] = value if key in options else f"{value:g}"
        if key not in space.steps:
            settings.append(f"{key}={_yaml(options[key][value] if key in options else value)}")
    for key in space.steps:  # in the plan's order, whatever that of `taken`
        if key in taken and options[key][taken[key]] is not None:
            plan.append({"step": key, **options[key][taken[key]]})
    if space.steps and any(key in taken for key in space.steps):
        settings.append(f"compress={_yaml(plan)}")
    return Point(labels, tuple(settings))


def _one_by_one(space: Space) -> Iterator[tuple[Point, str]]:
    """Yields a point for every option of every choice, the other choices at their first."""
    first: dict[str, Any] = {key: next(iter(options)) for key, options in space.options.items()}
    first |= {key: values.number(values.low) for key, values in space.ranges.items()}
    for key, options in space.options.items():
        section = "steps" if key in space.steps else "choices"
        for label in options:
            yield at(space, {**first, key: label}), f"{section}.{key}: {label}"
    for key, values in space.ranges.items():
        for end in ("low", "high"):
            yield at(space, {**first, key: values.number(getattr(values, end))}), f"ranges.{key}.{end}"


def _unknown(space: Space, recipe: Recipe, where: str) -> Iterator[Problem]:
    from edgekit.training.steps import base as steps

    if space.recipe and space.recipe != recipe.name:
        yield Problem(
            f"{where}: recipe", "is another one", found=recipe.name, expected=space.recipe,
            hint="another --space, or remove the key from the file",
        )  # fmt: skip
    tree = recipe.model_dump(exclude={"presets"})
    names = space.options.get("model.name", {}).values() or [recipe.model.name]
    params = {field for name in names for field in models.REGISTRY.get(str(name)).Params.model_fields}
    for section in ("choices", "ranges"):
        for key in getattr(space, section):
            yield from _unknown_key(key, tree, params, f"{where}: {section}.{key}")
    for key in space.steps:
        if key not in steps.REGISTRY.keys():
            hint = did_you_mean(key, steps.REGISTRY.keys())
            yield Problem(f"{where}: steps.{key}", "unknown step", hint=hint)


def _unknown_key(key: str, tree: Mapping[str, Any], params: set[str], place: str) -> Iterator[Problem]:
    parts = key.split(".")
    if parts[:2] == ["model", "params"] and len(parts) > 2:
        if parts[2] not in params:
            yield Problem(place, "unknown key", hint=did_you_mean(parts[2], params))
        return
    here: Any = tree
    for part in parts:
        if not isinstance(here, Mapping):
            yield Problem(place, f"'{part}' lies within a value")
            return
        if part not in here:
            # what may hold any key, as options of a data set do, is judged with its values
            free = parts[0] in ("data", "training") and part == parts[-1] and len(parts) > 2
            if not free:
                yield Problem(place, "unknown key", hint=did_you_mean(part, here))
            return
        here = here[part]


def _options(values: Sequence[Any] | Options) -> Options:
    return dict(values) if isinstance(values, dict) else {_label(value): value for value in values}


def _label(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None or value == [] or value == {}:
        return "none"
    return value if isinstance(value, str) else _yaml(value)


def _step_label(params: dict[str, Any] | None) -> str:
    if params is None:
        return "off"
    return ", ".join(f"{key} {_label(value)}" for key, value in params.items()) or "on"


def _yaml(value: Any) -> str:
    return yaml.safe_dump([value], default_flow_style=True, width=1 << 20, sort_keys=False)[1:-2]


def _folders() -> list[Path]:
    return [paths.user("spaces"), Path(str(edgekit.__file__)).parent / "spaces"]
