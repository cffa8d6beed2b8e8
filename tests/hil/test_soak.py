"""Whatever the line does: full agreement, or a named error within the deadline; never a wrong result.

About 4,000 faults; more than 100,000 with EDGEKIT_SOAK=1 (`make soak`).
"""

from __future__ import annotations

import os
from collections import Counter

import numpy as np
import pytest

from edgekit.errors import EnvironmentFailed
from edgekit.hil import link, messages, session, signal_run, vector_run
from edgekit.hil.frames import Frame, encode
from edgekit.hil.session import Session
from tests.hil import toy_model
from tests.hil.lockstep.line import KINDS, Board, Clock, Line

SOAK = bool(os.environ.get("EDGEKIT_SOAK"))
FAULTS = 100_000 if SOAK else 4_000
VECTORS = toy_model.vectors(10)
DEADLINE = 20.0
NOTHING_PROVED = 3


@pytest.fixture(scope="session")
def _lockstep_builds(tmp_path_factory):
    if toy_model.missing():
        pytest.skip("gcc is not installed")
    port = toy_model.Path(__file__).parent / "lockstep" / "port.c"
    return {
        flag: toy_model.build(tmp_path_factory.mktemp("lockstep"), flag, port=port) for flag in (False, True)
    }


@pytest.fixture
def board(_lockstep_builds, stateful):
    made = Board(_lockstep_builds[stateful])
    yield made
    made.end()


@pytest.fixture
def stateless_board(_lockstep_builds):
    made = Board(_lockstep_builds[False])
    yield made
    made.end()


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    for module in (link, vector_run, session, signal_run):
        if hasattr(module, "time"):
            monkeypatch.setattr(module, "time", made)
    return made


def run_to_the_end(line: Line, clock: Clock, have: dict[int, messages.Result]) -> None:
    """Runs all vectors; after a cut it goes on with what is confirmed, as `edgekit hil --resume` does."""
    while True:
        try:
            with Session(line, deadline=DEADLINE) as met:
                met.run(
                    VECTORS, have=dict(have), on_result=lambda result: have.setdefault(result.number, result)
                )
            return
        except EnvironmentFailed as error:
            if "the line was cut" not in str(error):
                raise


def test_faults_end_in_agreement_or_in_a_named_error(board, clock, stateful):
    expected = toy_model.outputs(VECTORS, stateful)
    injected: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    seed = 0
    while sum(injected.values()) < FAULTS // 2:
        share = (0.02, 0.1, 0.3, 0.6)[seed % 4]
        line = Line(board, clock, seed=seed, share=share, most=60 if seed % 3 else 400)
        have: dict[int, messages.Result] = {}
        began, moved = clock.now, 0.0
        try:
            run_to_the_end(line, clock, have)
            assert [have[i].outputs for i in range(len(VECTORS))] == expected, f"seed {seed}"
            ended["agreement"] += 1
        except EnvironmentFailed as error:
            assert error.exit_status == NOTHING_PROVED and str(error).strip(), f"seed {seed}"
            assert all(result.outputs == expected[number] for number, result in have.items()), f"seed {seed}"
            ended["named error"] += 1
        moved = clock.now - began
        assert moved < 60 * DEADLINE, f"seed {seed}: took {moved:.0f} s of the line's time"
        injected += line.injected
        seed += 1
    assert set(injected) == set(KINDS), "every kind of fault was tried"
    assert ended["agreement"] > 10 * ended["named error"]
    print(f"{sum(injected.values())} faults in {seed} runs: {dict(ended)}; {dict(injected)}")


def test_a_line_that_is_clean_at_last_always_ends_in_agreement(board, clock, stateful):
    expected = toy_model.outputs(VECTORS, stateful)
    kinds = [kind for kind in KINDS if kind not in ("unplug", "restart")]
    for seed in range(2000 if SOAK else 60):
        line = Line(board, clock, seed=seed, share=0.5, most=25, kinds=kinds)
        results = Session(line, deadline=DEADLINE).run(VECTORS)
        assert [result.outputs for result in results] == expected, f"seed {seed}"


def test_a_signal_over_a_bad_line(stateless_board, clock):
    samples = np.random.default_rng(3).normal(0, 60, 6000).astype(np.float32)
    clean = Line(stateless_board, clock, seed=0, share=0, most=0)
    expected = [result.outputs for result in Session(clean, deadline=DEADLINE).push_signal(samples)]
    assert len(expected) > 10
    kinds = [kind for kind in KINDS if kind not in ("unplug", "restart")]
    for seed in range(1000 if SOAK else 40):
        line = Line(stateless_board, clock, seed=seed, share=0.3, most=20, kinds=kinds)
        results = Session(line, deadline=DEADLINE).push_signal(samples)
        assert [result.outputs for result in results] == expected, f"seed {seed}"


def test_a_frame_of_1_kib_costs_at_most_3_percent_more(stateless_board, clock):
    line = Line(stateless_board, clock, seed=0, share=0, most=0)
    met = Session(line, deadline=DEADLINE)
    assert met.hello.max_data == 1024
    data = np.random.default_rng(0).integers(0, 256, 1024, np.uint8).tobytes()
    for payload in (data, bytes(1024), b"\x55" * 1024):
        frame = encode(Frame(messages.Vector.TYPE, 1, messages.Vector(1, 0, 0, payload).pack()))
        assert len(frame) <= 1.03 * len(payload)
