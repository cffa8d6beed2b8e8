"""QUANTIZE and DEQUANTIZE between float32, int8, uint8 and int16 equal both oracles."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.quant import quantize
from tests.compiler.ops.harness import PROFILES, Case, assert_exact, problems, run_kernels
from tests.compiler.tflite_writer import Op, T, build

INTEGERS = ("int8", "uint8", "int16")
ELEMENTS = 512


def change(
    rng: np.random.Generator,
    source: str,
    made: str,
    scales: tuple[float, float] = (0.1, 0.1),
    points: tuple[int, int] = (0, 0),
    profiles: tuple[str, ...] = PROFILES,
) -> Case:
    quantization = [
        {} if kind == "float32" else {"scale": scale, "zero_point": point}
        for kind, scale, point in zip((source, made), scales, points, strict=True)
    ]
    tensors = [
        T("x", (1, ELEMENTS), source, **quantization[0]),
        T("y", (1, ELEMENTS), made, **quantization[1]),
    ]
    op = "DEQUANTIZE" if made == "float32" else "QUANTIZE"
    if source == "float32":
        steps = rng.integers(-70000 if made == "int16" else -600, 600, (4, 1, ELEMENTS)) / 2
        values = (steps * scales[1]).astype(np.float32)
        values[2:] = np.nextafter(values[2:], np.float32([-1e9, 1e9])[:, None, None], dtype=np.float32)
    else:
        info = np.iinfo(source)
        values = rng.integers(info.min, info.max, (4, 1, ELEMENTS), source, endpoint=True)
        values[0].flat = np.linspace(info.min, info.max, ELEMENTS).astype(source)
    model = build(tensors, [Op(op, ["x"], ["y"], version=2)], ["x"], ["y"])
    return Case(f"{source} -> {made} {scales} {points}", model, [values], profiles)


def point(rng: np.random.Generator, kind: str) -> int:
    """Returns a zero point of a type, often one at an end; int16 has none but 0."""
    if kind not in ("int8", "uint8"):
        return 0
    info = np.iinfo(kind)
    return int(rng.choice([info.min, info.max, int(rng.integers(info.min, info.max))]))


def test_float_borders_equal_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(1)
    cases = []
    for kind in INTEGERS:
        for scale in 10.0 ** rng.uniform(-5, 1, 8):
            given = (float(scale), float(scale)), (point(rng, kind), point(rng, kind))
            both = PROFILES if kind != "uint8" else ("litert",)
            cases += [change(rng, "float32", kind, *given, both), change(rng, kind, "float32", *given)]
    assert_exact(cases, tmp_path)


def test_every_change_of_integers_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(2)
    pairs = [(a, b) for a in INTEGERS for b in INTEGERS if (a, b) not in NEITHER]
    cases = []
    for source, made in pairs:
        for ratio in [*(10.0 ** np.linspace(-6, 3, 10)), 1.0]:
            scale = float(10.0 ** rng.uniform(-2, 0))
            profiles = ("litert",) if (source, made) == ("uint8", "uint8") else PROFILES
            points = (point(rng, source), point(rng, made))
            cases.append(change(rng, source, made, (scale, scale / ratio), points, profiles))
    cases.append(change(rng, "uint8", "int8", points=(128, 0)))
    cases.append(change(rng, "int8", "uint8", points=(-128, 0)))
    assert_exact(cases, tmp_path)


NEITHER = {("uint8", "int16"), ("int16", "uint8")}


@pytest.mark.parametrize("kind", INTEGERS)
def test_hostile_floats_saturate_and_nan_becomes_the_zero_point(kind: str, tmp_path) -> None:
    made = change(np.random.default_rng(3), "float32", kind, points=(0, 7))
    values = np.zeros((1, 1, ELEMENTS), np.float32)
    values.flat[9:] = np.random.default_rng(6).normal(0, 20, ELEMENTS - 9)
    values.flat[:9] = [np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-45, -1e-45, 3e9, -3e9]
    made.vectors = [values]
    found = run_kernels([(made, "litert")], tmp_path)[0][""][0].reshape(-1)
    info = np.iinfo(kind)
    assert found[:9].tolist() == [7, info.max, info.min, info.max, info.min, 7, 7, info.max, info.min]
    assert np.array_equal(found[9:], quantize(values.flat[9:], 0.1, 7, np.dtype(kind)))


@pytest.mark.parametrize(
    "pair", [("int16", "uint8"), ("float32", "int32"), ("int32", "uint8"), ("int32", "int32")]
)
def test_other_pairs_are_refused(pair: tuple[str, str]) -> None:
    made = change(np.random.default_rng(4), *pair)
    assert any("element type" in problem for problem in problems(made.model))


def test_scales_and_zero_points_are_checked() -> None:
    rng = np.random.default_rng(5)
    for made, message in [
        (change(rng, "int8", "int8", (1.0, 1e-6)), "out of proportion"),
        (change(rng, "int16", "int8", (1e-9, 10.0)), "out of proportion"),
        (change(rng, "int16", "int16", points=(1, 0)), "zero points are not 0"),
        (change(rng, "float32", "uint8", points=(0, -1)), "no usable quantisation"),
        (change(rng, "int8", "float32", points=(128, 0)), "no usable quantisation"),
    ]:
        assert any(message in problem for problem in problems(made.model)), message
