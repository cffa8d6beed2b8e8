"""Patterns of what differs, and what they are taken for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edgekit.manifest import NodeInfo, NodeOutput, PreprocInfo
from edgekit.pipeline.causes import Facts, causes
from edgekit.pipeline.departures import preprocessing
from tests.hil import toy_model

RNG = np.random.default_rng(0)
EXPECTED = RNG.integers(-60, 60, 400).astype(np.int8)


def facts(got, expected=EXPECTED, op: str = "CONV_2D", **changes) -> Facts:
    output = NodeOutput(tensor=3, shape=[1, 100, 4], dtype=expected.dtype.name, scale=0.1, zero_point=-5)
    node = NodeInfo(index=2, op=op, name="n", output_shape=output.shape, outputs=[output])
    return Facts(node=node, output=output, expected=expected, got=got.astype(expected.dtype), **changes)


def some(at, value) -> np.ndarray:
    got = EXPECTED.copy()
    got[at] = value
    return got


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (facts(EXPECTED + 1), "requantisation: nothing differs by more than one step"),
        (facts(some(np.s_[2::4], 50)), "only channel 2 differs"),
        (facts((EXPECTED + 5.0) * 2 - 5), "off by one: the values are twice"),
        (facts(np.round((EXPECTED + 5.0) / 2 - 5)), "off by one: the values are half"),
        (facts(some(np.s_[40:60], 120), stack="8 of 9"), "elements 40 to 59: stack overflow (stack: 8 of 9)"),
        (facts(RNG.integers(-128, 128, 400)), "many elements are far off: memory is overwritten"),
        (facts(EXPECTED + 1, other_numerics="tflm"), "what the numerics profile 'tflm' gives"),
        (facts(EXPECTED + 1, host="board", edited=["src/a.c"]), "edited since the export: src/a.c"),
        (facts(EXPECTED + 1, host="PC", features=["mve"]), "its kernels for mve"),
        (facts(EXPECTED + 1, op="QUANTIZE", first=True), "the input is not quantised as expected"),
        (facts(some(7, EXPECTED[7] + 9) * 1, op="ADD"), "only channel 3 differs"),
        (facts(some([7, 90], 77)), "points to no usual cause"),
    ],
)  # fmt: skip
def test_a_pattern_is_named(given, said):
    assert said in "\n".join(causes(given))


def test_reversed_bytes_are_endianness():
    expected = RNG.integers(-3000, 3000, 400).astype(np.int16)
    given = facts(expected.byteswap(), expected)
    assert any("endianness" in cause for cause in causes(given))
    assert not any("endianness" in cause for cause in causes(replace(given, got=expected + 2)))


def test_one_value_that_is_not_a_number_is_a_difference_and_two_are_none():
    expected = np.array([1.0, np.nan, 3.0, 4.0], np.float32)
    got = np.array([1.0, np.nan, np.nan, 4.0], np.float32)
    assert facts(got, expected).differing.tolist() == [2]


def test_preprocessing_departs_at_its_first_frame_that_is_more_than_a_step_off():
    exported = toy_model.manifest()
    assert isinstance(exported.preproc, PreprocInfo)
    frames = RNG.normal(0, 20, (6, toy_model.INPUTS)).astype(np.float32)
    right = np.clip(np.floor(np.abs(frames) / 0.5 + 0.5) * np.sign(frames) - 3, -128, 127).astype(np.int8)
    got = right.copy()
    got[1, 5] = right[1, 5] ^ 1  # one step, which is allowed
    got[4, 10:40] += np.where(right[4, 10:40] > 0, -7, 7).astype(np.int8)
    trace = preprocessing(frames, got, exported)
    found = trace.departure
    assert found is not None and (trace.vector, found.node, found.name) == (4, None, "input")
    assert (found.differing, found.max_abs_diff, len(found.values)) == (30, 7, 16)
    assert found.values[0].element == 10
