"""CONV_2D with Helium for speed: pictures that are copied with their padding first."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.compiler.variants import conv_2d_mve
from edgekit.device import boards
from edgekit.pipeline import export
from edgekit.pipeline.model_file import ModelFile
from edgekit.pipeline.validate import Source, validate
from tests.compiler.ops.filters import conv
from tests.compiler.ops.harness import Case
from tests.compiler.variants.dsp import assert_twins_equal, joined, lower

ENDS = (-128, 127, 5)


def cases(rng: np.random.Generator) -> list[Case]:
    """Windows whose rows are not whole vectors, of pictures with and without padding."""
    made = []
    shapes = [
        ((13, 10), (1, 9), (10, 4), (2, 1), {}),
        ((9, 11), (3, 6), (3, 3), (1, 1), {"batch": 2}),
        ((8, 8), (3, 8), (3, 3), (2, 2), {}),
        ((1, 2), (5, 4), (3, 3), (1, 1), {}),
        ((7, 3), (2, 3), (4, 5), (1, 2), {}),
        ((11, 10), (3, 5), (4, 3), (3, 4), {"same": False, "batch": 3}),
    ]
    for number, (size, channels, kernel, stride, given) in enumerate(shapes):
        scales = (0.1, 0.02, float(rng.uniform(0.2, 2)))
        points = (ENDS[number % 3], -5)
        given = {"scales": scales, "zero_points": points, "activation": number % 2, **given}
        made.append(conv(rng, size, channels, kernel, stride, **given))
    return made


def test_the_twin_of_framed_pictures_equals_the_portable_kernel(tmp_path, monkeypatch) -> None:
    made = cases(np.random.default_rng(1))
    for goal in ("speed", "balanced"):
        calls = [lower(conv_2d_mve.VARIANT, case.model, "litert", goal)[1] for case in made]
        assert [call is not None and call.params["patch"]["framed"] for call in calls] == [
            goal == "speed"
        ] * len(made)
    assert_twins_equal(conv_2d_mve.VARIANT, made, tmp_path, monkeypatch, ("speed",))


@pytest.mark.board
def test_the_instructions_of_framed_pictures_equal_the_reference(tmp_path) -> None:
    path = tmp_path / "joined.tflite"
    path.write_bytes(joined(cases(np.random.default_rng(2))))
    exported = export.build_export(ModelFile.open(path), boards.load("mps3-an547"), optimize="speed")
    export.write(exported, tmp_path / "speed")
    (record,) = validate(tmp_path / "speed", ["mps3-an547"], Source(random=8), timeout=120.0)
    assert record.status == "held", record
