"""The chain of steps in front of a model: one description, run in NumPy and rendered to C."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edgekit.errors import InputError, Problem
from edgekit.preproc.base import INT16_UNIT, LIMIT, DesignedStep, Signal
from edgekit.preproc.check import at, misshapen, order, parse

SCHEMA = "edgekit.preproc/1"
_MAX_STEPS = 32
_BLOCK_VALUES = 1 << 23  # values of a batch that are worked on at a time


@dataclass(frozen=True, slots=True)
class Chain:
    """Designed steps in order.

    Args:
        input: The signal that the sensor gives.
        steps: The steps.
        int16: Whether its samples come as int16, full scale as -1 to 1; else as float32.
    """

    input: Signal
    steps: tuple[DesignedStep, ...]
    int16: bool = False

    @classmethod
    def design(cls, steps: Sequence[Mapping[str, Any]], rate_hz: float, samples: str = "float32") -> Chain:
        """Designs a chain.

        Args:
            steps: Each {"step": registry key, ...parameters}, as in a recipe.
            rate_hz: Sampling rate of the signal that comes in.
            samples: Type of its samples, "float32" or "int16".

        Raises:
            InputError: Unknown steps or keys, wrong values, an order without sense; all at once.
            EnvironmentFailed: The design of a filter needs a package that is not installed.
        """
        return cls._build([dict(step) for step in steps], rate_hz, samples, None)

    @classmethod
    def from_dict(cls, tree: Mapping[str, Any]) -> Chain:
        """Returns the chain that `to_dict` stored; designs nothing, so it needs no SciPy.

        Raises:
            InputError: It is damaged, or of another version.
        """
        try:
            if tree["schema"] != SCHEMA:
                raise InputError(
                    where="preproc.json", what="unknown version", expected=SCHEMA, found=str(tree["schema"])
                )
            steps = [{"step": item["step"], **item["params"]} for item in tree["steps"]]
            constants = [
                {str(name): _array(values) for name, values in item["constants"].items()}
                for item in tree["steps"]
            ]
            rate_hz, samples = tree["rate_hz"], tree.get("input", "float32")
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise InputError(
                where="preproc.json", what=f"is damaged: {type(error).__name__}: {error}", hint="train again"
            ) from error
        return cls._build(steps, rate_hz, samples, constants)

    def to_dict(self) -> dict[str, Any]:
        """Returns the chain with all its constants as JSON values; floats are kept exactly."""
        return {
            "schema": SCHEMA,
            "rate_hz": self.rate_hz,
            "input": self.samples,
            "steps": [
                {
                    "step": step.key,
                    "params": step.params.model_dump(),
                    "constants": {name: values.tolist() for name, values in step.constants.items()},
                }
                for step in self.steps
            ],
        }

    @property
    def rate_hz(self) -> float:
        """Sampling rate of the signal that comes in."""
        return self.input.rate_hz

    @property
    def samples(self) -> str:
        """Type of the samples that come in, "float32" or "int16"."""
        return "int16" if self.int16 else "float32"

    @property
    def output(self) -> Signal:
        """The frames that come out: their shape and rate."""
        return self.steps[-1].output

    @property
    def held(self) -> int:
        """Index of the step that holds the frame until it is taken."""
        return max(i for i, step in enumerate(self.steps) if step.step.kind == "collect")

    @property
    def frame_samples(self) -> int:
        """Items of a frame."""
        step = self.steps[self.held]
        return step.output.width // step.input.width

    @property
    def frame_rate_hz(self) -> float:
        """Sampling rate of the items of a frame."""
        return self.steps[self.held].input.rate_hz

    @property
    def hop_samples(self) -> int:
        """Items from one frame to the next, at the rate of the frame's items."""
        step = self.steps[self.held]
        return round(step.input.rate_hz / step.output.rate_hz)

    @property
    def description(self) -> list[str]:
        """One line per step."""
        return [step.description for step in self.steps]

    @property
    def table_bytes(self) -> int:
        """Size of the constants of the C: coefficients, sines, weights."""
        from edgekit.preproc.render import table_bytes

        return table_bytes(self)

    def state_bytes(self, dtype: str = "int8") -> int:
        """Returns the size of the C state, which the caller keeps.

        Args:
            dtype: Type of the model's input; a frame may be held in it.
        """
        from edgekit.preproc.render import state_bytes

        return state_bytes(self, dtype)

    def frames(self, signal: ArrayLike) -> tuple[NDArray[np.float32], int]:
        """Runs the chain over one record.

        Args:
            signal: float32 [n], or int16 [n] where the chain takes such samples.

        Returns:
            float32 [frames, *shape of a frame], and how many samples were not finite.
        """
        x = self._samples(signal, 1)
        if self.int16:
            return self.frames_batch(x[None])[0], 0
        return self.frames_batch(x[None])[0], int(np.count_nonzero(~np.isfinite(x)))

    def frames_batch(self, signals: ArrayLike) -> NDArray[np.float32]:
        """Runs the chain over many records at once; the same numbers as `frames`.

        Args:
            signals: float32 [records, n], or int16 where the chain takes such samples.

        Returns:
            float32 [records, frames, *shape of a frame]
        """
        x = self._samples(signals, 2)
        size = max(1, _BLOCK_VALUES // max(1, round(x.shape[1] * self._widest)))
        parts = [self._run(x[i : i + size]) for i in range(0, max(1, len(x)), size)]
        return np.concatenate(parts)

    def frames_float64(self, signal: ArrayLike) -> NDArray[np.float64]:
        """Runs the ideal chain, designed anew in float64 with SciPy: the check of the design.

        Args:
            signal: float32 [n]

        Returns:
            float64 [frames, *shape of a frame]
        """
        y = clean(self._samples(signal, 1)[:, None])[:, 0].astype(np.float64)
        for step in self.steps:
            y = step.step.run_float64(step, y)
        return y

    def render_c(self, name: str, scale: float, zero_point: int, dtype: str = "int8") -> dict[str, str]:
        """Returns `<name>_preproc.h` and `<name>_preproc.c` by file name.

        Args:
            name: C identifier of the model.
            scale: Scale of the model's input.
            zero_point: Its zero point.
            dtype: Its type, "int8" or "int16"; "float32" gives frames as they are before quantisation.

        Raises:
            InputError: The name is no C identifier, or the quantisation is none.
        """
        from edgekit.preproc.render import render

        return render(self, name, scale, zero_point, dtype)

    def on_grid(self, signal: ArrayLike) -> NDArray[np.float32]:
        """Returns what the sensor's converter makes of a signal: itself, or the nearest int16 samples.

        Args:
            signal: float32 [n] or [records, n]; or int16, where the chain takes such samples.

        Returns:
            float32, same shape; of int16 samples multiples of 1/32768 from -1 to 32767/32768.
        """
        if self.int16 and isinstance(signal, np.ndarray) and signal.dtype == np.int16:
            return signal.astype(np.float32) * np.float32(INT16_UNIT)
        with np.errstate(over="ignore"):  # what float32 cannot hold is not finite, and counted as such
            x = np.asarray(signal, np.float32)
        if not self.int16:
            return x
        finite = clean(np.atleast_2d(x).T).T.reshape(x.shape)
        steps = np.clip(np.rint(finite / np.float32(INT16_UNIT)), -32768, 32767)
        return np.asarray(steps * np.float32(INT16_UNIT), np.float32)

    @property
    def _widest(self) -> float:
        """Most values that a step gives for one sample."""
        return max(step.output.width * step.output.rate_hz for step in self.steps) / self.rate_hz

    def _samples(self, signal: ArrayLike, dims: int) -> NDArray[np.float32]:
        if np.ndim(signal) != dims:
            raise InputError(
                where="signal",
                what="wrong shape",
                expected=f"{dims} dimensions",
                found=f"shape {list(np.shape(signal))}",
            )
        return self.on_grid(signal)

    def _run(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        y = clean(np.ascontiguousarray(x.T))
        with np.errstate(under="ignore", over="ignore"):
            for step in self.steps:
                y = step.step.run(step, y)
                _check_run(step, y)
        return np.ascontiguousarray(np.swapaxes(y, 0, 1))

    @classmethod
    def _build(
        cls,
        steps: Sequence[dict[str, Any]],
        rate_hz: float,
        samples: Any,
        constants: Sequence[Mapping[str, NDArray[Any]]] | None,
    ) -> Chain:
        problems: list[Problem] = []
        if not isinstance(rate_hz, int | float) or not 0 < rate_hz <= 1e7:
            problems.append(
                Problem("preproc.rate_hz", "is no sampling rate", "above 0, at most 1e7", repr(rate_hz))
            )
            rate_hz = math.nan
        if samples not in ("float32", "int16"):
            problems.append(
                Problem("preproc.input", "is no type of samples", "float32 or int16", repr(samples))
            )
        if len(steps) > _MAX_STEPS:
            raise InputError(where="preproc.steps", what=f"{len(steps)} steps", expected=f"<= {_MAX_STEPS}")
        parsed = [parse(i, step, problems) for i, step in enumerate(steps)]
        problems += order(parsed)
        first = Signal(float(rate_hz))
        signal: Signal | None = None if math.isnan(rate_hz) else first
        designed: list[DesignedStep] = []
        for i, item in enumerate(parsed):
            if item is None or signal is None:
                signal = None  # what follows cannot be judged
                continue
            key, step, params = item
            faults = list(step.check(params, signal))
            output = step.output(params, signal)
            if not faults and not problems:
                try:
                    values = step.design(params, signal) if constants is None else constants[i]
                    faults = list(misshapen(values, step.shapes(params, signal)))
                    designed.append(DesignedStep(key, step, params, signal, output, values))
                except InputError as error:
                    faults = list(error.problems)
            problems += [at(i, key, fault) for fault in faults]
            signal = output
        if problems:
            raise InputError(problems)
        return cls(first, tuple(designed), samples == "int16")


def _check_run(step: DesignedStep, y: NDArray[np.float32]) -> None:
    if y.dtype != np.float32 or y.shape[2:] != step.output.shape:
        raise InputError(
            where=step.key,
            what="its run() and its output() disagree",
            expected=f"float32 items of shape {list(step.output.shape)}",
            found=f"{y.dtype} items of shape {list(y.shape[2:])}",
        )


def clean(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Replaces each non-finite sample by the last finite one (0 before the first); limits the rest.

    Args:
        x: float32 [n, batch]

    Returns:
        float32 [n, batch], finite, within +-1e15.
    """
    finite = np.isfinite(x)
    if finite.all():
        return np.clip(x, -LIMIT, LIMIT)
    last = np.maximum.accumulate(np.where(finite, np.arange(len(x))[:, None], -1), axis=0)
    filled = np.take_along_axis(x, np.maximum(last, 0), axis=0)
    return np.clip(np.where(last < 0, np.float32(0), filled), -LIMIT, LIMIT)


def _array(values: Any) -> NDArray[Any]:
    found = np.asarray(values)
    if found.dtype.kind not in "if" or not np.isfinite(found).all():
        raise ValueError("a constant is no array of finite numbers")
    return found.astype(np.int32 if found.dtype.kind == "i" else np.float32)
