"""The C side of the link against the Python side, under AddressSanitizer and UBSan."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit import paths
from edgekit.hil.frames import Decoder, Frame, encode

MAX_BODY = 12 + 1024
FLAGS = ["-std=c11", "-O1", "-g", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wconversion", "-Wshadow"]


class Peer:
    """The C side as a process that answers commands."""

    def __init__(self, program: Path) -> None:
        self.process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def command(self, *parts: int | bytes) -> None:
        assert self.process.stdin is not None
        for part in parts:
            raw = struct.pack("<I", part) if isinstance(part, int) else struct.pack("<I", len(part)) + part
            self.process.stdin.write(raw)
        self.process.stdin.flush()

    def number(self) -> int:
        assert self.process.stdout is not None
        raw = self.process.stdout.read(4)
        if len(raw) < 4:
            raise AssertionError(self.process.communicate()[1].decode())
        return int(struct.unpack("<I", raw)[0])

    def data(self) -> bytes:
        assert self.process.stdout is not None
        return self.process.stdout.read(self.number())

    def crc(self, data: bytes) -> int:
        self.command(ord("c"), data)
        return self.number()

    def encode(self, frame: Frame) -> bytes:
        self.command(ord("e"), frame.type, frame.sequence, frame.body)
        return self.data()

    def decode(self, data: bytes) -> tuple[list[Frame], int]:
        """Returns the frames found, and how many pieces were damaged."""
        self.command(ord("d"), data)
        frames, damaged = [], 0
        while event := self.number():
            if event == 1:
                frames.append(Frame(self.number(), self.number(), self.data()))
            else:
                damaged += 1
        return frames, damaged


@pytest.fixture(scope="module")
def peer(tmp_path_factory):
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    link = paths.share("firmware") / "link"
    program = tmp_path_factory.mktemp("link") / "peer"
    sources = [link / f"ek_{name}.c" for name in ("crc32", "cobs", "frame")]
    sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    here = Path(__file__).parent / "frame_peer.c"
    subprocess.run(["gcc", *FLAGS, *sanitizers, f"-I{link}", here, *sources, "-o", program], check=True)
    made = Peer(program)
    yield made
    made.process.kill()
    made.process.communicate()


frames = st.builds(
    Frame,
    st.integers(0, 255),
    st.integers(0, 65535),
    st.one_of(
        st.binary(max_size=600),
        st.integers(0, MAX_BODY).map(bytes),  # zeros only
        st.integers(0, MAX_BODY).map(lambda n: b"\x55" * n),  # no zero at all
        st.integers(240, 270).map(lambda n: b"\x01" * n + b"\0"),  # about the length of a block
    ),
)
garbage = st.one_of(
    st.binary(max_size=300), st.lists(st.sampled_from([0, 1, 2, 254, 255]), max_size=300).map(bytes)
)


@given(st.binary(max_size=2000))
def test_crc_is_that_of_zlib(peer, data):
    assert peer.crc(data) == zlib.crc32(data)


@given(frames)
def test_both_sides_write_the_same_bytes(peer, frame):
    assert peer.encode(frame) == encode(frame)


@given(frames)
def test_each_side_reads_what_the_other_wrote(peer, frame):
    assert peer.decode(encode(frame)) == ([frame], 0)
    assert Decoder().feed(peer.encode(frame)) == [frame]


@given(garbage, frames)
def test_after_any_garbage_the_next_frame_is_read(peer, noise, frame):
    assert peer.decode(noise + encode(frame))[0] == Decoder().feed(noise + encode(frame))
    assert peer.decode(encode(frame))[0] == [frame]


@given(frames, st.integers(0, 7), st.data())
def test_a_flipped_bit_never_gives_another_frame(peer, frame, bit, data):
    wire = bytearray(encode(frame))
    at = data.draw(st.integers(0, len(wire) - 1))
    wire[at] ^= 1 << bit
    found, _ = peer.decode(bytes(wire) + b"\0")
    assert found in ([], [frame])
    assert found == Decoder().feed(bytes(wire) + b"\0")


@given(frames, st.data())
def test_a_cut_frame_is_damaged(peer, frame, data):
    wire = encode(frame)
    kept = wire[: data.draw(st.integers(2, len(wire) - 2))]
    assert peer.decode(kept + b"\0") == ([], 1)


@settings(max_examples=20)
@given(st.integers(1053, 5000), st.integers(1, 255))
def test_more_bytes_than_a_frame_can_have_are_thrown_away(peer, count, value):
    assert peer.decode(bytes([value]) * count + b"\0") == ([], 1)


def test_a_body_beyond_the_bound_is_cut_and_never_overruns(peer):
    frame = Frame(1, 2, bytes(range(1, 256)) * 8)
    (found,) = Decoder().feed(peer.encode(frame))
    assert found.body == frame.body[:MAX_BODY]
