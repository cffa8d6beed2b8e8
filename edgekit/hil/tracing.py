"""What the nodes of a model write on a board: a checksum of each, and one of them in full."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import EnvironmentFailed
from edgekit.hil.link import Link
from edgekit.hil.messages import (
    MAX_TENSOR_BYTES,
    NO_NUMBER,
    Result,
    TracedPiece,
    TracePart,
    TraceRequest,
    Watched,
    WatchRequest,
)

_TRIES = 8  # that bring nothing new


class Run(Protocol):
    """`Session.run`, as it is used here."""

    def __call__(
        self, vectors: Sequence[bytes], *, pipelined: bool = ..., on_piece: OnPiece = ...
    ) -> list[Result]:
        """Runs vectors in order and returns all their results."""


class OnPiece(Protocol):
    """Takes a piece of a watched node and says whether it brought something new."""

    def __call__(self, piece: TracedPiece, /) -> bool:
        """Takes the piece."""


class Tracing:
    """The last of some vectors, computed on firmware that traces; again with every question.

    Args:
        link: To the board.
        run: Runs vectors over it.
        vectors: All inputs of each invocation as bytes.
    """

    def __init__(self, link: Link, run: Run, vectors: Sequence[bytes]) -> None:
        self._link, self._run, self._vectors = link, run, vectors

    def supported(self) -> None:
        """Checks that the firmware traces.

        Raises:
            Refused: It does not.
        """
        self._link.request(TraceRequest(0), TracePart)

    def nodes(self) -> tuple[Result, NDArray[np.int64]]:
        """Returns the result of the last vector, and what each node wrote for it.

        Returns:
            Bytes and CRC-32, int64 [nodes, 2], by number of the node; 0, 0 for a node without code.

        Raises:
            Refused: The firmware does not trace.
            EnvironmentFailed: The board fails, or contradicts itself.
        """
        self.supported()
        for _ in range(_TRIES):
            result = self._run(self._vectors, pipelined=False)[-1]
            written = self._written()
            if written is not None:
                return result, written
        raise self._failed("the board does not keep what its nodes wrote: it is started again and again")

    def node(self, number: int) -> bytes:
        """Returns all that one node writes for the last vector; its checksum is checked.

        Args:
            number: Of the node.

        Raises:
            EnvironmentFailed: The board fails, or what it sends is not what it computed.
        """
        found, failures = _Pieces(number, len(self._vectors) - 1), 0
        while failures < _TRIES:
            self._link.request(WatchRequest(len(self._vectors) - 1, number), Watched)
            before = found.bytes
            self._run(self._vectors, pipelined=False, on_piece=found.add)
            written = self._written()
            self._link.request(WatchRequest(NO_NUMBER, NO_NUMBER), Watched)
            size, crc = (-1, 0) if written is None else map(int, written[number])
            if found.bytes == size and zlib.crc32(found.whole()) == crc:
                return found.whole()
            if found.bytes == size:  # it computes something else each time
                found, failures = _Pieces(number, len(self._vectors) - 1), failures + 1
            elif found.bytes == before:
                failures += 1
        raise self._failed(f"what node {number} writes does not come whole, or is another each time")

    def _written(self) -> NDArray[np.int64] | None:
        """Returns bytes and checksums of all nodes; None where they are not those of the last vector."""
        last = len(self._vectors) - 1
        found = np.zeros((0, 2), np.int64)
        while True:
            part = self._link.request(TraceRequest(len(found)), TracePart)
            if part.number != last:
                return None
            pairs = np.frombuffer(part.data[: len(part.data) // 8 * 8], "<u4").astype(np.int64)
            found = np.concatenate([found, pairs.reshape(-1, 2)])
            if not len(pairs) or len(found) > part.nodes:
                raise self._failed("the board contradicts itself about its number of nodes")
            if len(found) == part.nodes:
                return found

    def _failed(self, what: str) -> EnvironmentFailed:
        return EnvironmentFailed(
            where=self._link.transport.name,
            what=what,
            hint="is the supply sound, and is memory overwritten or used before it is written?",
        )


class _Pieces:
    """Bytes of one node from their pieces, in whatever order they come; some may come in a later run."""

    def __init__(self, node: int, number: int) -> None:
        self._node, self._number = node, number
        self._found: dict[int, bytes] = {}
        self.bytes = 0

    def add(self, piece: TracedPiece) -> bool:
        """Takes a piece; a run cuts what a node writes in the same places as every other run."""
        known = piece.offset in self._found
        if (piece.node, piece.number) != (self._node, self._number) or known or not piece.data:
            return False
        if piece.offset + len(piece.data) > MAX_TENSOR_BYTES:
            return False
        self._found[piece.offset] = piece.data
        self.bytes += len(piece.data)
        return True

    def whole(self) -> bytes:
        """Returns the pieces, one behind the other."""
        return b"".join(self._found[offset] for offset in sorted(self._found))
