"""UNIDIRECTIONAL_SEQUENCE_LSTM equals both oracles over many invocations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.compiler.ops.harness import Case, assert_exact, case, problems
from tests.compiler.tflite_writer import Op, T

GATES = ("i", "f", "c", "o")


def lstm(
    rng: np.random.Generator,
    sizes: tuple[int, int, int, int] = (1, 3, 5, 4),  # batch, steps, inputs, units
    input_q: tuple[float, int] = (0.02, 3),
    hidden_q: tuple[float, int] = (1 / 128, -5),
    cell_power: int = -11,
    weight_scale: float = 0.01,
    clip: float = 0.0,
    time_major: bool = False,
    vectors: int = 8,
    extra: int | None = None,
    **changes: Any,
) -> Case:
    batch, steps, inputs, units = sizes
    leading = (steps, batch) if time_major else (batch, steps)
    hidden = {"scale": hidden_q[0], "zero_point": hidden_q[1]}
    tensors = {
        "x": T("x", (*leading, inputs), scale=input_q[0], zero_point=input_q[1]),
        "h": T("h", (batch, units), variable=True, **hidden),
        "s": T("s", (batch, units), "int16", scale=2.0**cell_power, variable=True),
        "y": T("y", (*leading, units), **hidden),
        "m4": T("m4", (0,), **hidden),
    }
    for i in range(4):
        tensors[f"m{i}"] = T(f"m{i}", (0,), "int16", scale=2.0**-12)
    for gate in GATES:
        for kind, width in (("w", inputs), ("r", units)):
            scale = float(weight_scale * rng.uniform(0.5, 2))
            data = rng.integers(-127, 128, (units, width))
            tensors[kind + gate] = T(kind + gate, (units, width), scale=scale, data=data)
        step = input_q[0] * tensors["w" + gate].scale
        data = rng.integers(-2000, 2000, units)
        tensors["b" + gate] = T("b" + gate, (units,), "int32", scale=step, data=data)
    options = {"fused_activation_function": 4, "cell_clip": clip, "time_major": time_major}
    for key, value in changes.items():
        name, _, attribute = key.partition("_")
        if name in tensors:
            setattr(tensors[name], attribute, value)
        else:
            options[key.removeprefix("option_")] = value
    names = ["x", *(kind + g for kind in "wr" for g in GATES), "", "", "", *("b" + g for g in GATES)]
    names += ["", "", "h", "s", "", "", "", ""]
    if extra is not None:
        names[extra] = "wi"
    op = Op(
        "UNIDIRECTIONAL_SEQUENCE_LSTM", names, ["y"], options, 3, intermediates=[f"m{i}" for i in range(5)]
    )
    label = f"lstm {sizes} {input_q} {hidden_q} 2^{cell_power} clip {clip} major {time_major}"
    return case(label, list(tensors.values()), op, rng, vectors=vectors)


def test_every_shape_equals_the_oracles_over_many_invocations(tmp_path) -> None:
    rng = np.random.default_rng(1)
    cases = [
        lstm(rng),
        lstm(rng, (1, 1, 1, 1)),
        lstm(rng, (2, 4, 7, 3)),
        lstm(rng, (3, 2, 4, 5), time_major=True),
        lstm(rng, (1, 12, 9, 16), vectors=4),
    ]
    assert_exact(cases, tmp_path)


def test_any_quantisation_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(2)
    cases = []
    for power in range(-15, -8):
        for weight_scale in (0.0005, 0.01, 0.2):
            points = [int(p) for p in rng.choice([-128, 127, 0, 11], 2)]
            given = (float(rng.uniform(0.001, 0.1)), points[0]), (float(rng.uniform(0.002, 0.02)), points[1])
            clip = float(rng.choice([0.0, 0.5]))
            cases.append(lstm(rng, (1, 4, 5, 6), *given, power, weight_scale, clip, vectors=5))
    assert_exact(cases, tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x_dtype": "int16"}, "element type"),
        ({"s_scale": 0.001}, "its cell has a quantisation"),
        ({"s_scale": 2.0**-8}, "its cell has a quantisation"),
        ({"h_variable": False}, "not variables"),
        ({"h_scale": 0.5}, "differ in quantisation"),
        ({"wi_data": None}, "not constant"),
        ({"rf_shape": (4, 5), "rf_data": np.zeros((4, 5))}, "weights have a wrong shape"),
        ({"bo_shape": (3,), "bo_data": np.zeros(3)}, "wrong type or size"),
        ({"y_shape": (1, 3, 9)}, "wrong shape"),
        ({"y_shape": (1, 9, 4)}, "do not match"),
        ({"option_fused_activation_function": 1}, "activation or recurrence"),
        ({"option_cell_clip": -1.0}, "clip is out of range"),
        ({"option_cell_clip": float("nan")}, "clip is out of range"),
        ({"x_scale": 1e30}, "out of proportion"),
    ],
)
def test_what_cannot_be_compiled_is_refused(changes: dict[str, Any], message: str) -> None:
    found = problems(lstm(np.random.default_rng(3), **changes).model)
    assert any(message in problem for problem in found), found


@pytest.mark.parametrize("position", [9, 16, 20])
def test_what_a_plain_lstm_lacks_is_refused(position: int) -> None:
    made = lstm(np.random.default_rng(4), extra=position)
    assert any("is not a plain LSTM" in problem for problem in problems(made.model))
