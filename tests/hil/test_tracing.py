"""What nodes write comes whole and right over a bad line, or not at all."""

from __future__ import annotations

import zlib
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from edgekit.errors import EnvironmentFailed
from edgekit.hil import link, session, vector_run
from edgekit.hil import tracing as tracing_module
from edgekit.hil.messages import NO_NUMBER, TracePart, TraceRequest, Watched, WatchRequest
from edgekit.hil.session import Session
from tests.hil import toy_model
from tests.hil.lockstep.line import KINDS, Board, Clock, Line

VECTORS = toy_model.vectors(3)
FAULTS = 400
ON = [kind for kind in KINDS if kind != "unplug"]  # after which the same session can go on


@pytest.fixture(scope="module", params=[False, True], ids=["stateless", "stateful"])
def traced(request, tmp_path_factory):
    """The application with a model that traces, and what the last vector gives."""
    if toy_model.missing():
        pytest.skip("gcc is not installed")
    port = Path(__file__).parent / "lockstep" / "port.c"
    program = toy_model.build(tmp_path_factory.mktemp("traced"), request.param, ("EK_TRACE",), port)
    board = Board(program)
    yield board, toy_model.outputs(VECTORS, request.param)[-1]
    board.end()


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    for module in (link, vector_run, session):
        monkeypatch.setattr(module, "time", made)
    return made


def clean(board: Board, clock: Clock) -> Line:
    return Line(board, clock, seed=0, share=0, most=0)


def test_pieces_make_one_checksum_and_one_tensor(traced, clock):
    board, outputs = traced
    met = Session(clean(board, clock))
    tracing = met.tracing(VECTORS)
    result, written = tracing.nodes()
    assert result.outputs == outputs
    assert written.tolist() == [
        [1500, zlib.crc32(VECTORS[-1])],
        [0, 0],
        [16, zlib.crc32(outputs)],  # in three pieces, two of which overlap
        [0, 0],  # a piece behind a gap is not taken
    ]
    assert tracing.node(0) == VECTORS[-1] and tracing.node(2) == outputs


def test_requests_out_of_range_are_refused(traced, clock):
    board, _ = traced
    board.restart()
    met = Session(clean(board, clock))
    assert met._link.request(TraceRequest(0), TracePart).number == NO_NUMBER
    for request, answer in ((TraceRequest(4), TracePart), (WatchRequest(0, 4), Watched)):
        with pytest.raises(EnvironmentFailed, match="BAD_VALUE"):
            met._link.request(request, answer)


def test_faults_end_in_what_was_computed_or_in_a_named_error(traced, clock):
    board, outputs = traced
    injected: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    seed = 0
    while sum(injected.values()) < FAULTS:
        line = Line(board, clock, seed=seed, share=(0.02, 0.1, 0.3)[seed % 3], most=40, kinds=ON)
        began = clock.now
        try:
            tracing = Session(line, deadline=20.0).tracing(VECTORS)
            _, written = tracing.nodes()
            assert written[2].tolist() == [16, zlib.crc32(outputs)], f"seed {seed}"
            assert tracing.node(0) == VECTORS[-1], f"seed {seed}"
            ended["agreement"] += 1
        except EnvironmentFailed as error:
            assert str(error).strip(), f"seed {seed}"
            ended["named error"] += 1
        assert clock.now - began < 1200, f"seed {seed}"
        injected += line.injected
        seed += 1
    assert set(injected) == set(ON)
    assert ended["agreement"] > 10 * ended["named error"]


def test_a_board_that_computes_something_else_each_time_is_named(traced, clock, monkeypatch):
    board, _ = traced
    tracing = Session(clean(board, clock)).tracing(VECTORS)
    monkeypatch.setattr(tracing_module, "zlib", SimpleNamespace(crc32=lambda data: 0))
    with pytest.raises(EnvironmentFailed, match="node 0 writes does not come whole, or is another"):
        tracing.node(0)
