"""What a person sees on the terminal: messages and progress go to stderr, results to stdout."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table

T = TypeVar("T")
_FILE_WIDTH = 120  # columns where output goes to a file or a pipe


class _State:
    quiet = False
    lock = threading.Lock()
    bars: Progress | None = None  # what is on the terminal now; workers share it
    users = 0  # of `bars`


def set_quiet(quiet: bool) -> None:
    """Silences messages, tables and progress bars; errors are still shown."""
    _State.quiet = quiet


def is_quiet() -> bool:
    """Says whether the user asked for silence."""
    return _State.quiet


@contextmanager
def hushed() -> Iterator[None]:
    """Silences what runs within, as a step that is only tried out."""
    before = _State.quiet
    _State.quiet = True
    try:
        yield
    finally:
        _State.quiet = before


def stderr() -> Console:
    """Returns a console on stderr for messages and progress."""
    return _console(to_stderr=True)


def stdout() -> Console:
    """Returns a console on stdout for what the command was asked to show."""
    return _console(to_stderr=False)


def _console(to_stderr: bool) -> Console:
    from rich.console import Console

    terminal = (sys.stderr if to_stderr else sys.stdout).isatty()
    width = None if terminal or "COLUMNS" in os.environ else _FILE_WIDTH
    # Without markup: names from files may hold square brackets.
    return Console(stderr=to_stderr, quiet=_State.quiet, highlight=False, markup=False, width=width)


def say(text: str, style: str = "") -> None:
    """Prints one message, as it is and not wrapped.

    Args:
        text: The message.
        style: A style of Rich for all of it, e.g. "bold".
    """
    stderr().print(text, soft_wrap=True, style=style or None)


def warn(text: str) -> None:
    """Prints what went another way than the user may expect, and is no error."""
    say(text, "yellow")


def table(title: str, columns: Iterable[str]) -> Table:
    """Returns an empty table in the house style; print it with `stdout().print(...)`."""
    from rich import box
    from rich.table import Table

    made = Table(title=title, title_justify="left", header_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        # a number is broken into two lines rather than cut
        made.add_column(column, no_wrap=number == 0, overflow="fold" if number else "ellipsis")
    return made


def track(items: Iterable[T], title: str, total: int | None = None) -> Iterator[T]:
    """Iterates over `items` under a progress bar (none when quiet or not on a terminal).

    Args:
        items: What to iterate over.
        title: Text beside the bar.
        total: Number of items where `len()` does not tell.
    """
    from rich.progress import track as rich_track

    console = stderr()
    yield from rich_track(
        items, title, total=total, console=console, disable=_State.quiet or not console.is_terminal
    )


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[], None]]:
    """Shows a progress bar; yields what is to be called after each of `total` items.

    Several threads may each show one: they stand below each other.
    """
    from rich.progress import Progress

    console = stderr()
    with _State.lock:
        if _State.bars is None:
            _State.bars = Progress(console=console, disable=_State.quiet or not console.is_terminal)
            _State.bars.start()
        bars = _State.bars
        _State.users += 1
    try:
        task = bars.add_task(title, total=total)
        yield lambda: bars.advance(task)
    finally:
        with _State.lock:
            _State.users -= 1
            if _State.users == 0:
                bars.stop()
                _State.bars = None


@contextmanager
def status(text: str) -> Iterator[None]:
    """Shows a spinner with `text` on a terminal, or the text as one line elsewhere."""
    console = stderr()
    alone = threading.current_thread() is threading.main_thread() and _State.bars is None
    if console.is_terminal and alone:
        with console.status(text):
            yield
    elif _State.bars is not None:
        _State.bars.console.print(text, soft_wrap=True)
        yield
    else:
        console.print(text, soft_wrap=True)
        yield
