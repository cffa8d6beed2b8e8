"""The command that stands in for a board, and that nothing is left running."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from edgekit.device import boards, emulator
from edgekit.errors import EnvironmentFailed, InputError

ELF = Path("firmware.elf")


def test_qemu_runs_on_its_instruction_count(stand_in):
    stand_in("qemu-system-arm")
    argv = emulator.argv(boards.load("mps3-an547"), ELF)
    assert argv[argv.index("-machine") + 1] == "mps3-an547"
    assert argv[argv.index("-icount") + 1] == "shift=6"
    assert argv[argv.index("-chardev") + 1] == "serial,path=/dev/stdin,id=console,mux=on"
    assert argv[argv.index("-kernel") + 1] == str(ELF.resolve())


def test_pipes_and_other_consoles(stand_in):
    stand_in("qemu-system-arm")
    board = boards.load("mps2-an386")
    assert "stdio,signal=off,id=console,mux=on" in emulator.argv(board, ELF, "pipe")
    other = emulator.argv(board, ELF, "unix:/tmp/x,server=on")
    assert other[other.index("-serial") + 1] == "unix:/tmp/x,server=on"


def test_the_host_is_the_firmware_itself():
    assert emulator.argv(boards.load("host"), ELF)[-1] == str(ELF.resolve())
    with pytest.raises(InputError, match="cannot speak over 'pty'"):
        emulator.argv(boards.load("host"), ELF, "pty")


def test_a_board_on_hardware_is_not_emulated():
    with pytest.raises(InputError, match="runs on hardware only"):
        emulator.argv(boards.load("apollo4"), ELF)


def test_absent_qemu_names_its_install_line(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentFailed, match="sudo apt-get install qemu-system-arm"):
        emulator.argv(boards.load("mps2-an386"), ELF)


@pytest.mark.board
def test_nothing_is_left_when_its_parent_is_killed(probe):
    _, elf = probe("mps2-an386")
    code = (
        "import os, sys, time; from pathlib import Path\n"
        "from edgekit.device import boards; from tests.device import standin\n"
        "far, near = os.openpty()\n"
        "process = standin.start(boards.load('mps2-an386'), Path(sys.argv[1]), near)\n"
        "assert os.read(far, 1) == b'r'\n"
        "print(process.pid, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(elf)], stdout=subprocess.PIPE)
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while alive(child):
        assert time.monotonic() < deadline, "QEMU outlived its parent"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
