"""Frames on the wire: zero, COBS(type, sequence, body, CRC-32), zero (docs/wire-protocol.md).

COBS: Cheshire and Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Transactions on Networking
7(2), 1999. CRC-32: IEEE 802.3, as zlib computes it.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

DELIMITER = b"\0"
MAX_DATA = 32768  # most data bytes of a frame that the protocol allows
_HEADER = struct.Struct("<BH")
_CRC = struct.Struct("<I")
_FIELDS = 12  # run, number, offset
MAX_BODY = _FIELDS + MAX_DATA
_BLOCK = 254  # most bytes in a COBS block


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame whose CRC holds.

    Args:
        type: What the body is.
        sequence: 0 to 65535.
        body: At most `MAX_BODY` bytes.
    """

    type: int
    sequence: int
    body: bytes


def cobs_encode(data: bytes) -> bytes:
    """Returns `data` as bytes without zeros; at most one more in 254, and one."""
    out = bytearray()
    pieces = data.split(DELIMITER)
    for piece in pieces[:-1]:
        _append_run(out, piece, closed=True)
    _append_run(out, pieces[-1], closed=False)
    return bytes(out)


def _append_run(out: bytearray, run: bytes, closed: bool) -> None:
    """Appends a run without zeros, and the zero behind it where it is closed by one."""
    at = 0
    while len(run) - at > _BLOCK or (len(run) - at == _BLOCK and closed):
        out.append(_BLOCK + 1)
        out += run[at : at + _BLOCK]
        at += _BLOCK
    out.append(len(run) - at + 1)
    out += run[at:]


def cobs_decode(data: bytes) -> bytes | None:
    """Returns what `cobs_encode` was given, or None if `data` (without zeros) is no such encoding."""
    out = bytearray()
    at, zero = 0, False
    while at < len(data):
        code = data[at]
        end = at + code
        if code == 0 or end > len(data):
            return None
        if zero:
            out.append(0)
        out += data[at + 1 : end]
        zero = code <= _BLOCK
        at = end
    return bytes(out)


def encode(frame: Frame) -> bytes:
    """Returns the bytes of a frame as they go over the wire, delimiters included."""
    if len(frame.body) > MAX_BODY:
        raise ValueError(f"a body of {len(frame.body)} bytes; at most {MAX_BODY} are allowed")
    raw = _HEADER.pack(frame.type, frame.sequence) + frame.body
    return DELIMITER + cobs_encode(raw + _CRC.pack(zlib.crc32(raw))) + DELIMITER


def encoded_size(body: int) -> int:
    """Returns the most bytes that a frame with a body of so many bytes takes on the wire."""
    raw = _HEADER.size + body + _CRC.size
    return raw + raw // _BLOCK + 1 + 2 * len(DELIMITER)


def _parse(encoded: bytes) -> Frame | None:
    raw = cobs_decode(encoded)
    if raw is None or len(raw) < _HEADER.size + _CRC.size:
        return None
    payload, crc = raw[: -_CRC.size], raw[-_CRC.size :]
    if zlib.crc32(payload) != _CRC.unpack(crc)[0]:
        return None
    kind, sequence = _HEADER.unpack_from(payload)
    return Frame(kind, sequence, payload[_HEADER.size :])


_MAX_ENCODED = encoded_size(MAX_BODY)


@dataclass
class Decoder:
    """Finds frames in bytes as they come; keeps no more than one frame.

    Attributes:
        damaged: How many times something ended that is no frame.
    """

    damaged: int = 0
    _partial: bytearray = field(default_factory=bytearray, repr=False)
    _skipping: bool = False  # what came since the last zero is too long to be a frame

    def feed(self, data: bytes) -> list[Frame]:
        """Takes bytes and returns the frames that end in them.

        Args:
            data: Any number of bytes, cut anywhere.
        """
        *ended, rest = data.split(DELIMITER)
        frames = [frame for piece in ended if (frame := self._end(piece)) is not None]
        self._append(rest)
        return frames

    def _append(self, piece: bytes) -> None:
        if len(self._partial) + len(piece) > _MAX_ENCODED:
            self._skipping = True
            self._partial.clear()
        if not self._skipping:
            self._partial += piece

    def _end(self, piece: bytes) -> Frame | None:
        self._append(piece)
        encoded, skipped = bytes(self._partial), self._skipping
        self._partial.clear()
        self._skipping = False
        if not encoded and not skipped:
            return None
        frame = None if skipped else _parse(encoded)
        self.damaged += frame is None
        return frame
