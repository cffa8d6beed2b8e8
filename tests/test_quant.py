"""The fixed-point arithmetic equals plain integer and real arithmetic where those are exact."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit import quant

INT32 = st.integers(-(2**31), 2**31 - 1)
MULTIPLIER = st.integers(2**30, 2**31 - 1)


def div_round_half_away(numerator: int, denominator: int) -> int:
    quotient = (abs(numerator) * 2 + denominator) // (2 * denominator)
    return quotient if numerator >= 0 else -quotient


@given(INT32, MULTIPLIER, st.integers(-31, 0))
def test_two_roundings_are_both_half_away_from_zero(x: int, multiplier: int, shift: int):
    # The first rounding of gemmlowp truncates (ab + nudge) / 2^31, which for negative ties rounds up.
    product = x * multiplier
    nudged = product + (2**30 if product >= 0 else 1 - 2**30)
    high = int(math.copysign(abs(nudged) // 2**31, nudged))
    expected = div_round_half_away(high, 2**-shift)
    assert int(quant.requantize_twice(np.array([x]), multiplier, shift)[0]) == expected


@given(st.floats(1e-9, 1e6))
def test_a_multiplier_represents_its_real_number(real: float):
    multiplier, shift = quant.quantize_multiplier(real)
    assert 2**30 <= multiplier < 2**31
    assert multiplier * 2.0 ** (shift - 31) == pytest.approx(real, rel=2**-30)


def test_multipliers_at_the_ends():
    assert quant.quantize_multiplier(0.0) == (0, 0)
    assert quant.quantize_multiplier(1.0) == (2**30, 1)
    assert quant.quantize_multiplier(2.0**-40) == (0, 0)
    assert quant.quantize_multiplier(1.0 - 2.0**-40) == (2**30, 1)


def test_quantising_rounds_half_away_and_clips():
    real = np.array([-1e9, -0.75, -0.25, 0.0, 0.25, 0.75, 1e9], np.float32)
    assert quant.quantize(real, 0.5, 3).tolist() == [-128, 1, 2, 3, 4, 5, 127]


@given(st.integers(-128, 127), st.floats(1e-6, 1e3), st.integers(-128, 127))
def test_dequantised_values_quantise_to_themselves(q: int, scale: float, zero_point: int):
    scale = float(np.float32(scale))
    real = quant.dequantize([q], scale, zero_point)
    assert quant.quantize(real, scale, zero_point).tolist() == [q]
