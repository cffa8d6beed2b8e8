"""The port of a board is found by its USB ids; boards that are alike are told apart."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from edgekit.device import boards
from edgekit.errors import EnvironmentFailed, InputError
from edgekit.hil import ports

STLINK = {"vid": 0x0483, "pid": 0x374B}


def port(
    device: str, vid: int | None = None, pid: int | None = None, serial: str | None = None
) -> SimpleNamespace:
    return SimpleNamespace(device=device, vid=vid, pid=pid, serial_number=serial)


@pytest.fixture
def there(monkeypatch):
    def put(*found: SimpleNamespace) -> None:
        monkeypatch.setattr(ports.list_ports, "comports", lambda: list(found))

    put()
    return put


@pytest.fixture
def board():
    return boards.load("nucleo-f446re")


def test_the_one_with_the_boards_usb_ids_is_taken(there, board):
    there(
        port("/dev/ttyS0"),
        port("/dev/ttyACM3", **STLINK, serial="066A"),
        port("/dev/ttyUSB0", 0x0403, 0x6001),
    )
    assert ports.resolve(board, None) == "/dev/ttyACM3"


def test_two_alike_are_listed_with_their_serial_numbers(there, board):
    there(port("/dev/ttyACM1", **STLINK, serial="B"), port("/dev/ttyACM0", **STLINK, serial="A"))
    with pytest.raises(EnvironmentFailed, match="2 ports have the USB ids 0483:374b") as caught:
        ports.resolve(board, None)
    assert "/dev/ttyACM0 (0483:374b, serial A), /dev/ttyACM1 (0483:374b, serial B)" in str(caught.value)
    assert "--port serial:NUMBER" in str(caught.value)
    assert ports.resolve(board, "serial:B") == "/dev/ttyACM1"


def test_a_serial_number_that_is_not_there(there, board):
    there(port("/dev/ttyACM0", **STLINK, serial="A"))
    with pytest.raises(EnvironmentFailed, match="no port of this computer has the serial number C") as caught:
        ports.resolve(board, "serial:C")
    assert "/dev/ttyACM0 (0483:374b, serial A)" in str(caught.value)


def test_two_ports_of_one_probe_are_named_by_their_device(there, board):
    there(port("COM4", **STLINK, serial="A"), port("COM3", **STLINK, serial="A"))
    with pytest.raises(EnvironmentFailed, match="2 ports have the serial number A") as caught:
        ports.resolve(board, "serial:A")
    assert "COM3" in str(caught.value)
    assert ports.resolve(board, "COM3") == "COM3"


def test_none_says_what_was_looked_for(there, board):
    there(port("/dev/ttyS0"))
    with pytest.raises(
        EnvironmentFailed, match="no port of this computer has the USB ids 0483:374b"
    ) as caught:
        ports.resolve(board, None)
    assert "ports of this computer: /dev/ttyS0" in str(caught.value)
    there()
    with pytest.raises(EnvironmentFailed, match="ports of this computer: none"):
        ports.resolve(board, None)


def test_stand_ins_need_no_port_and_a_given_one_is_kept(there):
    assert ports.resolve(boards.load("host"), None) is None
    assert ports.resolve(boards.load("mps2-an386"), None) is None
    assert ports.resolve(boards.load("mps2-an386"), "socket://localhost:1") == "socket://localhost:1"


def test_a_board_without_usb_ids_needs_a_port(there):
    with pytest.raises(InputError, match="--port"):
        ports.resolve(boards.load("nano33ble"), None)
