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
    x = batch().reshape(64, 10, 10, 1)
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


def test_loudness_scales_magnitudes_and_keeps_the_floor():
    magnitudes = np.repeat([[0.0, 0.5, 8.0]], 500, 0)[..., None]
    found = (
        np.exp(augment.apply(np.log(magnitudes + 1e-3).astype(np.float32), {"loudness": 20}, rng())) - 1e-3
    )
    np.testing.assert_allclose(found[:, 0], 0, atol=1e-6)
    np.testing.assert_allclose(found[:, 2], 16 * found[:, 1], rtol=1e-2)
    gains = found[:, 2, 0] / 8
    assert 0.1 <= gains.min() < 0.11 and 9 < gains.max() <= 10.001


@pytest.mark.parametrize(("name", "axis"), [("rows", 1), ("bands", 2)])
def test_rows_or_bands_take_the_mean(name, axis):
    x = rng(3).standard_normal((300, 40, 20, 1)).astype(np.float32)
    changed = augment.apply(x, {name: 0.25}, rng()) != x
    hidden = changed.any(axis=3 - axis)[..., 0]
    assert (changed.all(axis=3 - axis)[..., 0] == hidden).all()
    assert 0.2 * x.shape[axis] < hidden.sum(axis=1).max() <= 0.25 * x.shape[axis] + 1
    example = int(hidden.sum(axis=1).argmax())
    made = augment.apply(x, {name: 0.25}, rng())[example]
    np.testing.assert_allclose(made[changed[example]], x[example].mean(), rtol=1e-5)


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
