"""The contract of a compression step, and a recipe's plan of them.

A step is checked before training begins, so its module imports TensorFlow inside `apply` alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict

from edgekit import validation
from edgekit.errors import EdgekitError, InputError, Problem, did_you_mean
from edgekit.recipes.base import Recipe
from edgekit.registry import Registry
from edgekit.training.examples import Examples
from edgekit.training.objective import Objective
from edgekit.training.tasks.base import Task

if TYPE_CHECKING:
    import keras

    from edgekit.training.fit import Fitted


class StepParams(BaseModel):
    """Parameters of a step; unknown keys, NaN and infinities are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False)


class FineTune(Protocol):
    """Trains a model further, in the derived run's folder: a killed run goes on where it was."""

    def __call__(
        self,
        model: keras.Model,
        epochs: int,
        learning_rate: float,
        *,
        objective: Objective | None = None,
        before_epoch: Callable[[int], None] | None = None,
        **settings: Any,
    ) -> Fitted:
        """Fits `model` in place and leaves it with the weights of its best epoch.

        Args:
            model: What to train; it may have more outputs than the deployed one where `objective` says
                what to do with them.
            epochs: At most so many.
            learning_rate: At the peak of the schedule.
            objective: In place of the task's.
            before_epoch: Called with each epoch's number, from 1; what it does to the model must depend
                on that number alone.
            **settings: Other keys of the recipe's training section, for this fit.
        """


@dataclass(frozen=True, slots=True)
class Context:
    """What a step may use besides the model.

    Args:
        recipe: Of the run, resolved.
        task: The recipe's.
        examples: Gives a split by name ("train", "validation", "calibration", "test"); read when asked for.
        fine_tune: Trains further, resumably.
        seed: Of everything random in the step.
        folder: The derived run's folder, for what the step keeps, as a cache does.
        origin: The .keras file of the network before any compression.
    """

    recipe: Recipe
    task: Task
    examples: Callable[[str], Examples]
    fine_tune: FineTune
    seed: int
    folder: Path
    origin: Path = Path()


@dataclass(frozen=True, slots=True)
class Applied:
    """What a step made.

    Args:
        model: The new model; it saves to .keras and loads.
        report: JSON values for compress.json and the report. "before" and "after" hold numbers by name and
            become a table, as does a list of flat mappings; other values are shown as facts.
    """

    model: keras.Model
    report: Mapping[str, Any] = field(default_factory=dict)


class Step(ABC):
    """One compression step.

    Class attributes:
        summary: What it does, in one line.
        Params: Its parameters, each with a default where there is a sensible one.
        quantization_aware: Whether the model that it makes computes what INT8 will, so that the float model
            to compare with is the one before.
    """

    summary: ClassVar[str]
    quantization_aware: ClassVar[bool] = False
    Params: ClassVar[type[StepParams]] = StepParams

    def check(self, params: Any, recipe: Recipe) -> Iterator[Problem]:
        """Yields what is wrong with `params` for this recipe; `where` is a parameter's name or ""."""
        yield from ()

    @abstractmethod
    def apply(self, model: keras.Model, params: Any, context: Context) -> Applied:
        """Returns the compressed model.

        Args:
            model: Trained; the step may change it, as the parent run keeps its own on disk.
            params: An instance of `Params`.
            context: Data, recipe, further training.
        """


REGISTRY: Registry[Step] = Registry(
    kind="steps",
    attribute="STEP",
    type=Step,  # type: ignore[type-abstract]
    package="edgekit.training.steps",
)


@dataclass(frozen=True, slots=True)
class Planned:
    """One step of a plan, checked.

    Args:
        key: Registry key.
        step: The plug-in.
        params: Its parameters, with their defaults.
    """

    key: str
    step: Step
    params: StepParams

    @property
    def entry(self) -> dict[str, Any]:
        """The step as a recipe holds it, with every parameter."""
        return {"step": self.key, **self.params.model_dump(mode="json")}


def plan(entries: Sequence[Mapping[str, Any]], recipe: Recipe, where: str = "compress") -> list[Planned]:
    """Returns the steps of a plan, in order.

    Args:
        entries: Each {step: name, ...its parameters}, as in a recipe's `compress`.
        recipe: That they are for.
        where: Name of the source for messages.

    Raises:
        InputError: Unknown steps or keys (with "did you mean") or wrong values, all at once.
    """
    planned: list[Planned] = []
    problems: list[Problem] = []
    for index, entry in enumerate(entries):
        place = f"{where}.{index}"
        try:
            planned.append(_planned(entry, place))
        except EdgekitError as error:
            problems += error.problems
            continue
        made = planned[-1]
        problems += [
            Problem(f"{place}.{p.where}".rstrip("."), p.what, p.expected, p.found, p.hint)
            for p in made.step.check(made.params, recipe)
        ]
    if problems:
        raise InputError(problems)
    return planned


def _planned(entry: Mapping[str, Any], place: str) -> Planned:
    params = dict(entry)
    key = params.pop("step", None)
    if not isinstance(key, str):
        raise InputError(
            where=place, what="names no step", expected="{step: name, ...}", found=str(entry)[:80],
            hint="known: " + (", ".join(REGISTRY.keys()) or "none"),
        )  # fmt: skip
    if not key.endswith(".py") and key.replace("_", "-") not in REGISTRY.keys():
        raise InputError(
            where=f"{place}.step", what=f"unknown step '{key}'", hint=did_you_mean(key, REGISTRY.keys())
        )
    step = REGISTRY.get(key)
    return Planned(key, step, validation.parse(step.Params, params, where=f"{place} ({key})"))
