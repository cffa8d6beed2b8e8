"""z-normalisation: (x - mean) / (std + epsilon), accurate whatever the offset."""

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.preproc.chain import Chain


def znorm(frame, epsilon=0.01):
    frame_step = {"step": "frame", "samples": len(frame), "hop": 1}
    chain = Chain.design([frame_step, {"step": "znorm", "epsilon": epsilon}], 100.0)
    return chain.frames(frame)[0][0]


@pytest.mark.parametrize("count", [1, 2, 31, 32, 33, 800, 10000])
def test_agrees_with_the_formula_in_float64(count):
    frame = np.random.default_rng(count).normal(3, 2, count).astype(np.float32)
    wide = frame.astype(np.float64)
    assert np.abs(znorm(frame) - (wide - wide.mean()) / (wide.std() + 0.01)).max() < 5e-6


def test_epsilon_is_added_to_the_standard_deviation():
    assert znorm(np.array([-1, 1, -1, 1]), epsilon=1.0).tolist() == [-0.5, 0.5, -0.5, 0.5]


def test_a_flat_frame_gives_zeros():
    assert not znorm(np.full(100, 1000.1)).any()


def test_an_offset_costs_no_accuracy():
    frame = np.round(np.random.default_rng(0).normal(size=800) * 64) / 64  # exact at 1000 too
    assert np.array_equal(znorm(frame + 1000), znorm(frame))


def test_values_of_the_largest_magnitude_do_not_overflow():
    assert np.abs(znorm(np.array([3e38, -3e38] * 400))).max() == pytest.approx(1.0)


def test_epsilon_of_zero_is_refused():
    with pytest.raises(InputError, match="greater than 0"):
        znorm(np.zeros(10), epsilon=0.0)
