"""Elementwise operators over one tensor become one table, of the oracle's own bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgekit.errors import InputError
from tests.compiler.passes.harness import assert_exact, changes, compiled, nodes
from tests.compiler.tflite_writer import Op, T, build

SHAPE = (1, 4, 16, 4)  # 256 elements: each value in every run
Q = {"scale": 0.05, "zero_point": -7}


def hard_swish() -> tuple[list[T], list[Op]]:
    """x * relu6(x + 3) / 6, written out, then requantised: five operators."""
    tensors = [
        T("x", SHAPE, **Q),
        T("three", (1,), scale=3 / 127, data=[127]),
        T("plus", SHAPE, scale=0.04, zero_point=-50),
        T("clamped", SHAPE, scale=0.04, zero_point=-50),
        T("sixth", (), scale=1 / 6 / 127, data=127),
        T("gate", SHAPE, scale=1 / 255, zero_point=-128),
        T("product", SHAPE, scale=0.04, zero_point=-100),
        T("y", SHAPE, scale=0.03, zero_point=-90),
    ]
    ops = [
        Op("ADD", ["x", "three"], ["plus"]),
        Op("RELU6", ["plus"], ["clamped"]),
        Op("MUL", ["sixth", "clamped"], ["gate"]),
        Op("MUL", ["x", "gate"], ["product"]),
        Op("QUANTIZE", ["product"], ["y"]),
    ]
    return tensors, ops


def functions() -> tuple[list[T], list[Op]]:
    """A chain through each kind of elementwise operator, a reshape within."""
    tensors = [
        T("x", SHAPE, **Q),
        T("a", SHAPE, scale=1 / 256, zero_point=-128),
        T("b", (4, 64), scale=1 / 256, zero_point=-128),
        T("half", (1,), scale=1 / 256, zero_point=-128, data=[0]),
        T("c", (4, 64), scale=1 / 200),
        T("d", (4, 64), scale=1 / 90, zero_point=10),
        T("slope", (1, 1), scale=0.01, data=[[30]]),
        T("e", (4, 64), scale=1 / 60, zero_point=3),
        T("f", (4, 64), scale=1 / 60, zero_point=3),
        T("low", (1,), scale=1 / 60, zero_point=3, data=[-20]),
        T("g", (4, 64), scale=1 / 60, zero_point=3),
        T("y", (4, 64), scale=1 / 50, zero_point=-100),
    ]
    ops = [
        Op("LOGISTIC", ["x"], ["a"]),
        Op("RESHAPE", ["a"], ["b"], {"new_shape": [4, 64]}),
        Op("SUB", ["half", "b"], ["c"], {"fused_activation_function": 2}),
        Op("SQUARED_DIFFERENCE", ["c", "half"], ["d"]),
        Op("PRELU", ["d", "slope"], ["e"]),
        Op("LEAKY_RELU", ["e"], ["f"], {"alpha": 0.3}),
        Op("MAXIMUM", ["f", "low"], ["g"]),
        Op("ABS", ["g"], ["y"]),
    ]
    return tensors, ops


def twice() -> tuple[list[T], list[Op]]:
    """(x + x) * (x - max(x, x + x)), a graph with several readers of each tensor."""
    tensors = [T(name, SHAPE, **Q) for name in "xabc"] + [T("y", SHAPE, scale=0.5)]
    ops = [
        Op("ADD", ["x", "x"], ["a"]),
        Op("MAXIMUM", ["x", "a"], ["b"]),
        Op("SUB", ["x", "b"], ["c"]),
        Op("MUL", ["a", "c"], ["y"]),
    ]
    return tensors, ops


@pytest.mark.parametrize("make", [hard_swish, functions])
def test_a_chain_becomes_one_table(make, tmp_path: Path) -> None:
    tensors, ops = make()
    model = build(tensors, ops, ["x"], ["y"])
    program = compiled(model, "fuse-activations")
    assert nodes(program) == ["TABLE"]
    result = next(r for r in program.passes if r.name == "fuse-tables")
    assert (result.changes, result.gain["nodes"]) == (1, len(ops) - 1)
    assert result.gain["written_bytes"] == 256 * (len(ops) - 1)
    assert len(nodes(compiled(model, "fuse-tables", "fuse-activations"))) == len(ops)
    for numerics in ("litert", "tflm"):
        assert_exact(model, tmp_path / numerics, numerics=numerics)


def test_a_graph_of_one_tensor_becomes_one_table(tmp_path: Path) -> None:
    tensors, ops = twice()
    model = build(tensors, ops, ["x"], ["y"])
    assert nodes(compiled(model)) == ["TABLE"]
    assert_exact(model, tmp_path / "on")


def test_what_others_read_stays() -> None:
    tensors, ops = hard_swish()
    program = compiled(build(tensors, ops, ["x"], ["gate", "y"]))
    assert nodes(program) == ["TABLE", "MUL", "QUANTIZE"]


def test_constants_per_channel_stay() -> None:
    tensors = [
        T("x", SHAPE, **Q),
        T("c", (4,), scale=0.1, data=[1, 2, 3, 4]),
        T("a", SHAPE, **Q),
        T("y", SHAPE, scale=1 / 256, zero_point=-128),
    ]
    ops = [Op("ADD", ["x", "c"], ["a"]), Op("LOGISTIC", ["a"], ["y"])]
    program = compiled(build(tensors, ops, ["x"], ["y"]))
    assert nodes(program) == ["ADD", "LOGISTIC"] and changes(program, "fuse-tables") == 0


def test_a_requantisation_that_changes_nothing_goes(tmp_path: Path) -> None:
    tensors = [T(name, SHAPE, **Q) for name in "xa"] + [T("y", SHAPE, scale=1 / 256, zero_point=-128)]
    model = build(tensors, [Op("QUANTIZE", ["x"], ["a"]), Op("LOGISTIC", ["a"], ["y"])], ["x"], ["y"])
    assert nodes(compiled(model)) == ["TABLE"]
    tensors += [T("z", SHAPE, scale=0.1)]
    model = build(tensors, [Op("QUANTIZE", ["x"], ["a"]), Op("ADD", ["a", "x"], ["z"])], ["x"], ["z"])
    assert nodes(compiled(model)) == ["TABLE"]
    assert_exact(model, tmp_path / "on")


def test_every_entry_equals_the_kernel_for_random_scales(tmp_path: Path) -> None:
    """Many small graphs side by side in one model: y_i = f_i(x), x running through all values."""
    rng = np.random.default_rng(5)
    tensors, ops, outputs = [T("x", SHAPE, **Q)], [], []
    for i, op in enumerate(["ADD", "SUB", "MUL", "SQUARED_DIFFERENCE", "PRELU"] * 4):
        scale, made = np.exp(rng.uniform(-4, 1, 2))
        point = int(rng.integers(-128, 128))
        tensors += [
            T(f"c{i}", (1, 1, 1), scale=scale, zero_point=point, data=[[[int(rng.integers(-128, 128))]]]),
            T(f"y{i}", SHAPE, scale=made, zero_point=int(rng.integers(-128, 128))),
        ]
        first = rng.integers(0, 2) and op != "PRELU"
        ops.append(Op(op, [f"c{i}", "x"] if first else ["x", f"c{i}"], [f"y{i}"]))
        outputs.append(f"y{i}")
    model = build(tensors, ops, ["x"], outputs)
    assert nodes(compiled(model)) == ["TABLE"] * len(ops)
    for numerics in ("litert", "tflm"):
        assert_exact(model, tmp_path / numerics, numerics=numerics)


def test_float32_between_dequantize_and_quantize_is_a_table(tmp_path: Path) -> None:
    """As converters leave it where they cannot quantise an operator."""
    floats = [T(name, SHAPE, "float32") for name in "abcdefg"]
    numbers = [T(name, (1,), "float32", data=[v]) for name, v in (("k", 1.7), ("l", 0.3))]
    tensors = [T("x", SHAPE, **Q), *floats, *numbers, T("y", SHAPE, scale=0.021, zero_point=-100)]
    tensors.append(T("z", SHAPE, scale=0.07, zero_point=20))
    ops = [
        Op("DEQUANTIZE", ["x"], ["a"], version=2),
        Op("NEG", ["a"], ["b"]),
        Op("MUL", ["k", "b"], ["c"]),
        Op("ADD", ["c", "l"], ["d"]),
        Op("RELU6", ["d"], ["e"]),
        Op("MUL", ["a", "e"], ["f"]),
        Op("QUANTIZE", ["f"], ["y"]),
        Op("DEQUANTIZE", ["y"], ["g"], version=2),
        Op("QUANTIZE", ["g"], ["z"]),
    ]
    model = build(tensors, ops, ["x"], ["y", "z"])
    assert nodes(compiled(model)) == ["TABLE", "TABLE"]
    for numerics in ("litert", "tflm"):
        assert_exact(model, tmp_path / numerics, numerics=numerics)


def test_a_function_of_the_c_library_in_float32_is_no_table() -> None:
    tensors = [T("x", SHAPE, **Q), T("a", SHAPE, "float32"), T("b", SHAPE, "float32"), T("y", SHAPE, **Q)]
    ops = [Op("DEQUANTIZE", ["x"], ["a"]), Op("EXP", ["a"], ["b"]), Op("QUANTIZE", ["b"], ["y"])]
    with pytest.raises(InputError, match="EXP"):
        compiled(build(tensors, ops, ["x"], ["y"]))
