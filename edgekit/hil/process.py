"""A process that stands in for a board: started, listened to, ended; by a socket where need be."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress

from edgekit.errors import EnvironmentFailed

_MAX_STDERR = 8192  # bytes of a process's messages that are kept, from the end
_GRACE_SECONDS = 2.0  # between asking a process to end and killing it


class Process:
    """A process group that ends with the transport; the end of its stderr is kept.

    Args:
        argv: Program and arguments.
        name: For messages.
        terminal: Descriptor of its standard input and output; None for pipes.

    Raises:
        EnvironmentFailed: It cannot be started.
    """

    def __init__(self, argv: Sequence[str], name: str, terminal: int | None = None) -> None:
        line = subprocess.PIPE if terminal is None else terminal
        try:
            self._process = subprocess.Popen(
                argv, stdin=line, stdout=line, stderr=subprocess.PIPE, start_new_session=True, bufsize=0
            )
        except OSError as error:
            raise EnvironmentFailed(
                where=name, what=f"cannot be started: {error.strerror or error}", expected=argv[0]
            ) from error
        self._stderr = b""
        self._listener = threading.Thread(target=self._listen, name=f"stderr {name}", daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stderr is not None  # it was asked for
        with self._process.stderr as stream:
            while data := os.read(stream.fileno(), 4096):
                self._stderr = (self._stderr + data)[-_MAX_STDERR:]

    def end(self) -> None:
        """Ends the whole group and waits for it."""
        for kind in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
            with suppress(ProcessLookupError, PermissionError):
                if hasattr(os, "killpg"):
                    os.killpg(self._process.pid, kind)
                else:
                    self._process.kill()
            try:
                self._process.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            break
        self._listener.join(timeout=_GRACE_SECONDS)

    def ending(self) -> str:
        """Returns how the process ended, if it did, and the last it said."""
        text = ""
        with suppress(subprocess.TimeoutExpired):
            status = self._process.wait(0.2)
            text = (
                f"; the process ended with status {status}" if status >= 0 else f"; ended by signal {-status}"
            )
            self._listener.join(timeout=0.2)
        said = self._stderr.decode(errors="replace").strip()
        return text + (f"; it said: {said[-600:]}" if said else "")

    def give(self, data: bytes) -> None:
        """Writes to its standard input, which is a pipe."""
        assert self._process.stdin is not None
        while data:
            data = data[self._process.stdin.write(data) :]

    def take(self) -> bytes:
        """Returns what it has written to its standard output, a pipe; b"" at the end."""
        assert self._process.stdout is not None
        return os.read(self._process.stdout.fileno(), 65536)


def relayed(process: Process) -> str:
    """Offers a process's pipes on a socket of this computer, to one client; returns its `socket://` name."""
    server = socket.create_server(("127.0.0.1", 0), backlog=1)

    def serve() -> None:
        with server:
            client, _ = server.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_pass_down, args=(client, process), daemon=True).start()
        with suppress(OSError), client:
            while data := process.take():
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)

    threading.Thread(target=serve, name="relay", daemon=True).start()
    return f"socket://127.0.0.1:{server.getsockname()[1]}"


def _pass_down(client: socket.socket, process: Process) -> None:
    with suppress(OSError):
        while data := client.recv(65536):
            process.give(data)
