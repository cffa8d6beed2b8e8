"""What is printed is what was said, whatever the names in it look like."""

from __future__ import annotations

import pytest

from edgekit import console

NAME = "runs/[red]/[/bold] [link=x]"


@pytest.fixture(autouse=True)
def _loud():
    yield
    console.set_quiet(False)


def test_square_brackets_in_names_are_kept(capsys):
    console.say(f"run folder: {NAME}", "bold")
    console.warn(NAME)
    table = console.table("", ["name"])
    table.add_row(NAME)
    console.stdout().print(table)
    shown = capsys.readouterr()
    assert shown.err.count(NAME) == 2
    assert NAME in shown.out


def test_no_digit_of_a_table_is_lost(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    numbers = [f"{n}{'0' * 11}" for n in range(1, 9)]
    table = console.table("", ["step", *"abcdefgh"])
    table.add_row("train", *numbers)
    console.stdout().print(table)
    shown = capsys.readouterr().out
    assert "…" not in shown and sum(character.isdigit() for character in shown) == 8 * 12


def test_long_messages_are_not_wrapped(capsys):
    console.say("x" * 300)
    assert "x" * 300 in capsys.readouterr().err


def test_a_trial_is_hushed_and_what_follows_is_not(capsys):
    with pytest.raises(ValueError), console.hushed():
        console.say("within")
        raise ValueError
    console.say("after")
    assert capsys.readouterr().err == "after\n"


def test_quiet_silences_all_but_errors(capsys):
    console.set_quiet(True)
    console.say("hello")
    console.stdout().print("hello")
    with console.status("working"):
        pass
    assert list(console.track([1, 2], "counting")) == [1, 2]
    assert capsys.readouterr() == ("", "")


def test_threads_share_the_progress_bars():
    with console.progress("first", 3) as one, console.progress("second", 2) as other:
        bars = console._State.bars
        assert bars is not None and len(bars.tasks) == 2
        one()
        other()
        other()
        assert [task.completed for task in bars.tasks] == [1, 2]
        with console.status("meanwhile"):
            pass
    assert console._State.bars is None
