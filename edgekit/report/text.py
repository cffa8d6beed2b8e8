"""Numbers and names as people read them."""

from __future__ import annotations

from collections.abc import Iterable

SPACE = "\u00a0"  # between a number and its unit, where a line must not break


def count(value: float | int) -> str:
    """Returns an integer with thousands separated: 7,696,780."""
    return f"{value:,.0f}"


def plural(value: int, noun: str) -> str:
    """Returns "1 vector", "200 vectors"."""
    return f"{count(value)}{SPACE}{noun}{'' if value == 1 else 's'}"


def heading(words: str) -> str:
    """Returns words with a capital at their beginning; names that have capitals of their own stay: mAP50."""
    return words if any(letter.isupper() for letter in words) else words[:1].upper() + words[1:]


def size(value: int) -> str:
    """Returns bytes as "780 B", "8.2 KiB" or "4 MiB"."""
    for unit, factor in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if value >= factor:
            return f"{value / factor:.1f}".removesuffix(".0") + SPACE + unit
    return f"{value}{SPACE}B"


def share(value: float | None, digits: int = 1) -> str:
    """Returns a share as a percentage: 0.944 -> "94.4 %"."""
    return "n/a" if value is None else f"{100 * value:.{digits}f}{SPACE}%"


def compact(value: float) -> str:
    """Returns a number in few characters, for axes: 1250000 -> "1.25M", 0.05 -> "0.05"."""
    for suffix, factor in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if abs(value) >= factor:
            return f"{value / factor:.4g}{suffix}"
    return f"{value:.4g}"


def seconds(value: float) -> str:
    """Returns a duration: "0.8 s", "75.0 s", "12 min 5 s"."""
    if value < 120:
        return f"{value:.1f}{SPACE}s"
    return f"{int(value // 60)}{SPACE}min {int(value % 60)}{SPACE}s"


def listing(words: Iterable[str], limit: int = 12) -> str:
    """Returns words separated by commas, the rest as a count."""
    words = list(words)
    more = f" and {len(words) - limit} more" if len(words) > limit else ""
    return ", ".join(words[:limit]) + more


def clip(text: str, limit: int) -> str:
    """Returns a text of at most `limit` characters, with an ellipsis where it was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def value(number: float | int | None) -> str:
    """Returns an element of a tensor; None stands for NaN and the infinities."""
    return "not finite" if number is None else f"{number:g}"


def cell(value: str | int | float | None) -> str:
    """Returns a value of a table whose columns are not known beforehand."""
    if value is None:
        return "n/a"
    if isinstance(value, float):
        return f"{value:.4g}"
    return count(value) if isinstance(value, int) else value


def difference(got: float | int | None, expected: float | int | None) -> str:
    """Returns how far an element is off, with its sign."""
    return "n/a" if got is None or expected is None else f"{got - expected:+g}"
