"""Where a board departs: what each node writes, beside the PC reference and this computer's build."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit import console, reference
from edgekit.device.boards import Board
from edgekit.device.build import Built
from edgekit.errors import EnvironmentFailed
from edgekit.hil import run as hil
from edgekit.hil.messages import Result
from edgekit.hil.session import Session
from edgekit.hil.tracing import Tracing
from edgekit.manifest import Manifest, NodeInfo, NodeOutput, Numerics
from edgekit.pipeline import build
from edgekit.pipeline.causes import Facts, causes, differs
from edgekit.pipeline.departures import described
from edgekit.report.parts import Departure, Trace

_ROUNDING = 2  # steps by which the numerics profiles depart at most, given the same inputs
_OTHER: dict[Numerics, Numerics] = {"litert": "tflm", "tflm": "litert"}

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Case:
    """A run, and the vector of it that is traced.

    Args:
        folder: The export.
        board, target: What to run on, and how the user named it.
        port: Port of a real board, or "".
        exported: Manifest of the export.
        inputs: All vectors by name, [n, ...].
        packed: All inputs of each invocation as bytes.
        results: What the firmware that does not trace gave for them.
        per_vector: Elements of each that are not what the PC computes.
        timeout: Seconds without progress after which every wait ends.
        stack: Deepest stack that was measured, and how much there is, in words.
    """

    folder: Path
    board: Board
    target: str
    port: str
    exported: Manifest
    inputs: Arrays
    packed: Sequence[bytes]
    results: Sequence[Result]
    per_vector: NDArray[np.int64]
    timeout: float
    stack: str = ""

    @property
    def differs(self) -> bool:
        """Whether an element of any vector differs."""
        return bool(self.per_vector.any())

    @property
    def vector(self) -> int:
        """The first vector that differs, else the first."""
        return int(np.argmax(self.per_vector > 0))

    @property
    def numbers(self) -> range:
        """Vectors that must be run to compute this one: all before it, where the model has state."""
        return range(0 if self.exported.stateful else self.vector, self.vector + 1)


def trace(case: Case) -> Trace:
    """Computes a vector on firmware that tells what each node writes, and finds the first that departs.

    Args:
        case: The vector and where to run it.

    Raises:
        EnvironmentFailed: Build, board or link failed.
    """
    built = build.make(case.folder, case.target, trace=True)
    with (
        hil.connect(built, case.board, port=case.port or None, deadline=case.timeout) as session,
        console.status(f"Tracing vector {case.vector} on {case.board.key}"),
    ):
        return _Comparison(case, built, session).run()


@dataclass
class _Witness:
    """The export built for this computer, where that is possible."""

    tracing: Tracing | None
    written: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 2), np.int64))


class _Comparison:
    def __init__(self, case: Case, built: Built, session: Session) -> None:
        self.case, self.built = case, built
        self.packed = [case.packed[number] for number in case.numbers]
        self.board = session.tracing(self.packed)
        self.numerics = case.exported.numerics
        self._host: _Witness | None = None
        self._sessions: list[Session] = []

    def run(self) -> Trace:
        try:
            return self._run()
        finally:
            for session in self._sessions:
                session.__exit__(None, None, None)

    def _run(self) -> Trace:
        result, written = self.board.nodes()
        tensors = self._tensors(self.numerics)
        reproduced = result.outputs == self.case.results[self.case.vector].outputs
        agreed, by_host, skipped = 0, 0, 0
        for node in self.case.exported.nodes:
            if node.index >= len(written) or not written[node.index, 0]:
                continue  # it has no code
            expected = _expected(node, tensors, int(written[node.index, 0]))
            if expected is None:
                host = self._by_host(node)
                skipped, by_host = skipped + (host is None), by_host + (host is not None)
                if host is None:
                    continue
                same = bool((host.written[node.index] == written[node.index]).all())
                expected = b"" if same or host.tracing is None else host.tracing.node(node.index)
            else:
                same = zlib.crc32(expected) == written[node.index, 1]
            if not same:
                got = self.board.node(node.index)
                departure, why = self._departure(node, expected, got, tensors, agreed + skipped == 0)
                if departure is not None:
                    return self._trace(agreed, by_host, skipped, reproduced, departure, why)
            agreed += 1
        return self._trace(agreed, by_host, skipped, reproduced, None, self._elsewhere(reproduced))

    def _trace(
        self,
        agreed: int,
        by_host: int,
        skipped: int,
        reproduced: bool,
        departure: Departure | None,
        why: list[str],
    ) -> Trace:
        return Trace(
            vector=self.case.vector,
            agreed=agreed,
            by_host=by_host,
            skipped=skipped,
            reproduced=reproduced,
            departure=departure,
            causes=why,
        )

    def _elsewhere(self, reproduced: bool) -> list[str]:
        """Returns what explains outputs that differ although no node departs."""
        if not self.case.differs:
            return []
        if not reproduced:
            return [
                "firmware that traces gives other outputs for this vector, so they depend on time or on "
                "where things lie in memory: uninitialised or overwritten memory, a stack that is too small"
            ]
        return ["what nodes write is right, and is overwritten afterwards: stack overflow, an interrupt, DMA"]

    def _tensors(self, numerics: Numerics) -> dict[int, NDArray[Any]]:
        """Returns every tensor of the model after this vector, as the PC computes it, by number."""
        case = self.case
        found = reference.run(
            (case.folder / case.exported.model.file).read_bytes(),
            {name: values[case.numbers.start : case.numbers.stop] for name, values in case.inputs.items()},
            numerics,
            state="carried",
            tensors="last",
            input_names=[tensor.name for tensor in case.exported.inputs],
        )
        return {number: values[-1] for number, values in found.tensors.items()}

    def _host_build(self) -> _Witness:
        """Builds and runs the same export on this computer, once."""
        if self._host is None:
            try:
                built = build.witness(self.case.folder)
                session = hil.connect(built, built.board, deadline=self.case.timeout)
                self._sessions.append(session)
                tracing = session.tracing(self.packed)
                self._host = _Witness(tracing, tracing.nodes()[1])
            except EnvironmentFailed as error:
                console.warn(f"not compared with this computer's build of the export: {error}")
                self._host = _Witness(None)
        return self._host

    def _by_host(self, node: NodeInfo) -> _Witness | None:
        """Returns the host's build where it can tell about a node."""
        if self.case.board.is_host:
            return None  # it would be compared with itself
        host = self._host_build()
        return host if host.tracing is not None and node.index < len(host.written) else None

    def _departure(
        self, node: NodeInfo, expected: bytes, got: bytes, tensors: Mapping[int, NDArray[Any]], first: bool
    ) -> tuple[Departure | None, list[str]]:
        """Returns in which tensor a node departs, and why; None where only bits of a NaN differ."""
        at = 0
        for output in node.outputs:
            size = _bytes(output)
            pair = [
                np.frombuffer(values[at : at + size], np.dtype(output.dtype).newbyteorder("<"))
                for values in (expected, got)
            ]
            at += size
            if not differs(pair[1], pair[0]).any():
                continue
            known = output.tensor is not None and output.tensor in tensors
            facts = Facts(
                node=node,
                output=output,
                expected=pair[0],
                got=pair[1],
                first=first,
                host=self._host_says(node, expected, got),
                other_numerics=self._other(output, *pair) if known else "",
                features=self.case.exported.features,
                edited=self.built.edited,
                stack=self.case.stack,
            )
            found = described(
                pair[0], pair[1], len(facts.channels), node.index, node.op, node.name, output,
                "reference" if known else "host build",
            )  # fmt: skip
            return found, causes(facts)
        return None, []

    def _host_says(self, node: NodeInfo, expected: bytes, got: bytes) -> str:
        if self.case.board.is_host:
            return "board"
        host = self._by_host(node)
        if host is None:
            return ""
        crc = int(host.written[node.index, 1])
        return "board" if crc == zlib.crc32(got) else "PC" if crc == zlib.crc32(expected) else ""

    def _other(self, output: NodeOutput, expected: NDArray[Any], got: NDArray[Any]) -> str:
        """Returns the other numerics profile where that is what was computed, else ""."""
        far = np.abs(got.astype(np.float64) - expected.astype(np.float64)) > _ROUNDING
        if expected.dtype.kind not in "iu" or far.any():
            return ""
        other = _OTHER[self.numerics]
        try:
            found = self._tensors(other).get(-1 if output.tensor is None else output.tensor)
        except EnvironmentFailed:
            return ""  # it is not installed, or does not run this model
        if found is None or found.size != got.size or found.dtype != got.dtype:
            return ""
        return "" if differs(got, found.reshape(-1)).any() else other


def _bytes(output: NodeOutput) -> int:
    return int(np.prod(output.shape, dtype=np.int64)) * np.dtype(output.dtype).itemsize


def _expected(node: NodeInfo, tensors: Mapping[int, NDArray[Any]], size: int) -> bytes | None:
    """Returns what the PC computes for a node, or None where the model file has no such tensors."""
    found = b""
    for output in node.outputs:
        values = None if output.tensor is None else tensors.get(output.tensor)
        if values is None or values.nbytes != _bytes(output) or values.dtype != np.dtype(output.dtype):
            return None
        found += values.astype(values.dtype.newbyteorder("<")).tobytes()
    return found if len(found) == size else None
