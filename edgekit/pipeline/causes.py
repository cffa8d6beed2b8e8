"""What usually makes a node depart, told from the pattern of what differs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.manifest import NodeInfo, NodeOutput

_SHIFT_AGREES = 0.8  # of the elements that do not saturate, for a shift to be named
_WILD_SHARE = 0.5
_WILD_STEPS = 32


@dataclass(frozen=True)
class Facts:
    """What is known of the first node that departs.

    Args:
        node: The node.
        output: The tensor in which it departs.
        expected, got: Its elements, flat, of the same dtype.
        first: Whether no node comes before it.
        host: What this computer's build of the same export computes: "board" or "PC", or "" where that
            is not known.
        other_numerics: The other numerics profile, where that is what the board computed; else "".
        features: What the generated code needs of the core.
        edited: Files that are no longer what was exported.
        stack: Deepest stack that was measured, and how much there is, in words; "" where not known.
    """

    node: NodeInfo
    output: NodeOutput
    expected: NDArray[np.generic]
    got: NDArray[np.generic]
    first: bool = False
    host: str = ""
    other_numerics: str = ""
    features: Sequence[str] = ()
    edited: Sequence[str] = ()
    stack: str = ""

    @property
    def differing(self) -> NDArray[np.intp]:
        """Places of the elements that differ."""
        return np.flatnonzero(differs(self.got, self.expected))

    @property
    def steps(self) -> NDArray[np.float64]:
        """Differences of the elements that differ."""
        at = self.differing
        return self.got[at].astype(np.float64) - self.expected[at].astype(np.float64)

    @property
    def integers(self) -> bool:
        """Whether the elements are integers."""
        return self.expected.dtype.kind in "iu"

    @property
    def channels(self) -> list[int]:
        """Indices along the last axis at which elements differ."""
        last = self.output.shape[-1] if self.output.shape else 1
        return sorted({int(at) % last for at in self.differing})

    @property
    def channel(self) -> int | None:
        """The only channel that differs, where there are others and they have several elements."""
        last = self.output.shape[-1] if self.output.shape else 1
        return self.channels[0] if last > 1 and len(self.channels) == 1 else None


def differs(got: NDArray[np.generic], expected: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Returns which elements differ; NaN equals NaN."""
    found = np.asarray(got != expected)
    if got.dtype.kind == "f":
        found &= ~(np.isnan(got.astype(np.float64)) & np.isnan(expected.astype(np.float64)))
    return found


def causes(facts: Facts) -> list[str]:
    """Returns what usually causes such a departure, the surest first; never nothing.

    Args:
        facts: What is known of the node.
    """
    rules = (_numerics, _export, _board) if facts.other_numerics else _RULES
    found = [said for rule in rules if (said := rule(facts))]
    return found or ["the pattern of what differs points to no usual cause"]


def _numerics(facts: Facts) -> str:
    if not facts.other_numerics:
        return ""
    return (
        f"rounding: the board computes exactly what the numerics profile '{facts.other_numerics}' gives: "
        "export again, with the --numerics of the runtime that you compare with"
    )


def _export(facts: Facts) -> str:
    if facts.host != "board":
        return ""
    said = "this computer's build of the export computes what the board does: look in the export, not there"
    return f"{said}; edited since the export: {', '.join(facts.edited)}" if facts.edited else said


def _board(facts: Facts) -> str:
    if facts.host != "PC":
        return ""
    kernels = f"its kernels for {', '.join(facts.features)}, " if facts.features else ""
    return (
        "this computer's build of the export agrees with the PC: look at the board: "
        f"{kernels}its compiler, its memory"
    )


def _input(facts: Facts) -> str:
    if not facts.first or facts.node.op != "QUANTIZE":
        return ""
    return "the input is not quantised as expected: scale, zero point, or a rounding other than to nearest"


def _endianness(facts: Facts) -> str:
    if facts.got.dtype.itemsize < 2 or bool(differs(facts.got.byteswap(), facts.expected).any()):
        return ""
    return "endianness: with the bytes of each element reversed it agrees"


def _channel(facts: Facts) -> str:
    if facts.channel is None:
        return ""
    return f"only channel {facts.channel} differs: its weights, its bias, its multiplier or its shift"


def _shift(facts: Facts) -> str:
    if not facts.integers or facts.output.scale <= 0:
        return ""
    limits = np.iinfo(facts.got.dtype.name)
    at = facts.differing
    got, expected = (values[at].astype(np.int64) for values in (facts.got, facts.expected))
    free = (got > limits.min) & (got < limits.max) & (expected > limits.min) & (expected < limits.max)
    got, expected = got[free] - facts.output.zero_point, expected[free] - facts.output.zero_point
    if got.size < 2 or np.abs(expected).max() < 4:
        return ""
    for word, off in (("twice", got - 2 * expected), ("half", 2 * got - expected)):
        if np.mean(np.abs(off) <= 2) >= _SHIFT_AGREES:
            return f"a shift of the requantisation is off by one: the values are {word} what they should be"
    return ""


def _one_step(facts: Facts) -> str:
    if not facts.integers or float(np.abs(facts.steps).max()) > 1:
        return ""
    return (
        "requantisation: nothing differs by more than one step, as where a multiplier or rounding is "
        "another; delegate kernels (XNNPACK) differ like this too, so results of theirs are no reference"
    )


def _overwritten(facts: Facts) -> str:
    at = facts.differing
    wild = float(np.abs(facts.steps).max()) >= _WILD_STEPS if facts.integers else True
    if not wild or facts.channel is not None:
        return ""
    stack = f" (stack: {facts.stack})" if facts.stack else ""
    if 8 <= at.size < facts.expected.size and at[-1] - at[0] + 1 == at.size:
        return (
            f"one block is overwritten, elements {at[0]} to {at[-1]}: stack overflow{stack}, an interrupt, "
            "another user of the arena"
        )
    if at.size >= _WILD_SHARE * facts.expected.size:
        return (
            f"many elements are far off: memory is overwritten (stack overflow{stack}, another user of the "
            "arena), or weights are not where they should be"
        )
    return ""


_RULES: tuple[Callable[[Facts], str], ...] = (
    _numerics, _export, _board, _input, _endianness, _channel, _shift, _one_step, _overwritten,
)  # fmt: skip
