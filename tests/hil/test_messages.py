"""Messages: each is read as it was written, and anything else is refused by name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.hil import messages as m

HELLO = m.Hello(
    protocol=1, flags=3, model_status=0, inputs=1, outputs=1, max_data=1024, result_slots=2,
    receive_bytes=4096,
    input_bytes=800, output_bytes=4, arena_bytes=8448, timer_hz=0, timer_resolution=1, preproc_rate_hz=360.0,
    preproc_channels=1, preproc_frame_samples=800, preproc_hop_samples=100, preproc_state_bytes=4000,
    sha256="ab" * 32, name="ecg", engine="aot", edgekit="0.1", board="host", timer_unit="ns",
)  # fmt: skip


@pytest.mark.parametrize(
    "message",
    [
        m.HelloRequest(), m.TensorRequest(1, 2), m.Reset(1, 2, 0, 0), m.Vector(1, 2, 3, b"abc"),
        m.Signal(1, 2, 3, b"abcd"), m.Fetch(1, 2, 3), m.InfoRequest(), m.Ack(1, 2, 3, 4),
        m.ResultPart(1, 2, 3, b""), m.Info(1, 2, 3, 4, 5, 6, 7), m.BoardError(5, 9), HELLO,
        m.TensorFacts("int8", 0.5, -3, (1, 800, 1), "input"),
        m.TraceRequest(3), m.TracePart(5, 2, b"12345678"), m.WatchRequest(1, 2), m.Watched(1, 2),
        m.TracedPiece(4, 3, 2, b"1"),
    ],
)  # fmt: skip
def test_a_message_is_read_as_it_was_written(message):
    assert type(message).unpack(message.pack()) == message


@given(
    st.sampled_from([m.Hello, m.TensorFacts, m.Ack, m.ResultPart, m.Info, m.BoardError, m.TracePart]),
    st.binary(max_size=300),
)
def test_any_body_is_read_or_refused(kind, body):
    try:
        kind.unpack(body)
    except m.WireError as error:
        assert str(error)


def test_a_board_of_another_protocol_is_named():
    with pytest.raises(m.WireError, match="version 2, edgekit speaks 1"):
        m.Hello.unpack(replace(HELLO, protocol=2).pack())


@pytest.mark.parametrize(
    ("field", "value"),
    [("max_data", 16), ("max_data", 1023), ("result_slots", 0), ("inputs", 0), ("input_bytes", 0)],
)
def test_a_hello_out_of_bounds_is_refused(field, value):
    with pytest.raises(m.WireError, match=f"{field} is {value}; expected"):
        m.Hello.unpack(replace(HELLO, **{field: value}).pack())


def test_a_hello_without_its_last_fields_is_that_of_older_firmware():
    assert m.Hello.unpack(replace(HELLO, frame_bytes=76800, boxes_bytes=396).pack()).frame_bytes == 76800
    assert m.Hello.unpack(HELLO.pack()[:-8]) == HELLO
    with pytest.raises(m.WireError, match="boxes_bytes"):
        m.Hello.unpack(replace(HELLO, boxes_bytes=1 << 30).pack())


def test_a_tensor_beyond_any_board_is_refused():
    with pytest.raises(m.WireError, match="bytes"):
        m.TensorFacts.unpack(m.TensorFacts("int32", 0.0, 0, (1 << 16, 1 << 16), "t").pack())


def test_text_from_the_board_is_made_printable():
    assert m.Hello.unpack(HELLO.pack().replace(b"ecg", b"e\x1b\xff")).name == "e??"


def test_an_unknown_error_code_keeps_its_number():
    assert m.BoardError(99, 0).name == "code 99"
    assert m.BoardError(5, 0).name == "NO_RUN"


def test_a_result_is_read_from_its_record():
    result = m.Result(7, 0, 1, 1 << 40, 2, b"out!", b"in")
    assert m.Result.unpack(7, result.pack(), 4) == result
