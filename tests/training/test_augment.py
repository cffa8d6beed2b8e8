"""Augmentation by name, with its strength, drawn from a given generator."""

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.training import augment

NAMES = sorted(augment.AUGMENTATIONS)


def rng(seed=0):
    return np.random.default_rng(seed)


def batch(n=64, samples=100):
    return rng(7).standard_normal((n, samples, 1), np.float32)


@pytest.mark.parametrize("name", NAMES)
def test_shape_and_type_stay_and_the_generator_decides_all(name):
    x = batch()
    one, again, other = (augment.apply(x, {name: 0.5}, rng(seed)) for seed in (1, 1, 2))
    assert (one.shape, one.dtype) == (x.shape, np.float32)
    np.testing.assert_array_equal(one, again)
    if name != "shift":  # half a sample is no shift
        assert not np.array_equal(one, other)


@pytest.mark.parametrize("name", NAMES)
def test_strength_zero_changes_nothing(name):
    x = batch()
    np.testing.assert_array_equal(augment.apply(x, {name: 0.0}, rng()), x)


def test_amplitude_scales_within_its_bounds():
    factors = augment.apply(np.ones((500, 1, 1), np.float32), {"amplitude": 0.2}, rng()).ravel()
    assert 0.8 <= factors.min() < 0.82 and 1.18 < factors.max() <= 1.2


def test_noise_has_at_most_its_strength():
    spread = augment.apply(np.zeros((200, 4000, 1), np.float32), {"noise": 0.3}, rng()).std(axis=(1, 2))
    assert spread.max() < 0.31 and spread.min() < 0.05


def test_shift_moves_by_whole_samples_and_brings_in_zeros():
    x = np.tile(np.arange(1, 21, dtype=np.float32)[:, None], (300, 1, 1))
    moved = augment.apply(x, {"shift": 3}, rng())[..., 0]
    seen = set()
    for row in moved:
        by = int((row == 0).sum()) * (1 if row[0] == 0 else -1)
        expected = np.zeros(20)
        expected[max(0, by) : 20 + min(0, by)] = x[0, max(0, -by) : 20 - max(0, by), 0]
        np.testing.assert_array_equal(row, expected)
        seen.add(by)
    assert seen == {-3, -2, -1, 0, 1, 2, 3}


def test_mask_blanks_one_stretch_of_at_most_its_share():
    kept = augment.apply(np.ones((300, 200, 1), np.float32), {"mask": 0.25}, rng())[..., 0]
    assert 40 < (kept == 0).sum(axis=1).max() <= 51
    assert (np.abs(np.diff(kept, axis=1)).sum(axis=1) <= 2).all()


def test_invert_turns_about_its_share_upside_down():
    signs = augment.apply(np.ones((2000, 1, 1), np.float32), {"invert": 0.25}, rng())
    assert set(np.unique(signs)) == {-1, 1} and 0.2 < (signs < 0).mean() < 0.3


def test_augmentations_follow_each_other_in_the_order_given():
    x = batch()
    both = augment.apply(x, {"invert": 1.0, "mask": 0.5}, rng())
    generator = rng()
    step = augment.apply(x, {"invert": 1.0}, generator)
    np.testing.assert_array_equal(both, augment.apply(step, {"mask": 0.5}, generator))


def test_wrong_names_and_strengths_are_refused_all_at_once():
    with pytest.raises(InputError) as caught:
        augment.check({"amplitud": 0.1, "mask": 2, "shift": 900, "noise": -1}, samples=800)
    text = str(caught.value)
    assert "did you mean 'amplitude'?" in text
    assert all(f"training.augment.{name}: out of range" in text for name in ("mask", "shift", "noise"))
