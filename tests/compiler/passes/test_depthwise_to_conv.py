"""A depthwise convolution of one channel becomes a convolution that computes the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.compiler.ops.filters import conv
from tests.compiler.passes.harness import assert_exact, changes, compiled, nodes


def model(channels: tuple[int, int], **given: object) -> bytes:
    made = conv(np.random.default_rng(1), (7, 6), channels, (4, 3), depthwise=True, **given)  # type: ignore[arg-type]
    return made.model


@pytest.mark.parametrize(
    "given",
    [
        {"stride": (2, 2), "activation": 1},
        {"same": False, "zero_points": (-128, 127)},
        {"per_channel": False, "bias": False, "dilation": (1, 2)},
    ],
)
def test_it_computes_the_same(given: dict[str, object], tmp_path: Path) -> None:
    whole = model((1, 5), **given)
    program = compiled(whole)
    assert changes(program, "depthwise-to-conv") == 1 and nodes(program) == ["CONV_2D"]
    assert program.macs == compiled(whole, "depthwise-to-conv").macs
    assert_exact(whole, tmp_path / "made")


def test_several_channels_stay() -> None:
    program = compiled(model((2, 2)))
    assert changes(program, "depthwise-to-conv") == 0 and nodes(program) == ["DEPTHWISE_CONV_2D"]
