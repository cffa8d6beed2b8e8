"""The serial port of a board, found by the USB ids of its bridge or by a serial number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from serial.tools import list_ports

from edgekit.device.boards import Board
from edgekit.errors import EnvironmentFailed, InputError

SERIAL = "serial:"  # what a --port begins with that names a serial number


def resolve(board: Board, port: str | None) -> str | None:
    """Returns the port to open, or None where a stand-in is to be started.

    Args:
        board: What the firmware was built for.
        port: A device, a URL, "serial:NUMBER", or None: hardware is looked for by its USB ids.

    Raises:
        InputError: Hardware without known USB ids, and no port.
        EnvironmentFailed: No such port is there, or several are.
    """
    if port is not None and port.startswith(SERIAL):
        number = port.removeprefix(SERIAL)
        alike = [found for found in list_ports.comports() if found.serial_number == number]
        return _only(board, alike, f"the serial number {number}")
    if port is not None or board.emulated or board.is_host:
        return port
    if not board.console.usb:
        raise InputError(
            where=board.key,
            what="runs on hardware only, and its port has no USB ids to find it by",
            expected="--port with the serial port of the board",
            hint=f"edgekit flash DIR --target {board.key}, then edgekit hil ... --port PORT",
        )
    alike = [found for found in list_ports.comports() if _usb(found) in board.console.usb]
    return _only(board, alike, f"the USB ids {', '.join(board.console.usb)}")


def _only(board: Board, alike: Sequence[Any], sought: str) -> str:
    if len(alike) == 1:
        return str(alike[0].device)
    if alike:
        raise EnvironmentFailed(
            where=board.key,
            what=f"{len(alike)} ports have {sought}",
            expected="one",
            found=_listed(alike),
            hint="name one: --port serial:NUMBER, or --port with the device",
        )
    raise EnvironmentFailed(
        where=board.key,
        what=f"no port of this computer has {sought}",
        found=f"ports of this computer: {_listed(list_ports.comports()) or 'none'}",
        hint="connect the board, or name its port with --port",
    )


def _listed(ports: Sequence[Any]) -> str:
    """Returns the ports with what tells them apart, e.g. "/dev/ttyACM0 (1366:1015, serial 683)"."""
    texts = []
    for port in sorted(ports, key=lambda port: str(port.device)):
        facts = [text for text in (_usb(port), f"serial {port.serial_number}") if "None" not in text and text]
        texts.append(f"{port.device} ({', '.join(facts)})" if facts else str(port.device))
    return ", ".join(texts)


def _usb(port: Any) -> str:
    return f"{port.vid:04x}:{port.pid:04x}" if port.vid is not None else ""
