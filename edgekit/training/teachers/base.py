"""The contract of a teacher: a function from waveforms to what a student shall learn to give for them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from edgekit import validation
from edgekit.errors import CheckFailed, InputError
from edgekit.registry import Registry


class TeacherOptions(BaseModel):
    """Options of a teacher; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A teacher that is ready.

    Args:
        name: Registry key.
        digest: Of all that its numbers depend on: weights, front end, options.
        rate_hz: Of the waveforms that it takes.
        size: Values of a target.
        function: Waveforms, each float32 [samples] at full scale 1 -> float32 [n, size]; each by itself.
        least_samples: Shorter waveforms are padded with silence by `__call__`.
        macs_per_second: Multiply-accumulates for a second of sound; 0 = not known.
        nonnegative: Whether targets are never below 0.
        unit_norm: Whether targets have a Euclidean norm of 1.
    """

    name: str
    digest: str
    rate_hz: float
    size: int
    function: Callable[[Sequence[NDArray[np.float32]]], NDArray[np.float32]]
    least_samples: int = 1
    macs_per_second: int = 0
    nonnegative: bool = False
    unit_norm: bool = False

    def __call__(self, waves: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Returns targets, checked.

        Args:
            waves: Each float32 [samples], full scale 1, at `rate_hz`; of any lengths.

        Returns:
            float32 [n, size].

        Raises:
            InputError: A waveform is empty or not finite.
            CheckFailed: The teacher gave NaN or another shape.
        """
        for wave in waves:
            if wave.ndim != 1 or not wave.size or not np.isfinite(wave).all():
                raise InputError(
                    where=f"teacher '{self.name}'", what="cannot listen to this",
                    expected="finite samples, float32 [samples]",
                    found=f"{wave.shape}" + ("" if np.isfinite(wave).all() else ", with NaN or infinity"),
                )  # fmt: skip
        sounds = [
            np.pad(wave, (0, max(0, self.least_samples - len(wave)))).astype(np.float32) for wave in waves
        ]
        made = np.asarray(self.function(sounds), np.float32)
        if made.shape != (len(waves), self.size) or not np.isfinite(made).all():
            raise CheckFailed(
                where=f"teacher '{self.name}'", what="gave no usable targets",
                expected=f"finite values, {(len(waves), self.size)}", found=f"{made.shape}, "
                f"{int(np.count_nonzero(~np.isfinite(made)))} of them not finite",
            )  # fmt: skip
        return made


class Teacher(ABC):
    """One teacher; its module defines an instance named TEACHER.

    Class attributes:
        title: Name as the field knows it.
        licence: Of its weights, or "".
        source: Where it comes from.
        Options: Its options, each with a default where there is a sensible one.
    """

    title: ClassVar[str]
    licence: ClassVar[str] = ""
    source: ClassVar[str] = ""
    Options: ClassVar[type[TeacherOptions]] = TeacherOptions

    @abstractmethod
    def load(self, options: Any) -> Loaded:
        """Returns the teacher, ready; fetches what it needs.

        Args:
            options: An instance of `Options`.

        Raises:
            InputError: A file is not what it should be.
            EnvironmentFailed: It cannot be fetched, or a package is not installed; names the line that helps.
        """


REGISTRY: Registry[Teacher] = Registry(
    kind="training.teachers",
    attribute="TEACHER",
    type=Teacher,  # type: ignore[type-abstract]
    framework=frozenset({"base", "torch_file"}),
)


def load(name: str, options: Mapping[str, Any]) -> Loaded:
    """Returns the teacher that a recipe names, ready.

    Args:
        name: Registry key, e.g. "resemblyzer", or the path of a file that defines TEACHER.
        options: Its options.

    Raises:
        InputError: Unknown teacher, unknown or wrong options.
        EnvironmentFailed: It cannot be fetched, or a package is not installed.
    """
    teacher = REGISTRY.get(name)
    return teacher.load(validation.parse(teacher.Options, options, where=f"teacher '{name}'"))
