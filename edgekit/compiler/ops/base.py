"""The contract of an operator: how it is read, checked and lowered to one kernel call."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView
from edgekit.errors import Problem
from edgekit.registry import Registry

if TYPE_CHECKING:
    from edgekit.compiler.ops.common.geometry import Window

OptionType = Literal["bool", "int8", "int32", "float32", "int32[]", "string"]


Goal = Literal["balanced", "speed", "ram"]
GOALS: tuple[Goal, ...] = ("speed", "balanced", "ram")  # from most memory to least


@dataclass(frozen=True, slots=True)
class Option:
    """One field of an operator's options table in the .tflite schema.

    Args:
        name: Schema name, e.g. "stride_w".
        slot: Field number in the table (0 is the first).
        type: Wire type; enums are "int8".
        default: Value where the file leaves the field out.
    """

    name: str
    slot: int
    type: OptionType
    default: Any = 0


@dataclass(frozen=True, slots=True)
class Target:
    """What the code is generated for.

    Args:
        core: e.g. "cortex-m4"; "host" for the PC.
        features: e.g. {"dsp", "fpu", "mve"}.
        numerics: Rounding profile, "litert" or "tflm".
        optimize: "balanced", "speed" or "ram".
    """

    core: str = "host"
    features: frozenset[str] = frozenset()
    numerics: Literal["litert", "tflm"] = "litert"
    optimize: Goal = "balanced"


@dataclass(frozen=True, slots=True)
class Constant:
    """An array that lies in flash, `const` and aligned.

    Args:
        name: Unique within the node, e.g. "weights".
        data: The elements; their dtype decides the C type.
        table: Whether it follows from scales, shapes and options alone. It then counts as code; what the
            model holds (weights, biases and their multipliers) counts as weights.
    """

    name: str
    data: NDArray[Any]
    table: bool = False


@dataclass(frozen=True, slots=True)
class Ref:
    """Stands in `KernelCall.params` for the address of a `Constant` of the same call."""

    name: str


Param: TypeAlias = "bool | int | float | Ref | Mapping[str, Param] | Sequence[Param]"


@dataclass(frozen=True, slots=True)
class Overlap:
    """How far an output must stay away from an input that dies in the same call.

    A kernel that declares it reads and writes pixel by pixel, pixels being the units of
    `edgekit.compiler.access`. Forward, the first comes first. It may write any byte of a pixel
    while it still reads that pixel's window, unless `gathers` or `by_channel` say otherwise.

    Args:
        input: Position in `KernelCall.inputs`.
        output: Position in `KernelCall.outputs`.
        forward: Least address of the input minus that of the output, in bytes, at which the kernel
            never reads what it has overwritten.
        backward: Least address of the output minus that of the input, where the kernel starts at
            the last pixel; its params then hold a field `backward`. None where it cannot.
        gathers: Whether it reads the whole window of a pixel before it writes any of that pixel.
        by_channel: Whether, forward, it reads one channel of a window, writes it, and goes on to the next.
        together: Consecutive pixels that it works on in no certain order; meaningless where it gathers them.
    """

    input: int
    output: int
    forward: int
    backward: int | None = None
    gathers: bool = False
    by_channel: bool = False
    together: int = 1


@dataclass(frozen=True, slots=True)
class KernelCall:
    """One call of one kernel.

    The generated C is
    `<kernel>(&<params>, <inputs...>, <states...>, <outputs...>[, scratch]);`
    with `static const <kernel>_params_t <params> = {...};` from `params` by field name.
    `firmware/kernels/<kernel>.h` declares both.

    Args:
        kernel: Function and file name, e.g. "ek_conv2d_s8".
        params: Fields of the parameter structure.
        inputs: Indices of the non-constant tensors to pass, in order.
        outputs: Indices of the tensors that are written, in order.
        constants: Arrays that `params` refers to.
        states: Indices of the tensors that keep their value between invocations, which the kernel reads or
            writes.
        scratch_bytes: Working memory needed during the call.
        in_place: (position in inputs, position in outputs) pairs that may have the same address.
        overlap: Pairs that may share memory at some distance; all others are kept apart.
        listed: "inputs" or "outputs" where the kernel takes these, any number of them, as one array of
            pointers; else "".
    """

    kernel: str
    params: Mapping[str, Param]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    constants: tuple[Constant, ...] = ()
    scratch_bytes: int = 0
    in_place: tuple[tuple[int, int], ...] = ()
    listed: Literal["", "inputs", "outputs"] = ""
    states: tuple[int, ...] = ()
    overlap: tuple[Overlap, ...] = ()


@dataclass(frozen=True, slots=True)
class Alias:
    """A node without code: its output is its input's memory under another shape."""

    input: int
    output: int


Lowered: TypeAlias = KernelCall | Alias


class Operator(ABC):
    """One operator of the .tflite schema.

    Class attributes:
        name: Builtin name, e.g. "CONV_2D".
        code: Builtin operator code in schema.fbs.
        internal: Whether passes make it and no file holds it; it then has no code.
        options_type: Number of the table in the schema's `BuiltinOptions` union; 0 for none.
        options: Fields of that table that edgekit reads.
        signatures: Accepted element types, for docs and `edgekit ops`, e.g. ("int8",).
        limits: What is not accepted, in words, for docs and messages.
        oracles: Reference runtimes that implement it.
        keeps_state: Whether it takes tensors that keep their value between invocations.
        notes: What a reader of docs/operators.md should know (rounding, departures).
    """

    name: ClassVar[str]
    code: ClassVar[int] = -1
    internal: ClassVar[bool] = False
    options_type: ClassVar[int] = 0
    options: ClassVar[tuple[Option, ...]] = ()
    signatures: ClassVar[tuple[str, ...]] = ("int8",)
    limits: ClassVar[str] = ""
    oracles: ClassVar[tuple[str, ...]] = ("litert", "tflm")
    keeps_state: ClassVar[bool] = False
    notes: ClassVar[str] = ""

    @abstractmethod
    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled; nothing if it can.

        Runs on untrusted files: it must hold for any tensor count, shape, dtype, quantisation and
        option value, and everything that `lower` relies on must be checked here.
        """

    @abstractmethod
    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the kernel call that computes this checked node on `target`."""

    def plain(self, node: NodeView) -> bool:
        """Says whether variants may lower this checked node; else `lower` alone knows its form."""
        return all(tensor.dtype == np.int8 for tensor in node.outputs)

    def rows(self, node: NodeView, axis: int) -> Mapping[int, Window | None] | None:
        """Returns which rows of its inputs a row of the output depends on.

        Where known, the node may be computed some rows at a time: `lower` is then given the same node with
        shorter tensors and, for windows, its own padding (`geometry.PADS`).

        Args:
            node: A checked node of one output.
            axis: Which dimension's elements are the rows; 1 or 2.

        Returns:
            By index of each tensor that is not constant, the window that slides over its rows, or None where
            each row depends on all of it; None where the operator does not go by rows.
        """
        return None

    def macs(self, node: NodeView) -> int:
        """Returns the multiply-accumulates of one invocation; 0 where the term means nothing."""
        return 0


@dataclass(frozen=True, slots=True)
class Operators:
    """The operators that there are, by builtin name."""

    by_name: Mapping[str, Operator]

    @property
    def listed(self) -> dict[str, Operator]:
        """Those that a file can hold, sorted by name."""
        return {name: op for name, op in sorted(self.by_name.items()) if not op.internal}


REGISTRY: Registry[Operator] = Registry(
    kind="compiler.ops",
    attribute="OPERATOR",
    type=Operator,  # type: ignore[type-abstract]
    framework=frozenset({"base", "common"}),
)


def operators() -> Operators:
    """Returns all operators (each file defines `OPERATOR`, an `Operator` instance)."""
    return Operators({operator.name: operator for operator in REGISTRY.all().values()})


def as_int(values: NDArray[Any]) -> list[int]:
    """Returns an integer array as Python integers."""
    return [int(v) for v in np.asarray(values).reshape(-1)]
