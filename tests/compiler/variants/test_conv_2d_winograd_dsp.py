"""CONV_2D by Winograd's F(2 x 2, 3 x 3) gives the portable kernel's bytes."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from edgekit.compiler.variants import conv_2d_winograd_dsp
from edgekit.compiler.variants.conv_2d_winograd_dsp import VARIANT
from tests.compiler.ops import harness
from tests.compiler.ops.filters import conv
from tests.compiler.variants.dsp import assert_board_equals_reference, assert_twins_equal, joined, lower

SPEED = ("speed",)
winograd = partial(conv, channels=(8, 8), scales=(0.1, 0.005, 0.5))


@pytest.fixture
def always(monkeypatch) -> None:
    """It is taken even where it does not pay."""
    monkeypatch.setattr(conv_2d_winograd_dsp, "_other", lambda *_: np.inf)


def calls(cases: list) -> list:
    return [lower(VARIANT, c.model, profile, "speed")[1] for c in cases for profile in harness.PROFILES]


def cases(rng: np.random.Generator) -> list:
    made = [
        winograd(rng, size, channels=channels, same=same, activation=activation)
        for size, channels, same, activation in [
            ((16, 16), (8, 16), True, 1),
            ((13, 12), (12, 6), True, 0),
            ((12, 13), (16, 8), True, 3),
            ((11, 7), (32, 8), False, 2),
            ((9, 9), (64, 4), False, 0),
            ((15, 2), (20, 10), True, 1),
            ((4, 21), (24, 6), False, 1),
        ]
    ]
    made.append(winograd(rng, (12, 11), batch=3, per_channel=False))
    taps = np.where(np.indices((8, 3, 3, 16)).sum(0) % 2, 127, -127)
    made += [winograd(rng, (12, 12), channels=(16, 8), w_data=w) for w in (taps, np.full_like(taps, -127))]
    for zero_points in [(-128, -128), (127, 127), (-128, 127), (127, -128)]:
        for activation in (0, 1):
            made.append(winograd(rng, (12, 12), zero_points=zero_points, activation=activation))
    return made


@pytest.mark.parametrize("room", [4 << 10, 20 << 10])
def test_the_twin_equals_the_portable_kernel(room, always, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(conv_2d_winograd_dsp, "_ROOM", room)
    made = [c for c in cases(np.random.default_rng(1)) if all(calls([c]))]
    assert len(made) > 10
    assert_twins_equal(VARIANT, made, tmp_path, monkeypatch, SPEED)


def test_every_way_is_taken(always, monkeypatch) -> None:
    made = cases(np.random.default_rng(1))
    found = calls(made)
    assert all(found)
    monkeypatch.setattr(conv_2d_winograd_dsp, "_ROOM", 4 << 10)
    found += calls(made)
    seen = {
        (call.params["kept"], 2 * call.params["rows"] < call.params["output_height"])
        for call in found
        if call is not None
    }
    assert {(False, False), (False, True), (True, True)} <= seen


def test_what_does_not_fit_or_pay_is_left_to_others() -> None:
    rng = np.random.default_rng(2)
    size = (16, 16)
    others = [
        winograd(rng, size, channels=(6, 8)),
        winograd(rng, size, channels=(8, 7)),
        winograd(rng, size, channels=(68, 8)),
        winograd(rng, size, stride=(2, 1)),
        winograd(rng, size, dilation=(2, 1)),
        winograd(rng, size, kernel=(3, 2)),
        winograd(rng, size, scales=(1.0, 1.0, 1.0)),
        winograd(rng, (2, 2), channels=(64, 64)),
    ]
    assert not any(calls(others))
    model = winograd(rng, size, channels=(16, 16)).model
    assert lower(VARIANT, model, "litert", "speed")[1] is not None
    assert lower(VARIANT, model, "litert", "balanced")[1] is None


def test_flash_stays_near_the_weights() -> None:
    (call, _) = calls([winograd(np.random.default_rng(3), (16, 16), channels=(16, 16))])
    assert sum(constant.data.nbytes for constant in call.constants) == 16 * (9 * 16 + 8)


@pytest.mark.board
def test_the_instructions_equal_the_reference(always, tmp_path, monkeypatch) -> None:
    made = cases(np.random.default_rng(4))
    assert_board_equals_reference("mps2-an386", [joined(made[::2])], tmp_path, vectors=8, goals=SPEED)
    monkeypatch.setattr(conv_2d_winograd_dsp, "_ROOM", 4 << 10)
    (tmp_path / "small").mkdir()
    made = [c for c in made[1::2] if all(calls([c]))]
    assert_board_equals_reference("mps2-an386", [joined(made)], tmp_path / "small", vectors=8, goals=SPEED)
