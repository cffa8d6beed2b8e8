"""The line itself: absent, busy, silent, babbling, cut, and processes that fail."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
import tty

import pytest

from edgekit.errors import EnvironmentFailed, ExitStatus
from edgekit.hil.session import Session
from edgekit.hil.transport import Transport, fault_in
from tests.hil import toy_model
from tests.hil.proxy import FaultProxy


@pytest.fixture
def terminal():
    """(descriptor of the far end, path of the near one)."""
    far, near = os.openpty()
    tty.setraw(near)
    yield far, os.ttyname(near)
    for descriptor in (far, near):
        os.close(descriptor)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def fails(transport: Transport, text: str, within: float = 3.0) -> str:
    began = time.monotonic()
    with transport, pytest.raises(EnvironmentFailed, match=text) as caught:
        Session(transport, deadline=0.5)
    assert time.monotonic() - began < within
    assert caught.value.exit_status == ExitStatus.ENVIRONMENT_FAILED
    return str(caught.value)


def test_an_absent_port_is_named_with_the_ports_there_are():
    with pytest.raises(EnvironmentFailed, match="there is no such port") as caught:
        Transport.open("/dev/ttyNotThere")
    assert "ports of this computer" in str(caught.value)


def test_a_busy_port_is_named(terminal):
    with Transport.open(terminal[1]), pytest.raises(EnvironmentFailed, match="in use by another program"):
        Transport.open(terminal[1])


def test_a_port_that_is_no_port_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFailed, match="cannot be opened"):
        Transport.open(str(tmp_path / "file"))


def test_a_socket_that_nobody_listens_at_is_named():
    with pytest.raises(EnvironmentFailed, match="cannot be opened"):
        Transport.open("socket://127.0.0.1:1")


def test_a_silent_port_ends_at_the_deadline(terminal):
    assert "no byte was received" in fails(
        Transport.open(terminal[1]), "no answer to HelloRequest within 0.5 s"
    )


def test_nonsense_is_shown_in_hex(terminal):
    transport = Transport.open(terminal[1])
    os.write(terminal[0], b"Boot v1.2\r\n\0hello\0")
    assert b"Boot".hex(" ") in fails(transport, "pieces were no valid frame")


def test_endless_nonsense_ends_at_the_deadline():
    babble = python("import os\nwhile True: os.write(1, os.urandom(4096))")
    fails(Transport.spawn(babble), "no answer to HelloRequest")


def test_a_cut_cable_is_named_and_confirmed_results_stay(stateless_app):
    vectors = toy_model.vectors(500)
    kept: list[bytes] = []
    with FaultProxy([stateless_app]) as proxy, Session(Transport.open(proxy.path), deadline=5) as session:

        def cut_after_20(result):
            kept.append(result.outputs)
            if len(kept) == 20:
                threading.Thread(target=proxy.cut).start()

        with pytest.raises(EnvironmentFailed, match="the line was cut"):
            session.run(vectors, on_result=cut_after_20)
    assert 20 <= len(kept) < 500
    assert kept == toy_model.outputs(vectors[: len(kept)])


def test_a_program_that_is_not_there():
    with pytest.raises(EnvironmentFailed, match="cannot be started"):
        Transport.spawn(["/no/such/program"])


def test_a_process_that_ends_says_why():
    text = fails(Transport.spawn(python("import sys; sys.exit('no such machine')")), "the line was cut")
    assert "status 1" in text
    assert "no such machine" in text


def test_a_fault_in_plain_text_is_told():
    code = r"import sys; sys.stdout.write('\r\nEK FAULT HardFault pc=00001234\r\n')"
    fails(Transport.spawn(python(code)), "the board stopped: EK FAULT HardFault pc=00001234")


def test_a_fault_of_a_board_that_stays_on_the_line_is_told(terminal):
    transport = Transport.open(terminal[1])
    os.write(terminal[0], b"\r\nEK FAULT stack\r\n")
    fails(transport, "the board stopped: EK FAULT stack")


@pytest.mark.parametrize(
    ("received", "fault"),
    [
        (b"", ""),
        (b"xx\r\nEK FAULT bus 1\r\n\0", "EK FAULT bus 1"),
        (b"EK FAUL", ""),
        (b"EK FAULT", "EK FAULT"),
    ],
)
def test_fault_lines(received, fault):
    assert fault_in(received) == fault


def test_no_process_is_left():
    ignore = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    code = ignore + "print('up', flush=True); time.sleep(60)"
    transport = Transport.spawn(python(code))
    assert transport.read(5).startswith(b"up")
    pid = transport._process._process.pid
    transport.close()
    transport.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_end_that_takes_nothing_is_named():
    with (
        Transport.spawn(python("import time; time.sleep(60)"), deadline=0.3) as transport,
        pytest.raises(EnvironmentFailed, match="takes no more bytes"),
    ):
        for _ in range(1000):
            transport.write(bytes(4096))


def test_a_session_over_a_socket(stateless_app):
    """What a host without pseudo-terminals uses: the firmware behind a TCP port."""
    import subprocess

    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, subprocess.Popen([stateless_app], stdin=connection, stdout=connection):
                pass

        thread = threading.Thread(target=serve)
        thread.start()
        vectors = toy_model.vectors(20)
        url = f"socket://127.0.0.1:{server.getsockname()[1]}"
        with Session(Transport.open(url), deadline=5) as session:
            results = session.run(vectors)
        thread.join(5)
        assert not thread.is_alive()
    assert [result.outputs for result in results] == toy_model.outputs(vectors)


@pytest.fixture
def no_terminals(monkeypatch):
    def absent():
        raise AttributeError("module 'os' has no attribute 'openpty'")

    monkeypatch.setattr(os, "openpty", absent)


def test_where_there_are_no_pseudo_terminals_a_socket_stands_in(stateless_app, no_terminals):
    transport = Transport.spawn([stateless_app])
    assert transport.kind == "socket"
    with Session(transport, deadline=10) as session:
        results = session.run(toy_model.vectors(6))
        assert [result.outputs for result in results] == toy_model.outputs(toy_model.vectors(6))


def test_a_process_that_ends_behind_a_socket_is_named(no_terminals):
    text = fails(Transport.spawn(python("import sys; sys.exit('no such model')")), "cut|no answer")
    assert "ended with status 1" in text and "no such model" in text


def test_a_process_behind_a_socket_ends_with_its_transport(no_terminals):
    transport = Transport.spawn(python("import time; time.sleep(60)"))
    process = transport._process._process
    transport.close()
    assert process.poll() is not None
