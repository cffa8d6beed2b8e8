"""What one does with a board: say hello, run vectors, push a signal, ask for counts."""

from __future__ import annotations

import secrets
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import EnvironmentFailed
from edgekit.hil.link import Link, Refused
from edgekit.hil.messages import (
    ErrorCode,
    Hello,
    HelloRequest,
    Info,
    InfoRequest,
    Mode,
    ProfilePart,
    ProfileRequest,
    Result,
    TensorFacts,
    TensorRequest,
    TracedPiece,
)
from edgekit.hil.signal_run import SignalRun
from edgekit.hil.tracing import Tracing
from edgekit.hil.transport import Transport
from edgekit.hil.vector_run import VectorRun

_MAX_RESTARTS = 8  # of the board, without a new result in between
_LOST = (ErrorCode.NO_RUN, ErrorCode.RESULT_GONE)  # the board was started again, or thinks so

OnResult = Callable[[Result], None]


class Session:
    """A conversation with one board; it says hello when it is made.

    Args:
        transport: To the board; closed with the session when used as a context manager.
        deadline: Seconds without progress after which every wait ends.
        hello_deadline: The same for the first answer; default `deadline`.

    Attributes:
        hello: What firmware is on the board.
        inputs, outputs: The model's tensors.
        restarts: How often the board was found to have been started again.

    Raises:
        EnvironmentFailed: Nobody answers in time, or not in version 1 of the protocol.
    """

    def __init__(
        self, transport: Transport, *, deadline: float = 30.0, hello_deadline: float | None = None
    ) -> None:
        self._transport = transport
        self._link = Link(transport, deadline if hello_deadline is None else hello_deadline)
        self._began = time.monotonic()
        self.restarts = 0
        self.hello = self._link.request(HelloRequest(), Hello)
        self.inputs = [self._tensor(0, index) for index in range(self.hello.inputs)]
        self.outputs = [self._tensor(1, index) for index in range(self.hello.outputs)]
        self._check_sizes()
        self._link.deadline = deadline

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._transport.close()

    @property
    def retries(self) -> int:
        """How often something was asked for or sent again."""
        return self._link.retries

    @property
    def damaged(self) -> int:
        """Frames that came damaged from the board."""
        return self._link.damaged

    @property
    def link_bytes(self) -> int:
        """Bytes sent and received since the session began."""
        return self._transport.sent + self._transport.received

    @property
    def seconds(self) -> float:
        """Time since the session began."""
        return time.monotonic() - self._began

    @property
    def transport(self) -> Transport:
        """Where the bytes go."""
        return self._transport

    def expect(self, sha256: str, name: str) -> None:
        """Checks that the board holds a certain model.

        Raises:
            EnvironmentFailed: It holds another.
        """
        if self.hello.sha256 != sha256:
            raise EnvironmentFailed(
                where=self._transport.name,
                what="the firmware on the board holds another model",
                expected=f"'{name}', sha256 {sha256}",
                found=f"'{self.hello.name}', sha256 {self.hello.sha256}",
                hint="build and flash this export: edgekit build DIR, then edgekit flash DIR",
            )

    def run(
        self,
        vectors: Sequence[bytes],
        *,
        have: Mapping[int, Result] | None = None,
        on_result: OnResult = lambda result: None,
        pipelined: bool = True,
        on_piece: Callable[[TracedPiece], bool] = lambda piece: False,
        mode: Mode = Mode.VECTORS,
    ) -> list[Result]:
        """Runs vectors in order and returns all their results.

        Args:
            vectors: All inputs of each invocation, one behind the other, `hello.input_bytes` long; in the
                mode PICTURES the frame of the camera in front of the model, `hello.frame_bytes` long.
            have: Results of an earlier session, which are not asked for again; a model with state
                is replayed from the start and must give them again.
            on_result: Called with each new result, in order, as soon as it is there.
            pipelined: Whether the next vector travels while the board computes; on hardware its
                receive interrupts then fall into the measured time.
            on_piece: See `VectorRun`.
            mode: VECTORS or PICTURES.

        Raises:
            ValueError: A vector has not the model's size, a frame not the camera's.
            EnvironmentFailed: The board fails, contradicts itself, or is silent beyond the deadline.
        """
        size = self.hello.frame_bytes if mode is Mode.PICTURES else self.hello.input_bytes
        for number, vector in enumerate(vectors):
            if len(vector) != size:
                raise ValueError(f"vector {number}: {len(vector)} bytes, expected {size}")
        results = dict(have or {})

        def keep(result: Result) -> None:
            self._check(result, None if mode is Mode.PICTURES else vectors[result.number])
            known = results.get(result.number)
            if known is None:
                results[result.number] = result
                on_result(result)
            elif known.outputs != result.outputs:
                raise EnvironmentFailed(
                    where=self._transport.name,
                    what=f"vector {result.number}, run again from the reset, gave another result",
                    hint="the model's state is not reset, or memory is overwritten on the board",
                )

        hello = self.hello if pipelined else replace(self.hello, result_slots=1)
        restarts = 0
        while missing := _first_gap(results, len(vectors)):
            first, end = (0, missing[1]) if self.hello.stateful else missing
            before = len(results)
            try:
                number = _run_number()
                VectorRun(self._link, hello, number, vectors, first, end, keep, on_piece, mode).go()
            except Refused as error:
                restarts = restarts + 1 if len(results) == before else 0
                if error.code not in _LOST or restarts > _MAX_RESTARTS:
                    raise
                self._meet_again()
        return [results[number] for number in range(len(vectors))]

    def signal(self, *, want_input: bool = False, on_result: OnResult = lambda result: None) -> SignalRun:
        """Starts a run over a raw signal; push samples to what is returned.

        Args:
            want_input: Whether results carry the model's input as well.
            on_result: Called with each result, in order.

        Raises:
            Refused: The firmware has no preprocessing.
        """

        def checked(result: Result) -> None:
            self._check(result, result.more if want_input else None)
            on_result(result)

        return SignalRun(self._link, self.hello, _run_number(), want_input, checked)

    def push_signal(
        self,
        samples: NDArray[np.float32],
        *,
        want_input: bool = True,
        on_result: OnResult = lambda result: None,
    ) -> list[Result]:
        """Runs a whole signal through preprocessing and model; see `signal`.

        Args:
            samples: float32 [n] at `hello.preproc_rate_hz`.
            want_input: Whether results carry the model's input as well.
            on_result: Called with each result, in order.
        """
        results: list[Result] = []

        def keep(result: Result) -> None:
            results.append(result)
            on_result(result)

        self.signal(want_input=want_input, on_result=keep).push(samples)
        return results

    def info(self) -> Info:
        """Returns the board's counts: stack depths, non-finite samples, damaged frames."""
        return self._link.request(InfoRequest(), Info)

    def profile(self) -> NDArray[np.float64]:
        """Returns the ticks of each node of the model, by its number in the model file.

        Returns:
            float64 [nodes], the mean over the invocations since the last reset; 0 where there was none.

        Raises:
            Refused: The firmware does not tell nodes apart.
            EnvironmentFailed: The board contradicts itself.
        """
        ticks = np.zeros(0, np.int64)
        while True:
            part = self._link.request(ProfileRequest(len(ticks)), ProfilePart)
            found = np.frombuffer(part.data[: len(part.data) // 8 * 8], "<u8").astype(np.int64)
            ticks = np.concatenate([ticks, found])
            if not len(found) or len(ticks) > part.nodes:
                raise EnvironmentFailed(
                    where=self._transport.name,
                    what="the board contradicts itself about its number of nodes",
                    expected=f"{part.nodes}",
                    found=f"{len(ticks)}",
                )
            if len(ticks) == part.nodes:
                return ticks / max(1, part.invocations)

    def tracing(self, vectors: Sequence[bytes]) -> Tracing:
        """Returns what tells how the last of some vectors is computed, node by node.

        Args:
            vectors: As for `run`; all of them are run, also where the model has no state.
        """
        return Tracing(self._link, self.run, vectors)

    def _tensor(self, direction: int, index: int) -> TensorFacts:
        return self._link.request(TensorRequest(direction, index), TensorFacts)

    def _check_sizes(self) -> None:
        for kind, tensors, said in (
            ("inputs", self.inputs, self.hello.input_bytes),
            ("outputs", self.outputs, self.hello.output_bytes),
        ):
            found = sum(tensor.nbytes for tensor in tensors)
            if found != said:
                raise EnvironmentFailed(
                    where=self._transport.name,
                    what=f"the board contradicts itself about the size of its {kind}",
                    expected=f"{said} bytes",
                    found=f"{found} bytes in {len(tensors)} tensors",
                )

    def _check(self, result: Result, sent: bytes | None) -> None:
        what = ""
        if result.status != 0:
            what = f"_invoke failed on vector {result.number} with status {result.status}"
        elif sent is not None and result.input_crc != zlib.crc32(sent):
            what = f"the board computed vector {result.number} from other inputs than those sent"
        if what:
            raise EnvironmentFailed(where=self._transport.name, what=what)

    def _meet_again(self) -> None:
        self.restarts += 1
        if self._link.request(HelloRequest(), Hello) != self.hello:
            raise EnvironmentFailed(
                where=self._transport.name, what="another firmware answers than at the start of the session"
            )


def _run_number() -> int:
    return 1 + secrets.randbelow(0xFFFFFFFF)


def _first_gap(results: Mapping[int, Result], count: int) -> tuple[int, int] | None:
    """Returns the first (first, end) of consecutive numbers below `count` without a result, or None."""
    first = next((number for number in range(count) if number not in results), None)
    if first is None:
        return None
    return first, next((number for number in range(first, count) if number in results), count)
