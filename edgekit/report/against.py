"""New results beside older ones: what got worse, and by how much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from edgekit.errors import InputError, Problem, did_you_mean
from edgekit.report import text, verdict
from edgekit.report.record import HilRecord

DEFAULT = {"time": 2.0, "ram": 0.0, "flash": 1.0, "accuracy": 0.0}


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of one board, before and after.

    Args:
        board: Board, engine and numerics.
        figure: "exactness", "time", "ram", "flash" or "accuracy".
        old, new: As people read them.
        change: Difference in words; "" where the two cannot be compared.
        outcome: "held"; "worse", beyond what is allowed; or "not compared".
        why: Why they were not compared.
    """

    board: str
    figure: str
    old: str
    new: str
    change: str
    outcome: Literal["held", "worse", "not compared"]
    why: str = ""


def allowed(given: str) -> dict[str, float]:
    """Returns how much each figure may get worse.

    Args:
        given: e.g. "time=5,flash=2": per cent, accuracy in points. What is not named keeps `DEFAULT`.

    Raises:
        InputError: A figure is unknown or a number is none; all of them at once.
    """
    found, problems = dict(DEFAULT), []
    for part in filter(None, (part.strip() for part in given.split(","))):
        name, _, value = part.partition("=")
        if name not in DEFAULT:
            problems.append(Problem(f"--allow {part}", "unknown figure", hint=did_you_mean(name, DEFAULT)))
            continue
        try:
            found[name] = float(value)
        except ValueError:
            found[name] = -1.0
        if not 0 <= found[name] <= 1000:
            problems.append(Problem(f"--allow {part}", "is no limit", expected=f"{name}=0 to {name}=1000"))
    if problems:
        raise InputError(problems)
    return found


def compare(new: Sequence[HilRecord], old: Sequence[HilRecord], limits: dict[str, float]) -> list[Change]:
    """Returns every figure that both have, and every old board that is missing now.

    Args:
        new: Results as they are.
        old: Results to hold them to.
        limits: Of `allowed`.

    Raises:
        InputError: No board of the old results is among the new ones.
    """
    found: list[Change] = []
    matched = 0
    for before in old:
        now = next((record for record in new if _key(record) == _key(before)), None)
        matched += now is not None
        if now is None:
            missing = "no result now"
            found.append(Change(verdict.label(before), "exactness", before.status, missing, missing, "worse"))
        else:
            found += _figures(now, before, limits)
    if not matched:
        raise InputError(
            where="--against",
            what="no result of the two belongs together",
            expected=f"one of {text.listing([verdict.label(record) for record in old])}",
            found=text.listing([verdict.label(record) for record in new]) or "no result of `edgekit hil`",
            hint="run edgekit hil for the same board, engine and numerics first",
        )
    return found


def _key(record: HilRecord) -> tuple[str, str | None, str | None]:
    return record.board, record.engine, record.numerics


def _figures(now: HilRecord, before: HilRecord, limits: dict[str, float]) -> Iterator[Change]:
    board = verdict.label(now)
    worse = now.status != "held" and (
        before.status == "held" or now.mismatched_elements > before.mismatched_elements
    )
    words = [f"{r.status}, {text.count(r.mismatched_elements)} differ" for r in (before, now)]
    yield Change(
        board, "exactness", words[0], words[1], "" if not worse else "departs", "worse" if worse else "held"
    )
    yield from _time(board, now, before, limits["time"])
    if now.memory and before.memory:
        for figure, taken in (("ram", verdict.ram_bytes), ("flash", verdict.flash_bytes)):
            values = taken(before.memory), taken(now.memory)
            yield _grown(board, figure, values, [text.count(v) + " B" for v in values], limits[figure])
    if now.task and before.task and now.task.metric == before.task.metric:
        lost = 100 * (before.task.value - now.task.value)
        yield Change(
            board,
            "accuracy",
            text.share(before.task.value, 2),
            text.share(now.task.value, 2),
            f"{-lost:+.2f} points",
            "worse" if lost > limits["accuracy"] + 1e-9 else "held",
        )


def _time(board: str, now: HilRecord, before: HilRecord, limit: float) -> Iterator[Change]:
    if now.timer is None or before.timer is None:
        return
    words = [verdict.duration(timer, timer.median) for timer in (before.timer, now.timer)]
    why = ""
    if now.timer.unit != before.timer.unit:
        why = "different units"
    elif now.timer.unit == "ns":
        why = "a PC's time depends on what else it does: use edgekit ab"
    elif (now.clock and now.clock.hz) != (before.clock and before.clock.hz):
        why = "different clocks"
    if why:
        yield Change(board, "time", words[0], words[1], "", "not compared", why)
    else:
        yield _grown(board, "time", (before.timer.median, now.timer.median), words, limit)


def _grown(board: str, figure: str, values: tuple[int, int], words: Sequence[str], limit: float) -> Change:
    old, new = values
    change = 100 * (new - old) / old if old else 0.0 if new == old else float("inf")
    outcome: Literal["held", "worse"] = "worse" if change > limit + 1e-9 else "held"
    return Change(board, figure, words[0], words[1], f"{change:+.2f}{text.SPACE}%", outcome)
