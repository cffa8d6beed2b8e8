"""The session's logic against a board in this process: loss, restarts, contradictions, silence."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest

from edgekit.errors import EnvironmentFailed
from edgekit.hil import messages as m
from edgekit.hil.frames import Frame, encode
from edgekit.hil.session import Session
from tests.hil import toy_model
from tests.hil.fake_board import HELLO, FakeBoard, stateful

VECTORS = toy_model.vectors(12)


def outputs(results: list[m.Result]) -> list[bytes]:
    return [result.outputs for result in results]


def once(kind: int, count: int = 1):
    """Loses the first so many frames of a type."""
    left = [count]

    def lose(frame: Frame) -> bool:
        left[0] -= frame.type == kind
        return frame.type == kind and left[0] >= 0

    return lose


def test_all_vectors_come_back_in_order_and_are_computed_once():
    board = FakeBoard()
    seen: list[int] = []
    results = Session(board).run(VECTORS, on_result=lambda result: seen.append(result.number))
    assert outputs(results) == toy_model.outputs(VECTORS)
    assert seen == board.computed == list(range(12))


@pytest.mark.parametrize("kind", [m.HelloRequest.TYPE, m.TensorRequest.TYPE, m.Reset.TYPE, m.Vector.TYPE])
def test_a_lost_request_is_sent_again(kind):
    board = FakeBoard(lose_request=once(kind))
    session = Session(board, deadline=5)
    assert outputs(session.run(VECTORS)) == toy_model.outputs(VECTORS)
    assert session.retries >= 1
    assert board.computed == list(range(12))


@pytest.mark.parametrize("kind", [m.Hello.TYPE, m.TensorFacts.TYPE, m.Ack.TYPE, m.ResultPart.TYPE])
def test_a_lost_answer_is_fetched_again_and_nothing_computed_twice(kind):
    board = FakeBoard(lose_answer=once(kind))
    session = Session(board, deadline=5)
    assert outputs(session.run(VECTORS)) == toy_model.outputs(VECTORS)
    assert session.retries >= 1
    assert board.computed == list(range(12))


def test_a_line_that_loses_a_third_of_all_frames_still_delivers():
    draw = random.Random(5)
    lose = lambda frame: draw.random() < 0.33  # noqa: E731
    board = FakeBoard(lose_request=lose, lose_answer=lose)
    assert outputs(Session(board, deadline=10).run(VECTORS[:4])) == toy_model.outputs(VECTORS[:4])
    assert board.computed == list(range(4))


def test_no_more_vectors_are_sent_than_results_are_kept():
    lost = lambda frame: frame.type == m.ResultPart.TYPE and m.ResultPart.unpack(frame.body).number == 3  # noqa: E731
    board = FakeBoard(lose_answer=lost)
    with pytest.raises(EnvironmentFailed, match="no answer to vector 3"):
        Session(board, deadline=0.6).run(VECTORS)
    assert board.computed == [0, 1, 2, 3, 4]


def test_without_pipelining_a_vector_waits_for_the_result_before_it():
    board = FakeBoard()
    begun: list[tuple[int, int]] = []

    def note(frame: Frame) -> bool:
        if frame.type == m.Vector.TYPE:
            begun.append((m.Vector.unpack(frame.body).number, board.done))
        return False

    board.lose_request = note
    Session(board).run(VECTORS, pipelined=False)
    assert all(number == done for number, done in begun)


def test_confirmed_results_are_not_asked_for_again():
    board = FakeBoard()
    have = {k: r for k, r in enumerate(Session(board).run(VECTORS)) if k in (0, 1, 2, 7)}
    again = FakeBoard()
    assert outputs(Session(again).run(VECTORS, have=have)) == toy_model.outputs(VECTORS)
    assert again.computed == [3, 4, 5, 6, 8, 9, 10, 11]


def test_a_model_with_state_is_replayed_from_its_reset():
    have = {k: r for k, r in enumerate(Session(FakeBoard(hello=stateful())).run(VECTORS)) if k < 5}
    again = FakeBoard(hello=stateful())
    new: list[int] = []
    results = Session(again).run(VECTORS, have=have, on_result=lambda result: new.append(result.number))
    assert outputs(results) == toy_model.outputs(VECTORS, stateful=True)
    assert again.computed == list(range(12))
    assert new == list(range(5, 12))


def test_a_replay_that_differs_is_named():
    have = {0: m.Result(0, 0, 0, 0, 0, b"other")}
    with pytest.raises(EnvironmentFailed, match="vector 0, run again from the reset, gave another result"):
        Session(FakeBoard(hello=stateful())).run(VECTORS, have=have)


@pytest.mark.parametrize("hello", [HELLO, stateful()])
def test_a_board_that_restarts_in_the_middle_is_met_again(hello):
    board = FakeBoard(hello=hello)

    def restart_once(frame: Frame) -> bool:
        if frame.type == m.Vector.TYPE and m.Vector.unpack(frame.body).number == 6 and not session.restarts:
            board.restart()
        return False

    session = Session(board, deadline=5)
    board.lose_request = restart_once
    assert outputs(session.run(VECTORS)) == toy_model.outputs(VECTORS, hello.stateful)
    assert session.restarts == 1


def test_a_board_that_restarts_for_ever_is_given_up():
    board = FakeBoard()
    board.lose_request = lambda frame: frame.type == m.Vector.TYPE and board.restart() is not None
    with pytest.raises(EnvironmentFailed, match="NO_RUN"):
        Session(board, deadline=5).run(VECTORS)


def test_another_firmware_after_a_restart_is_named():
    board = FakeBoard()

    def swap(frame: Frame) -> bool:
        if frame.type == m.Vector.TYPE and m.Vector.unpack(frame.body).number == 3:
            board.hello = replace(HELLO, sha256="00" * 32)
            board.restart()
        return False

    session = Session(board, deadline=5)
    board.lose_request = swap
    with pytest.raises(EnvironmentFailed, match="another firmware answers"):
        session.run(VECTORS)


def test_answers_of_another_run_are_not_counted():
    board = FakeBoard()
    session = Session(board)
    wrong = m.Result(0, 0, 0, 1, 0, b"\xaa" * 16).pack()

    def spoil(frame: Frame) -> bool:
        if frame.type == m.Ack.TYPE:
            board._out += encode(
                Frame(m.ResultPart.TYPE, frame.sequence, m.ResultPart(77, 0, 0, wrong).pack())
            )
            board._out += encode(Frame(m.Ack.TYPE, frame.sequence, m.Ack(77, 9, 9, 9).pack()))
        return False

    board.lose_answer = spoil
    assert outputs(session.run(VECTORS)) == toy_model.outputs(VECTORS)


def test_inputs_that_arrive_changed_are_named():
    with pytest.raises(EnvironmentFailed, match="computed vector 0 from other inputs"):
        Session(FakeBoard(corrupt_input=True)).run(VECTORS)


def test_a_wrong_model_is_named():
    with pytest.raises(EnvironmentFailed, match="another model") as caught:
        Session(FakeBoard()).expect("ab" * 32, "mine")
    assert "ab" * 32 in str(caught.value)
    assert toy_model.SHA256 in str(caught.value)


@pytest.mark.parametrize(
    ("hello", "text"),
    [
        (replace(HELLO, protocol=9), "version 9, edgekit speaks 1"),
        (replace(HELLO, max_data=3), "max_data is 3"),
    ],
)
def test_a_hello_that_cannot_be_is_named(hello, text):
    with pytest.raises(EnvironmentFailed, match=text):
        Session(FakeBoard(hello=hello), deadline=1)


def test_sizes_that_contradict_each_other_are_named():
    board = FakeBoard()
    board.say = lambda sequence, message, say=board.say: say(
        sequence, replace(message, shape=(3,)) if isinstance(message, m.TensorFacts) else message
    )
    with pytest.raises(EnvironmentFailed, match="contradicts itself about the size of its inputs"):
        Session(board, deadline=1)


@pytest.mark.parametrize("silent_after", [0, 6])
def test_silence_ends_at_the_deadline(silent_after):
    board = FakeBoard(lose_request=lambda frame: len(board.frames) >= silent_after)
    began = time.monotonic()
    with pytest.raises(EnvironmentFailed, match="no answer to"):
        Session(board, deadline=0.6).run(VECTORS)
    assert 0.5 < time.monotonic() - began < 2


def test_a_board_that_only_babbles_ends_at_the_deadline():
    board = FakeBoard()
    session = Session(board, deadline=0.6)
    board.lose_request = lambda frame: True
    board.read = lambda seconds: encode(Frame(m.Ack.TYPE, 1, m.Ack(1, 0, 0, 0).pack()))
    with pytest.raises(EnvironmentFailed, match="no answer to"):
        session.run(VECTORS)


def test_vectors_of_the_wrong_size_are_refused():
    with pytest.raises(ValueError, match="vector 1: 3 bytes, expected 1500"):
        Session(FakeBoard()).run([VECTORS[0], b"abc"])


def test_ticks_of_nodes_come_in_pieces_and_are_averaged():
    ticks = [10, 0, 1 << 40, 25]
    with Session(FakeBoard(node_ticks=ticks)) as board:
        assert board.profile().tolist() == [1.0, 0.0, (1 << 40) / 10, 2.5]


@pytest.mark.parametrize("nodes", [2, 5])
def test_a_board_that_miscounts_its_nodes_is_refused(nodes):
    board = FakeBoard(node_ticks=[1, 2, 3, 4], nodes=nodes)
    with Session(board) as session, pytest.raises(EnvironmentFailed, match="contradicts itself"):
        session.profile()
