"""The errors that a user sees: where, what was expected, what was found, what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import IntEnum
from typing import Any

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # names from files could steer a terminal


def _escaped(found: re.Match[str]) -> str:
    return f"\\x{ord(found[0]):02x}"


class ExitStatus(IntEnum):
    """Exit statuses of every command (docs/cli.md)."""

    HELD = 0
    CHECK_FAILED = 1
    INPUT_WRONG = 2
    ENVIRONMENT_FAILED = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault.

    Args:
        where: File, key, tensor or device that is at fault.
        what: The fault in one sentence.
        expected: What would have been right, or "".
        found: What was there instead, or "".
        hint: The next step for the user, or "".
    """

    where: str
    what: str
    expected: str = ""
    found: str = ""
    hint: str = ""

    def __str__(self) -> str:
        where = _CONTROL.sub(_escaped, self.where.replace("\n", r"\n"))
        lines = [f"{where}: {self.what}" if where else self.what]
        for label, text in (("expected", self.expected), ("found", self.found), ("next", self.hint)):
            if text:
                lines.append(f"  {label + ':':<10}{text}")
        return _CONTROL.sub(_escaped, "\n".join(lines))


class EdgekitError(Exception):
    """Base of all errors that edgekit raises on purpose; carries every fault of one input.

    Args:
        problems: The faults, in the order in which they were found.
        where, what, expected, found, hint: Shorthand for a single `Problem`.
    """

    exit_status = ExitStatus.ENVIRONMENT_FAILED
    record: dict[str, Any] | None = None  # a versioned record of the failed run, for --json

    def __init__(
        self,
        problems: Iterable[Problem] = (),
        *,
        where: str = "",
        what: str = "",
        expected: str = "",
        found: str = "",
        hint: str = "",
    ) -> None:
        self.problems: Sequence[Problem] = tuple(problems) or (Problem(where, what, expected, found, hint),)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class CheckFailed(EdgekitError):
    """A check ran and did not hold: mismatch, budget, metric drop."""

    exit_status = ExitStatus.CHECK_FAILED


class InputError(EdgekitError):
    """What the user gave is wrong: path, key, file, shape, option."""

    exit_status = ExitStatus.INPUT_WRONG


class EnvironmentFailed(EdgekitError):
    """The environment failed, so nothing was proved: tool, link, disk, missing extra."""

    exit_status = ExitStatus.ENVIRONMENT_FAILED


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Returns "did you mean 'x'?" for the nearest known word, else a list of what is known.

    Args:
        word: What the user wrote.
        known: What there is.
    """
    known = sorted(known)
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    return "known: " + (", ".join(known) if known else "none")
