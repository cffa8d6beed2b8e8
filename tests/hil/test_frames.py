"""Frames: what goes in comes out, whatever the line does in between."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.hil.frames import MAX_BODY, Decoder, Frame, cobs_decode, cobs_encode, encode, encoded_size

bodies = st.one_of(st.binary(max_size=1100), st.lists(st.sampled_from([0, 1, 255]), max_size=1100).map(bytes))
frames = st.builds(Frame, st.integers(0, 255), st.integers(0, 65535), bodies)


@pytest.mark.parametrize(
    ("data", "encoded"),
    [  # the examples of the COBS paper and of its edge cases
        (b"", "01"),
        (b"\0", "01 01"),
        (b"\0\0", "01 01 01"),
        (b"\x11\x22\0\x33", "03 11 22 02 33"),
        (b"\x11\0\0\0", "02 11 01 01 01"),
        (bytes(range(1, 255)), "ff " + bytes(range(1, 255)).hex(" ")),
        (bytes(range(255)), "01 ff " + bytes(range(1, 255)).hex(" ")),
        (bytes(range(1, 256)), "ff " + bytes(range(1, 255)).hex(" ") + " 02 ff"),
    ],
)
def test_cobs_examples(data, encoded):
    assert cobs_encode(data) == bytes.fromhex(encoded)


@given(bodies)
def test_cobs_has_no_zero_and_little_overhead_and_is_undone(data):
    encoded = cobs_encode(data)
    assert 0 not in encoded
    assert len(encoded) <= len(data) + len(data) // 254 + 1
    assert cobs_decode(encoded) == data


@given(st.binary(max_size=300).map(lambda data: data.replace(b"\0", b"\1")))
def test_cobs_decoding_holds_for_any_bytes(data):
    decoded = cobs_decode(data)
    assert decoded is None or len(decoded) <= len(data)


@given(st.lists(frames, max_size=4), st.lists(st.integers(1, 50), min_size=1, max_size=8))
def test_frames_survive_any_chunking(sent, sizes):
    wire = b"".join(map(encode, sent))
    decoder = Decoder()
    found, at, k = [], 0, 0
    while at < len(wire):
        size = sizes[k % len(sizes)]
        found += decoder.feed(wire[at : at + size])
        at, k = at + size, k + 1
    assert found == sent
    assert decoder.damaged == 0


@given(frames, st.binary(min_size=1, max_size=40), st.data())
def test_inserted_bytes_never_give_another_frame(frame, noise, data):
    wire = encode(frame)
    at = data.draw(st.integers(1, len(wire) - 1))
    found = Decoder().feed(wire[:at] + noise + wire[at:])
    assert all(each == frame for each in found)


def test_a_line_without_zeros_takes_no_memory():
    decoder = Decoder()
    for _ in range(100):
        assert decoder.feed(b"\x55" * 4096) == []
    assert len(decoder._partial) <= encoded_size(MAX_BODY)
    assert decoder.feed(b"\0") == []
    assert decoder.damaged == 1
    assert decoder.feed(encode(Frame(1, 2, b"x"))) == [Frame(1, 2, b"x")]


def test_overhead_is_at_most_3_percent_of_1_kib():
    assert encoded_size(12 + 1024) - 1024 <= 0.03 * 1024


def test_too_large_a_body_is_refused():
    with pytest.raises(ValueError, match="at most 32780"):
        encode(Frame(1, 1, bytes(MAX_BODY + 1)))
