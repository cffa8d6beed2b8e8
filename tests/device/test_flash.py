"""Flashing: which tool, with which arguments, and what its failure looks like."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from edgekit.device import boards, flash
from edgekit.device.boards import Flasher
from edgekit.errors import EnvironmentFailed, InputError


@pytest.fixture
def elf(tmp_path: Path) -> Path:
    path = tmp_path / "fire ware" / "firmware.elf"
    path.parent.mkdir()
    path.write_bytes(b"\x7fELF")
    return path


@pytest.fixture
def board():
    return boards.load("apollo4").model_copy(
        update={
            "flashers": [
                Flasher(tool="jlink", device="PART-J", speed_khz=1000),
                Flasher(tool="pyocd", device="part-p"),
                Flasher(tool="openocd", device="board/part.cfg"),
                Flasher(tool="picotool", device="PART"),
            ]
        }
    )


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))


def words(log: Path) -> str:
    return " ".join(log.read_text().split("\n")).strip()


def test_jlink_is_given_a_script(stand_in, board, elf):
    log = stand_in("JLinkExe")
    assert flash.flash(elf, board) == "jlink"
    script = elf.with_suffix(".jlink")
    assert words(log) == (
        "-Device PART-J -If SWD -Speed 1000 -AutoConnect 1 -NoGui 1 -ExitOnError 1 "
        f"-CommandFile {script.resolve()}"
    )
    assert f'loadfile "{elf.resolve()}"' in script.read_text()


def test_pyocd_when_there_is_no_jlink(stand_in, board, elf):
    log = stand_in("pyocd")
    assert flash.flash(elf, board) == "pyocd"
    assert words(log) == f"load --target part-p --frequency 4000000 --format elf {elf.resolve()}"


def test_openocd_when_there_is_nothing_else(stand_in, board, elf):
    log = stand_in("openocd")
    assert flash.flash(elf, board) == "openocd"
    assert words(log) == (
        f"-f board/part.cfg -c adapter speed 4000 -c program {{{elf.resolve()}}} verify reset exit"
    )


def test_openocd_is_given_the_probe_where_the_part_does_not_name_it(stand_in, elf):
    log = stand_in("openocd")
    assert flash.flash(elf, boards.load("rpi-pico2"), tool="openocd") == "openocd"
    assert words(log).startswith("-f interface/cmsis-dap.cfg -f target/rp2350.cfg -c adapter speed 5000 ")


def test_picotool_loads_verifies_and_starts(stand_in, board, elf):
    log = stand_in("picotool")
    assert flash.flash(elf, board) == "picotool"
    assert words(log) == f"load -v -x {elf.resolve()} -t elf"


def test_picotool_says_how_to_enter_the_boot_loader(stand_in, board, elf):
    stand_in("picotool", "echo No accessible RP-series devices in BOOTSEL mode; exit 249")
    with pytest.raises(EnvironmentFailed, match="No accessible") as caught:
        flash.flash(elf, board)
    assert "hold BOOTSEL" in str(caught.value)


def test_a_tool_may_be_chosen(stand_in, board, elf):
    stand_in("JLinkExe", "exit 1")
    log = stand_in("pyocd")
    assert flash.flash(elf, board, tool="pyocd") == "pyocd"
    assert words(log).startswith("load ")
    with pytest.raises(InputError, match="does not flash apollo4") as caught:
        flash.flash(elf, board, tool="uf2")
    assert "jlink, pyocd, openocd, picotool" in str(caught.value)


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("picotool", "load --ser 12345 -v"),
        ("JLinkExe", "-SelectEmuBySN 12345 "),
        ("pyocd", "--uid 12345 "),
        ("openocd", "-c adapter serial {12345} "),
    ],
)
def test_two_boards_are_told_apart_by_the_probe(stand_in, board, elf, program, expected):
    log = stand_in(program)
    flash.flash(elf, board, probe="12345")
    assert expected in words(log)


def test_a_serial_number_is_no_command(stand_in, board, elf):
    stand_in("openocd")
    with pytest.raises(InputError, match="cannot take this name"):
        flash.flash(elf, board, probe="1} ; exec rm {")


def test_no_tool_lists_what_installs_each(board, elf):
    with pytest.raises(EnvironmentFailed) as caught:
        flash.flash(elf, board)
    for line in ("segger.com", "pip install pyocd", "sudo apt-get install openocd", "picotool"):
        assert line in str(caught.value)


def test_a_failing_tool_is_quoted(stand_in, board, elf):
    stand_in("JLinkExe", "echo Cannot connect to target.; exit 1")
    with pytest.raises(EnvironmentFailed, match=r"status 1\nCannot connect to target\."):
        flash.flash(elf, board)


@pytest.mark.parametrize("program", ["JLinkExe", "pyocd", "openocd", "picotool"])
def test_a_hanging_tool_is_stopped(stand_in, board, elf, program):
    stand_in(program, "exec sleep 30")
    start = time.monotonic()
    with pytest.raises(EnvironmentFailed, match="did not end within"):
        flash.flash(elf, board, seconds=0.2)
    assert time.monotonic() - start < 10


@pytest.mark.parametrize(("key", "why"), [("host", "as a process"), ("mps2-an386", "emulator loads")])
def test_what_has_nothing_to_flash_says_so(elf, key, why):
    with pytest.raises(InputError, match=why):
        flash.flash(elf, boards.load(key))


def test_a_board_without_a_flasher(board, elf):
    with pytest.raises(EnvironmentFailed, match="names no tool"):
        flash.flash(elf, board.model_copy(update={"flashers": []}))
