"""The terminal: one row per board, and what differs in plain text."""

from __future__ import annotations

import pytest
from rich.console import Console

from edgekit.errors import EnvironmentFailed
from edgekit.report import terminal
from edgekit.report.record import HilRecord
from tests.report import example


def shown(*records: HilRecord) -> str:
    console = Console(width=200, record=True, file=None, quiet=False)
    with console.capture() as captured:
        console.print(terminal.summary(records))
    return captured.get()


def test_a_row_says_what_held_and_what_it_costs() -> None:
    text = shown(example.hil_record())
    assert "mps2-an386 (emulated, QEMU 7.2.19)" in text and "held" in text
    assert "0 of 800" in text and "1,204,313 instructions" in text and "9.4\u00a0KiB" in text


def test_mismatches_are_listed_and_the_rest_counted() -> None:
    lines = terminal.details([example.hil_record(bad=dict.fromkeys(range(5), 4))])
    assert lines[0] == "mps2-an386: vector 0 logits[0]: expected 17, got 18"
    assert "mps2-an386: 12 more differ" in lines


def test_what_the_preprocessing_costs_stands_beside_the_model() -> None:
    lines = terminal.details([example.hil_record()])
    (takes,) = [line for line in lines if "preprocessing takes" in line]
    assert "812,400 instructions from inference to inference (4 s of signal), 40.3" in takes
    assert "400\u00a0new items of 2,031 instructions each" in takes
    assert any("keeps 4.2" in line and "of it tables" in line for line in lines)


def test_a_failed_run_shows_its_reason_and_no_figures() -> None:
    error = EnvironmentFailed(where="/dev/ttyACM0", what="is busy")
    record = HilRecord.failed(error, board="apollo4", emulated=False, requested_vectors=20)
    assert "0 of 20" in shown(record) and "instructions" not in shown(record)
    assert "is busy" in terminal.details([record])[0]


def test_names_are_not_read_as_markup(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show([example.hil_record("[bold]x[/nonsense]", bad={0: 1})])
    assert "[bold]x[/nonsense]" in capsys.readouterr().out
