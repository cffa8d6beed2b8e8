"""The contract of a preprocessing step: designed once, run in NumPy here and in C on the board."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from edgekit.errors import Problem
from edgekit.registry import Registry

Kind = Literal["stream", "collect", "frame"]
Axis = Literal["", "time", "spectrum", "frequency", "mel"]
Memory = Literal["own", "buffer", "in-place"]
SIZES: Mapping[str, int] = {
    **dict.fromkeys(("float", "uint32_t", "int32_t"), 4),
    **dict.fromkeys(("uint16_t", "int16_t"), 2),
    **dict.fromkeys(("uint8_t", "int8_t"), 1),
}
CType = Literal["float", "uint32_t", "int32_t", "uint16_t", "int16_t", "uint8_t", "int8_t"]
INT16_UNIT = 1 / 32768  # of an int16 sample: full scale is -1 to 1 - 1/32768
LIMIT = np.float32(1e15)  # of a sample; beyond it a square summed over a frame could overflow float32


@dataclass(frozen=True, slots=True)
class Signal:
    """What flows between two steps: items of one shape at a rate.

    A sample of a single lead is an item of shape (); a frame of 800 such samples is an item of shape
    (800,) at rate / hop; a row of 64 mel energies has shape (64,).

    Args:
        rate_hz: Items per second.
        shape: Shape of one item.
        axis: What lies along the last axis of an item: "time" (samples of a window), "spectrum" (DC,
            Nyquist, then real and imaginary part of each bin between), "frequency" (one value for each
            bin from DC to Nyquist), "mel" (bands), or "" (nothing that a step needs to know).
        axis_hz: Of "time": samples per second; of "spectrum" and "frequency": Hz from bin to bin.
    """

    rate_hz: float
    shape: tuple[int, ...] = ()
    axis: Axis = ""
    axis_hz: float = 0.0

    @property
    def width(self) -> int:
        """Number of values of one item."""
        return math.prod(self.shape)


class StepParams(BaseModel):
    """Parameters of a step; unknown keys, NaN and infinities are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Field:
    """One member of a step's state in C.

    Args:
        name: Member name.
        ctype: A C type; "input" is the type of the items that come in, "held" that of held values.
            Small types stand behind those of 4 bytes, at most one member of them in a step.
        dims: Extents of an array; () for a single value.
        comment: What it holds, for readers of the header.
    """

    name: str
    ctype: CType | Literal["input", "held"]
    dims: tuple[int, ...] = ()
    comment: str = ""

    @property
    def nbytes(self) -> int:
        """Size in bytes, up to the next multiple of 4, as the members behind it lie."""
        return -(-math.prod(self.dims) * SIZES[self.ctype] // 4) * 4


@dataclass(frozen=True, slots=True)
class DesignedStep:
    """A step with its parameters, its place in the chain and its constants.

    Args:
        key: Registry key, as the recipe names it.
        step: The plug-in.
        params: Checked parameters.
        input: Signal in.
        output: Signal out.
        constants: Tables by name, float32 or int32; NumPy and C use the same values.
    """

    key: str
    step: Step
    params: Any
    input: Signal
    output: Signal
    constants: Mapping[str, NDArray[Any]]

    @property
    def description(self) -> str:
        """One line that says what the step does, with its parameters."""
        return self.step.describe(self.params, self.input)


class Step(ABC):
    """One signal step.

    `kind` says where it may stand. Up to the last "collect" step items are pushed through one by one;
    "stream" steps take an item and give any number of items. The last "collect" step holds its frame
    until the caller takes it; behind it "frame" steps map the values of the held frame one by one after
    having looked at all of them, so no copy of the frame is needed.

    Class attributes:
        summary: What it does, in one line.
        kind: "stream", "collect" or "frame".
        memory: Where the C keeps the values of an item that it emits: in its "own" state, which the
            step behind only reads; in a "buffer" that edgekit gives it; or "in-place", where the item
            came in. In-place steps behind a buffer share it, so that no item is copied.
        raw: Whether its C takes int16 samples as they are, where they come so and it stands first.
        full_scale: Name of the table that each item is multiplied by; where items come as int16, the C has
            it times 1/32768, which is exact.
        Params: Its parameters.
    """

    summary: ClassVar[str]
    kind: ClassVar[Kind] = "stream"
    memory: ClassVar[Memory] = "own"
    raw: ClassVar[bool] = False
    full_scale: ClassVar[str] = ""
    Params: ClassVar[type[StepParams]] = StepParams

    def check(self, params: Any, signal: Signal) -> Iterator[Problem]:
        """Yields what is wrong with `params` for this `signal`; `where` is a parameter's name or ""."""
        yield from ()

    @abstractmethod
    def describe(self, params: Any, signal: Signal) -> str:
        """Returns one line for reports and for the comment above the C function."""

    def output(self, params: Any, signal: Signal) -> Signal:
        """Returns the signal that leaves the step; the same as enters it unless overridden."""
        return signal

    def shapes(self, params: Any, signal: Signal) -> Mapping[str, tuple[int, ...]]:
        """Returns the shape of each constant, so that a stored design can be checked."""
        return {}

    def design(self, params: Any, signal: Signal) -> Mapping[str, NDArray[Any]]:
        """Returns the constants by name, float32 or int32.

        Raises:
            InputError: float32 cannot hold this design.
        """
        return {}

    @abstractmethod
    def run(self, step: DesignedStep, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Runs over whole records: the operations of the C, in the same order, in float32.

        Args:
            step: The design.
            x: float32 [items in, batch, *input.shape]; finite.

        Returns:
            float32 [items out, batch, *output.shape]
        """

    @abstractmethod
    def run_float64(self, step: DesignedStep, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Runs the ideal step, designed anew in float64: the check of the design.

        Args:
            step: The design, of which parameters and signals are used, not the constants.
            x: float64 [items in, *input.shape]

        Returns:
            float64 [items out, *output.shape]
        """

    def fields(self, step: DesignedStep, burst: int) -> Sequence[Field]:
        """Returns the members of its state in C.

        Args:
            step: The design.
            burst: Most items that can arrive for one sample pushed into the chain.
        """
        return ()

    def ctypes(self, step: DesignedStep) -> Mapping[str, CType]:
        """Returns the C types of those int32 constants that fit a smaller one, by name."""
        return {}

    def numbers(self, step: DesignedStep) -> Mapping[str, int | float]:
        """Returns the numbers that its C template prints, by name; floats are printed as float32."""
        return {}


def single_values(signal: Signal) -> Iterator[Problem]:
    """Yields a problem unless the items of `signal` are single values."""
    if signal.shape != ():
        yield Problem(
            "",
            "takes a stream of single values",
            found=f"items of shape {list(signal.shape)}",
            hint="put it before 'window' and 'frame'",
        )


def rows_of(signal: Signal, *axes: Axis) -> Iterator[Problem]:
    """Yields a problem unless the items of `signal` are rows, along one of `axes` where these are given."""
    if len(signal.shape) != 1 or (axes and signal.axis not in axes):
        behind = {
            "time": "'window'",
            "spectrum": "'rfft'",
            "frequency": "'magnitude' or 'power'",
            "mel": "'mel'",
        }
        yield Problem(
            "",
            f"takes rows of {' or '.join(axes)}" if axes else "takes rows",
            found=f"items of shape {list(signal.shape)}" + (f" of {signal.axis}" if signal.axis else ""),
            hint="put it behind " + (" or ".join(behind[a] for a in axes if a) or "'window'"),
        )


REGISTRY: Registry[Step] = Registry(
    kind="preproc",
    attribute="STEP",
    type=Step,  # type: ignore[type-abstract]
    framework=frozenset(
        {
            "base",
            "biquad",
            "chain",
            "check",
            "elementary",
            "fixed_fourier",
            "fourier",
            "microfrontend_tables",
            "render",
            "view",
        }
    ),
)
