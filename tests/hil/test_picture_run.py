"""What a board says of a camera's frames is read within its bounds."""

from __future__ import annotations

import struct
from types import SimpleNamespace

import numpy as np
import pytest

from edgekit.errors import EnvironmentFailed
from edgekit.hil.messages import Mode, Result, TensorFacts
from edgekit.hil.picture_run import run_pictures

BOX = struct.pack("<iiiiIhh", -16, 0, 160, 80, 7, 1, 99)
SAID = struct.pack("<QI", 1200, 1) + BOX


def session(more: bytes):
    """Returns one whose board has a model of two int8 outputs, and says `more` behind them."""
    facts = TensorFacts("int8", 1.0, 0, (2,), "out")

    def run(frames, mode, pipelined):
        assert mode is Mode.PICTURES
        return [Result(i, 0, 5, 10, 20, b"\x01\xff", more) for i, _ in enumerate(frames)]

    return SimpleNamespace(
        run=run, outputs=[facts], transport=SimpleNamespace(name="board"),
        info=lambda: SimpleNamespace(preproc_stack=100, boxes_stack=200),
    )  # fmt: skip


def test_boxes_come_with_their_ticks():
    made = run_pictures(session(SAID + bytes(len(BOX))), [b"", b""])
    assert made.boxes == [[(-16, 0, 160, 80, 7, 1, 99)]] * 2
    assert made.boxes_ticks.tolist() == [1200, 1200] and made.camera_ticks.tolist() == [20, 20]
    np.testing.assert_array_equal(made.outputs["out"], np.int8([[1, -1], [1, -1]]))


def test_a_model_without_boxes_says_nothing_behind_its_outputs():
    assert run_pictures(session(b""), [b""]).boxes == [[]]


@pytest.mark.parametrize(
    ("more", "words"),
    [(b"\x00" * 4, "less room"), (SAID[:-1], "more boxes"), (struct.pack("<QI", 0, 1 << 31), "more boxes")],
)
def test_counts_that_cannot_be_are_named(more, words):
    with pytest.raises(EnvironmentFailed, match=words):
        run_pictures(session(more), [b""])
