"""The C application on the host, through the session: what a board with this firmware does."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.errors import EnvironmentFailed
from edgekit.hil import messages as m
from edgekit.hil.link import Link
from edgekit.hil.session import Session
from edgekit.hil.transport import Transport
from tests.hil import toy_model
from tests.hil.proxy import KINDS, FaultProxy

VECTORS = toy_model.vectors(40)


def session(app: str) -> Session:
    return Session(Transport.spawn([app]), deadline=10)


def outputs(results: list[m.Result]) -> list[bytes]:
    return [result.outputs for result in results]


def test_it_says_what_it_is(app, stateful):
    with session(app) as board:
        board.expect(toy_model.SHA256, "toy")
        assert (board.hello.name, board.hello.engine, board.hello.timer_unit) == ("toy", "aot", "ns")
        assert board.hello.stateful is stateful
        assert board.hello.preproc is not stateful
        assert board.inputs == [m.TensorFacts("int8", 0.5, -3, (1, 1500), "input")]
        assert board.outputs == [
            m.TensorFacts("int8", 0.25, 1, (1, 8), "scores"),
            m.TensorFacts("int32", 0.0, 0, (2,), "sums"),
        ]


def test_every_run_begins_from_the_reset(app, stateful):
    with session(app) as board:
        for _ in range(2):
            results = board.run(VECTORS)
            assert outputs(results) == toy_model.outputs(VECTORS, stateful)
        assert all(result.ticks > 0 for result in results)
        assert board.info().computed == 2 * len(VECTORS)
        assert board.retries == 0


def test_without_pipelining_the_results_are_the_same(app, stateful):
    with session(app) as board:
        assert outputs(board.run(VECTORS, pipelined=False)) == toy_model.outputs(VECTORS, stateful)


def quantised(samples: np.ndarray) -> np.ndarray:
    samples = np.where(np.isfinite(samples), samples, 0)
    half_away = np.copysign(np.floor(np.abs(samples) + 0.5), samples)
    return np.clip(half_away, -128, 127).astype(np.int8)


def test_a_signal_goes_through_the_preprocessing(stateless_app):
    samples = np.random.default_rng(1).normal(0, 60, 5000).astype(np.float32)
    samples[[10, 2000]] = np.nan, np.inf
    with session(stateless_app) as board:
        results = board.push_signal(samples)
        assert len(results) == 1 + (5000 - toy_model.INPUTS) // toy_model.HOP
        for k, result in enumerate(results):
            start = k * toy_model.HOP
            expected = quantised(samples[start : start + toy_model.INPUTS]).tobytes()
            assert (result.number, result.more) == (k, expected)
            assert result.outputs == toy_model.Toy().invoke(expected)
        assert board.info().nonfinite == 2


def test_a_signal_may_come_in_any_pieces(stateless_app):
    samples = np.random.default_rng(2).normal(0, 60, 4000).astype(np.float32)
    with session(stateless_app) as board:
        whole = board.push_signal(samples, want_input=False)
        pieces: list[m.Result] = []
        run = board.signal(on_result=pieces.append)
        for start, end in ((0, 1), (1, 1500), (1500, 1501), (1501, 4000), (4000, 4000)):
            run.push(samples[start:end])
        assert outputs(pieces) == outputs(whole)
        assert not pieces[0].more


def test_a_firmware_without_preprocessing_refuses_a_signal(_builds):
    with session(str(_builds[True])) as board, pytest.raises(EnvironmentFailed, match="NO_PREPROC"):
        board.push_signal(np.zeros(10, np.float32))


@pytest.fixture
def link(stateless_app):
    with Transport.spawn([stateless_app]) as transport:
        yield Link(transport, 5)


class Unknown(m.InfoRequest):
    TYPE = 0x42


class TooShort(m.InfoRequest):
    TYPE = m.Vector.TYPE


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (Unknown(), "UNKNOWN_TYPE .66."),
        (TooShort(), "BAD_LENGTH .0."),
        (m.TensorRequest(0, 1), "BAD_VALUE .1."),
        (m.TensorRequest(2, 0), "BAD_VALUE"),
        (m.Reset(0, 0, 0), "BAD_VALUE"),
        (m.Reset(1, 0, 2), "NO_PREPROC"),
        (m.Reset(1, 0, 3), "BAD_VALUE"),
        (m.Reset(1, 1 << 31, 0), "BAD_VALUE"),
        (m.Reset(1, 0, 0, 1), "BAD_VALUE"),
        (m.Vector(9, 0, 0, b"x"), "NO_RUN .5."),
        (m.Vector(5, 0, 1500, b"x"), "BAD_VALUE .1500."),
        (m.Vector(5, 0, 0xFFFFFFFF, b"x"), "BAD_VALUE"),
        (m.Vector(5, 0, 0, b""), "BAD_LENGTH"),
        (m.Signal(5, 0, 0, bytes(4)), "WRONG_MODE"),
        (m.Signal(5, 0, 0, bytes(3)), "BAD_LENGTH"),
        (m.Fetch(9, 0, 0), "NO_RUN"),
    ],
)
def test_a_wrong_request_is_refused_by_name(link, request_, name):
    link.request(m.Reset(5, 0, 0), m.Ack)
    with pytest.raises(EnvironmentFailed, match=name):
        link.request(request_, m.Ack)


def test_the_board_takes_only_what_continues_the_vector(link):
    data = VECTORS[0]
    assert link.request(m.Reset(5, 3, 0), m.Ack) == m.Ack(5, 3, 0, 3)
    for vector, position in [
        (m.Vector(5, 3, 10, data[10:20]), (3, 0)),  # a gap
        (m.Vector(5, 4, 0, data[:10]), (3, 0)),  # not its turn
        (m.Vector(5, 3, 0, data[:10]), (3, 10)),
        (m.Vector(5, 3, 0, data[:10]), (3, 10)),  # repeated
        (m.Vector(5, 3, 5, data[5:900]), (3, 900)),  # overlaps
        (m.Vector(5, 3, 900, data[900:]), (4, 0)),
        (m.Vector(5, 3, 0, data[:10]), (4, 0)),  # long done
    ]:
        ack = link.request(vector, m.Ack)
        assert (ack.number, ack.offset) == position
    assert link.request(m.Reset(5, 3, 0), m.Ack) == m.Ack(5, 4, 0, 4)  # a repeated reset changes nothing
    part = link.request(m.Fetch(5, 3, 0), m.ResultPart)
    assert m.Result.unpack(3, part.data, 16).outputs == toy_model.outputs([data])[0]
    assert link.request(m.Fetch(5, 3, 24), m.ResultPart).data == part.data[24:]
    assert link.request(m.InfoRequest(), m.Info).computed == 1


def test_a_result_that_is_no_longer_kept_is_refused(link):
    slots = link.request(m.HelloRequest(), m.Hello).result_slots
    link.request(m.Reset(5, 0, 0), m.Ack)
    for number in range(slots + 1):
        for offset in (0, 1000):
            link.request(m.Vector(5, number, offset, VECTORS[0][offset : offset + 1000]), m.Ack)
    link.request(m.Fetch(5, 1, 0), m.Ack)
    with pytest.raises(EnvironmentFailed, match=r"RESULT_GONE .1."):
        link.request(m.Fetch(5, 0, 0), m.Ack)


@pytest.mark.parametrize("seed", range(4))
def test_a_bad_line_ends_in_full_agreement(app, stateful, seed):
    kinds = (*KINDS, "restart") if seed % 2 else KINDS
    with (
        FaultProxy([app], seed=seed, share=0.15, most=40, kinds=kinds) as proxy,
        Session(Transport.open(proxy.path), deadline=10) as board,
    ):
        assert outputs(board.run(VECTORS)) == toy_model.outputs(VECTORS, stateful)
    assert sum(proxy.injected.values()) > 10
    assert b"ERROR" not in proxy.errors  # of a sanitizer


def test_a_signal_over_a_bad_line(stateless_app):
    samples = np.random.default_rng(3).normal(0, 60, 6000).astype(np.float32)
    with session(stateless_app) as board:
        expected = outputs(board.push_signal(samples))
    with (
        FaultProxy([stateless_app], seed=1, share=0.3, most=12) as proxy,
        Session(Transport.open(proxy.path), deadline=10) as board,
    ):
        assert outputs(board.push_signal(samples)) == expected
    assert sum(proxy.injected.values()) == 12


@pytest.mark.parametrize(
    ("baud", "count"), [(115_200, 8), pytest.param(921_600, 200, marks=pytest.mark.slow)]
)
def test_a_paced_line_is_used_to_90_percent(stateless_app, baud, count):
    with (
        FaultProxy([stateless_app], baud=baud) as proxy,
        Session(Transport.open(proxy.path), deadline=10) as board,
    ):
        before, began = proxy.bytes["down"], board.seconds
        board.run(toy_model.vectors(count))
        seconds, moved = board.seconds - began, proxy.bytes["down"] - before
        assert board.retries == 0
    payload = count * toy_model.INPUTS
    assert payload * 10 / baud > 0.9 * seconds
    assert moved < 1.04 * payload  # pieces of 1024 and 476 bytes


def test_firmware_that_does_not_trace_says_how_to_build_one_that_does(stateless_app):
    with session(stateless_app) as board, pytest.raises(EnvironmentFailed, match="NO_TRACE") as caught:
        board.tracing(toy_model.vectors(1)).nodes()
    assert "--trace" in str(caught.value)


def test_firmware_that_does_not_tell_nodes_apart_says_how_to_build_one_that_does(stateless_app):
    with session(stateless_app) as board, pytest.raises(EnvironmentFailed, match="NO_PROFILE") as caught:
        board.profile()
    assert "--profile" in str(caught.value)
