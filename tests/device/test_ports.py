"""What ek_port.h promises, on every board that runs here."""

from __future__ import annotations

import os
import time

import pytest

from edgekit.device import boards
from tests.device import standin
from tests.device.conftest import cpu_seconds

RUNNING = [key for key in boards.keys() if boards.load(key).emulated or boards.load(key).is_host]
EMULATED = [key for key in RUNNING if boards.load(key).emulated]

pytestmark = pytest.mark.board


def counted(console, turns: int) -> int:
    console.send(b"c" + turns.to_bytes(4, "little"))
    return console.number()


@pytest.mark.parametrize("key", RUNNING)
def test_a_minimal_firmware_builds_without_a_warning_and_answers(console, key):
    board = console(key)
    board.send(b"h")
    assert board.take() == f"hello from {key}\n".encode()


@pytest.mark.parametrize("key", RUNNING)
def test_variables_are_set_up_and_floats_work(console, key):
    board = console(key)
    board.send(b"vv")
    assert [board.number(), board.number()] == [42, 44]


@pytest.mark.parametrize("key", RUNNING)
def test_every_byte_passes_both_ways_as_it_is(console, key):
    board = console(key)
    for block in (bytes(range(256)), bytes(reversed(range(256))), b"\r\n\x00\x03\x04\x11\x13\xff" * 32):
        board.send(b"e" + block)
        assert board.take(256) == block


@pytest.mark.parametrize("key", RUNNING)
def test_bytes_sent_while_it_computes_wait(console, key):
    board = console(key)
    board.send(b"c" + (5_000_000).to_bytes(4, "little") + b"e" + bytes(range(256)) + b"h")
    assert board.number() > 0
    assert board.take(256) == bytes(range(256))
    assert board.take().startswith(b"hello")


@pytest.mark.parametrize("key", RUNNING)
def test_waiting_burns_no_processor_time(console, key):
    board = console(key)
    before = cpu_seconds(board.process)
    time.sleep(0.5)
    assert cpu_seconds(board.process) - before < 0.1


@pytest.mark.parametrize("key", EMULATED)
def test_the_counter_is_exact_to_the_instruction(console, key):
    """spin() takes 2 instructions per turn, so counts differ by exactly twice the turns."""
    board = console(key)
    fixed = counted(board, 1) - 2
    assert 0 < fixed < 100
    for turns in (1, 2, 3, 7, 10, 100, 999, 12_345, 1_000_000, 3_000_001):
        assert counted(board, turns) == 2 * turns + fixed


@pytest.mark.parametrize("key", EMULATED)
def test_the_counter_repeats_from_run_to_run(console, key):
    def counts():
        board = console(key)
        return [counted(board, turns) for turns in (1, 50, 4321, 200_000)]

    assert counts() == counts()


@pytest.mark.slow
def test_the_counter_outlives_its_timer(console):
    """The CMSDK timer of mps2 wraps after 2.7e9 instructions."""
    board = console("mps2-an386")
    fixed = counted(board, 1) - 2
    board.send(b"c" + (1_400_000_000).to_bytes(4, "little"))
    assert int(board.take(seconds=200)) == 2_800_000_000 + fixed


@pytest.mark.parametrize("key", EMULATED)
def test_emulated_boards_count_instructions(console, key):
    board = console(key)
    board.send(b"u")
    assert [board.take(), board.number(), board.number()] == [b"instructions\n", 1, 0]


def test_the_host_counts_nanoseconds(console):
    board = console("host")
    board.send(b"u")
    assert board.take() == b"ns\n"
    assert board.number() >= 1
    assert board.number() == 10**9
    assert counted(board, 30_000_000) > counted(board, 1000)


@pytest.mark.parametrize("key", RUNNING)
def test_stack_is_painted_and_measured(console, key):
    """The callee has an array of 1000 bytes and little else."""
    board = console(key)
    board.send(b"ss")
    first, second = board.number(), board.number()
    assert 1000 <= first <= 1100 + (256 if key == "host" else 0)
    assert first == second


@pytest.mark.parametrize("key", RUNNING)
def test_reset_starts_again(console, key):
    board = console(key)
    board.send(b"v")
    assert board.number() == 42
    board.send(b"r")
    assert board.take() == b"ready\n"
    board.send(b"v")
    assert board.number() == 42


@pytest.mark.parametrize("key", RUNNING)
def test_the_status_of_the_application_is_that_of_the_process(console, key):
    board = console(key)
    board.send(b"q")
    assert board.process.wait(20) == 7


@pytest.mark.parametrize("key", EMULATED)
@pytest.mark.parametrize(("command", "name"), [(b"f", b"exception"), (b"o", b"stack-overflow")])
def test_a_fault_says_what_it_is_and_ends_the_run(console, key, command, name):
    board = console(key)
    board.send(command)
    assert board.take() == b"\r\n"
    assert board.take().startswith(b"EK FAULT " + name + b" number=")
    assert board.process.wait(20) == 1


def test_the_host_ends_when_the_other_end_is_gone(probe):
    board, elf = probe("host")
    far, near = os.openpty()
    process = standin.start(board, elf, near)
    os.close(near)
    assert os.read(far, 6) == b"ready\n"
    os.close(far)
    try:
        assert process.wait(10) == 0
    finally:
        standin.stop(process)
