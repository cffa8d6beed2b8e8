"""Vectors through a built firmware on its board, with every fact that the record of a run needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from edgekit.device import emulator
from edgekit.device.boards import Board
from edgekit.device.build import Built
from edgekit.errors import EnvironmentFailed, InputError, Problem
from edgekit.hil import ports
from edgekit.hil.messages import Hello, Info, Result, TensorFacts
from edgekit.hil.session import Session
from edgekit.hil.transport import Transport
from edgekit.manifest import Manifest, TensorInfo

Arrays = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """The serial line of a run.

    Args:
        transport: "pty", "socket" or the port's name.
        baud: Bits per second of a real port, else None.
        bytes: Sent and received.
        seconds: From the first byte to the last.
        retries: How often something was asked for or sent again.
        damaged: Frames that came damaged from the board.
        restarts: How often the board was found to have been started again.
    """

    transport: str
    baud: int | None
    bytes: int
    seconds: float
    retries: int
    damaged: int
    restarts: int


@dataclass(frozen=True, slots=True)
class HilRun:
    """What a board computed.

    Args:
        hello: What it said of itself.
        outputs: By name, [n, ...] of the tensor's dtype.
        ticks: Time of `_invoke` per vector, int64 [n], in `hello.timer_unit`.
        results: As they came, by number.
        info: Its counts at the end.
        link: The serial line.
    """

    hello: Hello
    outputs: dict[str, NDArray[np.generic]]
    ticks: NDArray[np.int64]
    results: list[Result]
    info: Info
    link: LinkFacts


@dataclass(frozen=True, slots=True)
class SignalOutcome:
    """What a board made of a raw signal.

    Args:
        frames: The model's input per frame, [k, ...] of its dtype.
        outputs: By name, [k, ...] of the tensor's dtype.
        ticks: Time of `_invoke` per frame, int64 [k].
        preproc_ticks: Time of the preprocessing since the frame before, int64 [k].
        nonfinite: Samples that were not finite.
        stack: Deepest stack of the preprocessing in bytes; 0 where it is not measured.
    """

    frames: NDArray[np.generic]
    outputs: dict[str, NDArray[np.generic]]
    ticks: NDArray[np.int64]
    preproc_ticks: NDArray[np.int64]
    nonfinite: int
    stack: int


def connect(built: Built, board: Board, *, port: str | None = None, deadline: float = 30.0) -> Session:
    """Starts the stand-in of an emulated board, or opens the port of a real one, and says hello.

    Args:
        built: The firmware; its model's hash must be the one that the board holds.
        board: What it was built for.
        port: Port of the board, or "serial:NUMBER"; None starts the host process or QEMU, and looks for the
            port of a real board.
        deadline: Seconds without progress after which every wait ends.

    Returns:
        A session; use it as a context manager.

    Raises:
        InputError: A real board without USB ids, and no port.
        EnvironmentFailed: Port, emulator or firmware fail, or the firmware holds another model.
    """
    port = ports.resolve(board, port)
    transport = (
        Transport.open(port, board.console.baud, deadline=deadline)
        if port is not None
        else Transport.spawn(emulator.argv(board, built.elf), name=board.key, deadline=deadline)
    )
    try:
        session = Session(transport, deadline=deadline)
        session.expect(built.manifest.model.sha256, built.manifest.name)
        _check_tensors(built.manifest, session)
    except BaseException:
        transport.close()
        raise
    return session


def run(
    exported: Manifest,
    built: Built,
    board: Board,
    vectors: Arrays,
    *,
    port: str | None = None,
    deadline: float = 30.0,
    have: Mapping[int, Result] | None = None,
    on_result: Callable[[Result], None] = lambda result: None,
    pipelined: bool = True,
) -> HilRun:
    """Runs vectors on a board.

    Args:
        exported: The manifest of the export.
        built: The firmware.
        board: What it was built for.
        vectors: By input name, [n, ...] of the tensor's dtype.
        port: Port of the board; None starts the host process or QEMU.
        deadline: Seconds without progress after which every wait ends.
        have: Results that an earlier run confirmed.
        on_result: Called with each new result, in order, as soon as it is there.
        pipelined: See `Session.run`.

    Raises:
        InputError: The vectors do not fit the model.
        EnvironmentFailed: Nothing was proved: board, link or firmware failed.
    """
    packed = pack_inputs(exported.inputs, vectors)
    with connect(built, board, port=port, deadline=deadline) as session:
        results = session.run(packed, have=have, on_result=on_result, pipelined=pipelined)
        return outcome(session, results)


def outcome(session: Session, results: Sequence[Result]) -> HilRun:
    """Returns the results of a session with the facts around them."""
    info = session.info()
    transport = session.transport
    link = LinkFacts(
        transport=transport.kind if transport.kind != "serial" else transport.name,
        baud=transport.baud,
        bytes=session.link_bytes,
        seconds=session.seconds,
        retries=session.retries,
        damaged=session.damaged,
        restarts=session.restarts,
    )
    outputs = unpack_outputs(session.outputs, [result.outputs for result in results])
    ticks = np.array([result.ticks for result in results], np.int64)
    return HilRun(session.hello, outputs, ticks, list(results), info, link)


def run_signal(
    session: Session,
    samples: NDArray[np.float32],
    *,
    on_result: Callable[[Result], None] = lambda result: None,
) -> SignalOutcome:
    """Pushes a whole signal through the preprocessing and the model on the board.

    Args:
        session: From `connect`.
        samples: float32 [n] at the rate of `hello.preproc_rate_hz`.
        on_result: Called with each result, in order.

    Raises:
        EnvironmentFailed: The firmware has no preprocessing, or the board or link failed.
    """
    results = session.push_signal(samples, want_input=True, on_result=on_result)
    frames = unpack_outputs(session.inputs, [result.more for result in results])
    info = session.info()
    return SignalOutcome(
        frames=next(iter(frames.values())),
        outputs=unpack_outputs(session.outputs, [result.outputs for result in results]),
        ticks=np.array([result.ticks for result in results], np.int64),
        preproc_ticks=np.array([result.preproc_ticks for result in results], np.int64),
        nonfinite=info.nonfinite,
        stack=info.preproc_stack,
    )


class Packed(Sequence[bytes]):
    """Vectors as the wire carries them, each made of its arrays when it is asked for.

    Args:
        arrays: One or more, [n, ...] each, in the order of the model's inputs.
    """

    def __init__(self, arrays: Sequence[NDArray[np.generic]]) -> None:
        self._arrays = arrays

    def __len__(self) -> int:
        return len(self._arrays[0])

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> Packed: ...
    def __getitem__(self, index: int | slice) -> bytes | Packed:
        if isinstance(index, slice):
            return Packed([values[index] for values in self._arrays])
        return b"".join(_little(values[index]) for values in self._arrays)


def pack_inputs(inputs: Sequence[TensorInfo], vectors: Arrays) -> Packed:
    """Returns all inputs of each vector as bytes, one behind the other.

    Args:
        inputs: Of the manifest.
        vectors: By input name, [n, ...].

    Raises:
        InputError: An input is missing, or has another shape, dtype or number of vectors.
    """
    problems = []
    counts = {len(values) for values in vectors.values()}
    if len(counts) > 1:
        problems.append(
            Problem("vectors", "inputs differ in their number of vectors", found=str(sorted(counts)))
        )
    for name in sorted(set(vectors) - {info.name for info in inputs}):
        problems.append(Problem(f"vectors: {name}", "the model has no such input"))
    for info in inputs:
        expected = f"{info.dtype} [n, {', '.join(map(str, info.shape))}]"
        if info.name not in vectors:
            problems.append(Problem(f"vectors: {info.name}", "is missing", expected=expected))
            continue
        values = vectors[info.name]
        size = values.size // len(values) if len(values) else 0
        if values.dtype != np.dtype(info.dtype) or size != info.elements:
            problems.append(
                Problem(
                    f"vectors: {info.name}",
                    "does not fit the model's input",
                    expected=expected,
                    found=f"{values.dtype} {list(values.shape)}",
                )
            )
    if problems:
        raise InputError(problems)
    return Packed([vectors[info.name] for info in inputs])


def unpack_outputs(
    tensors: Sequence[TensorFacts], records: Sequence[bytes]
) -> dict[str, NDArray[np.generic]]:
    """Returns arrays [n, ...] by tensor name from the bytes of all tensors, one behind the other."""
    arrays: dict[str, NDArray[np.generic]] = {}
    at = 0
    for tensor in tensors:
        dtype = np.dtype(tensor.dtype).newbyteorder("<")
        raw = b"".join(record[at : at + tensor.nbytes] for record in records)
        values = np.frombuffer(raw, dtype).astype(tensor.dtype)
        arrays[tensor.name] = values.reshape((len(records), *tensor.shape))
        at += tensor.nbytes
    return arrays


def _little(values: NDArray[np.generic]) -> bytes:
    return values.astype(values.dtype.newbyteorder("<")).tobytes()


def _check_tensors(exported: Manifest, session: Session) -> None:
    for kind, infos, facts in (
        ("inputs", exported.inputs, session.inputs),
        ("outputs", exported.outputs, session.outputs),
    ):
        expected = [(info.name, info.dtype, list(info.shape)) for info in infos]
        found = [(fact.name, fact.dtype, list(fact.shape)) for fact in facts]
        if [(name[:63], *rest) for name, *rest in expected] != found:
            raise EnvironmentFailed(
                where=session.transport.name,
                what=f"the {kind} of the firmware are not those of the export",
                expected=str(expected),
                found=str(found),
                hint="build and flash this export again",
            )
