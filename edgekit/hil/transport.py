"""One class for every serial line: a real port, `socket://`, and a process behind a pseudo-terminal."""

from __future__ import annotations

import errno
import os
import select
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import serial
from serial.tools import list_ports

from edgekit.errors import EnvironmentFailed
from edgekit.hil.process import Process, relayed

_MAX_WAITING = 16 << 20  # received bytes that are kept until they are read
_POLL_SECONDS = 0.1
TAIL = 256  # received bytes that are kept for messages


class Transport:
    """Bytes to and from a board. Make one with `open` or `spawn`, and use it as a context manager.

    A thread reads all the time, so that neither end can block the other by writing.

    Attributes:
        name: The port or program, for messages.
        kind: "serial", "socket" or "pty".
        baud: Bits per second where they mean something, else None.
        sent, received: Bytes so far.
        tail: The last bytes received.
    """

    def __init__(self, port: Any, name: str, kind: str, baud: int | None, process: Process | None) -> None:
        self.name, self.kind, self.baud = name, kind, baud
        self.sent = self.received = 0
        self.tail = b""
        self._port, self._process = port, process
        self._waiting = bytearray()
        self._changed = threading.Condition()
        self._ended = ""  # why no more bytes will come
        self._closing = False
        self._reader = threading.Thread(target=self._read_on, name=f"read {name}", daemon=True)
        self._reader.start()

    @classmethod
    def open(cls, port: str, baud: int = 115200, *, deadline: float = 10.0) -> Transport:
        """Opens a port.

        Args:
            port: A device such as /dev/ttyACM0 or COM3, or `socket://host:port`.
            baud: Bits per second of a real port.
            deadline: Seconds within which every write must end.

        Raises:
            EnvironmentFailed: The port is absent, busy or not permitted.
        """
        kind = "socket" if port.startswith("socket://") else "serial"
        return cls(_open(port, baud, deadline), port, kind, baud if kind == "serial" else None, None)

    @classmethod
    def spawn(cls, argv: Sequence[str], *, name: str = "", deadline: float = 10.0) -> Transport:
        """Starts a process whose standard input and output are one end of a pseudo-terminal.

        Where there are none (Windows), a socket on this computer stands in.

        Args:
            argv: Program and arguments.
            name: For messages; default the program.
            deadline: Seconds within which every write must end.

        Raises:
            EnvironmentFailed: The process cannot be started.
        """
        name = name or os.path.basename(argv[0])  # noqa: PTH119 (a name, which need not be a path)
        try:
            import tty

            near, far = os.openpty()
            tty.setraw(far)
        except (OSError, AttributeError, ImportError):  # Windows has none
            return cls._over_socket(argv, name, deadline)
        terminal = _Terminal(near, deadline)
        try:
            process = Process(argv, name, far)
        except BaseException:
            terminal.close()
            raise
        finally:
            os.close(far)
        return cls(terminal, name, "pty", None, process)

    @classmethod
    def _over_socket(cls, argv: Sequence[str], name: str, deadline: float) -> Transport:
        process = Process(argv, name)
        try:
            return cls(_open(relayed(process), 0, deadline), name, "socket", None, process)
        except BaseException:
            process.end()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the process group, if any, and closes the port; may be called twice."""
        self._closing = True
        if self._process is not None:
            self._process.end()
        self._reader.join(timeout=10 * _POLL_SECONDS)
        with suppress(serial.SerialException, OSError):
            self._port.close()

    def read(self, seconds: float) -> bytes:
        """Returns the bytes that have come; b"" if none come within so many seconds.

        Raises:
            EnvironmentFailed: The other end is gone and all it sent was read.
        """
        until = time.monotonic() + seconds
        with self._changed:
            while not self._waiting:
                if self._ended:
                    raise self.failed(self._ended)
                left = until - time.monotonic()
                if left <= 0:
                    return b""
                self._changed.wait(left)
            data = bytes(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
        self.received += len(data)
        self.tail = (self.tail + data)[-TAIL:]
        return data

    def write(self, data: bytes) -> None:
        """Sends bytes.

        Raises:
            EnvironmentFailed: The other end is gone, or takes nothing within the deadline.
        """
        try:
            self._port.write(data)
        except serial.SerialTimeoutException as error:
            raise self.failed("takes no more bytes") from error
        except (serial.SerialException, OSError) as error:
            raise self.failed(f"the line was cut: {_plain(error)}") from error
        self.sent += len(data)

    def failed(self, what: str, *, expected: str = "", hint: str = "") -> EnvironmentFailed:
        """Returns the error `what` with all that is known: last bytes received, the process's end."""
        found = _hex(self.tail, self.received)
        if self._process is not None:
            found += self._process.ending()
        fault = fault_in(self.tail)
        if fault:
            what = f"the board stopped: {fault}"
        return EnvironmentFailed(where=self.name, what=what, expected=expected, found=found, hint=hint)

    def _read_on(self) -> None:
        ended = ""
        while not self._closing and not ended:
            data = b""
            try:
                data = self._read_some()
            except Exception as error:  # pyserial raises TypeError and others when a port goes away
                ended = f"the line was cut: {_plain(error)}"
            with self._changed:
                self._waiting += data
                self._ended = ended
                if data or ended:
                    self._changed.notify_all()
                while len(self._waiting) > _MAX_WAITING and not self._closing:
                    self._changed.wait(_POLL_SECONDS)

    def _read_some(self) -> bytes:
        if os.name == "posix" or self.kind == "socket":
            ready, _, _ = select.select([self._port.fileno()], [], [], _POLL_SECONDS)
            if not ready:
                return b""
            return bytes(self._port.read(65536))
        self._port.timeout = _POLL_SECONDS
        return bytes(self._port.read(1)) + bytes(self._port.read(self._port.in_waiting))


class _Terminal:
    """The near end of a pseudo-terminal, with the few methods of a pyserial port that are used."""

    def __init__(self, descriptor: int, deadline: float) -> None:
        self._descriptor, self._deadline = descriptor, deadline
        os.set_blocking(descriptor, False)

    def fileno(self) -> int:
        return self._descriptor

    def read(self, size: int) -> bytes:
        return os.read(self._descriptor, size)

    def write(self, data: bytes) -> None:
        until = time.monotonic() + self._deadline
        while data:
            left = max(0.0, until - time.monotonic())
            if not select.select([], [self._descriptor], [], left)[1]:
                raise serial.SerialTimeoutException("write timeout")
            data = data[os.write(self._descriptor, data) :]

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def fault_in(received: bytes) -> str:
    """Returns the line by which a port reports a fault in plain text, or ""."""
    at = received.rfind(b"EK FAULT")
    if at < 0:
        return ""
    line = received[at:].split(b"\r")[0].split(b"\n")[0]
    return line.decode("ascii", errors="replace")[:120]


def _open(port: str, baud: int, deadline: float) -> Any:
    try:
        opened = serial.serial_for_url(port, do_not_open=True, baudrate=baud)
        opened.timeout = 0
        opened.write_timeout = deadline
        if not port.startswith("socket://"):
            opened.exclusive = True
        opened.open()
    except (serial.SerialException, OSError, ValueError) as error:
        raise _not_opened(port, error) from error
    return opened


def _not_opened(port: str, error: Exception) -> EnvironmentFailed:
    number = getattr(error, "errno", None)
    text = str(error)
    if number in (errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK) or "exclusively lock" in text:
        return EnvironmentFailed(
            where=port, what="is in use by another program", hint="close the serial monitor that holds it"
        )
    if number in (errno.EACCES, errno.EPERM):
        return EnvironmentFailed(
            where=port,
            what="may not be opened by this user",
            hint="sudo usermod -aG dialout $USER, then log in again",
        )
    known = sorted(found.device for found in list_ports.comports())
    missing = number == errno.ENOENT
    return EnvironmentFailed(
        where=port,
        what="there is no such port" if missing else f"cannot be opened: {_plain(error)}",
        found=f"ports of this computer: {', '.join(known) or 'none'}",
        hint="connect the board, or name its port with --port",
    )


def _plain(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__)


def _hex(tail: bytes, total: int) -> str:
    if not total:
        return "no byte was received"
    shown = tail[-64:]
    return f"{total} bytes were received, the last {len(shown)}: {shown.hex(' ')}"
