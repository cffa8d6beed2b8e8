"""`edgekit boards --check` builds for every board, and says what stands in the way."""

from __future__ import annotations

import pytest

from edgekit.device import boards
from edgekit.errors import ExitStatus
from edgekit.pipeline import board_check


@pytest.mark.board
def test_every_board_builds_and_says_how_full_its_memories_are():
    checked = board_check.check([])
    assert [one.board for one in checked] == boards.keys()
    assert {one.board: one.error for one in checked if one.status} == {}
    full = {one.board: one.memory for one in checked}
    assert full.pop("host") == []
    for board, memories in full.items():
        assert all(0 < int(used) <= int(there) for _, used, there, _ in memories), board
        assert len(memories) >= 2, "code lies in one memory and variables in another"
    assert board_check.status(checked) == ExitStatus.HELD


def test_a_board_that_is_too_small_says_by_how_much(tmp_path):
    text = (boards.paths.share("boards") / "microbit.toml").read_text()
    path = tmp_path / "little.toml"
    path.write_text(text.replace("length = 0x0000_4000", "length = 0x0000_1000"))
    (checked,) = board_check.check([str(path)])
    assert checked.status == ExitStatus.CHECK_FAILED
    assert "over by" in checked.error


def test_a_missing_compiler_is_no_fault_of_the_board(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    (checked,) = board_check.check(["mps2-an386"])
    assert checked.status == ExitStatus.ENVIRONMENT_FAILED
    assert "apt-get install gcc-arm-none-eabi" in checked.error


def test_facts_without_an_opened_source_are_listed():
    (checked,) = board_check.check(["apollo4"])
    assert any("real board" in fact for fact in checked.unverified)
