"""What cannot be compiled is refused, all of it at once, with what to do."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from edgekit.compiler.compile import compile_model
from edgekit.compiler.export import export_model
from edgekit.compiler.ops.base import Target
from edgekit.errors import InputError
from tests.compiler.tflite_writer import Op, T, build


def test_all_missing_operators_are_listed_with_their_tensors() -> None:
    tensors = [T(name, (1, 4), scale=0.5) for name in "xabc"]
    ops = [Op("RANK", ["x"], ["a"]), Op("ATAN2", ["a", "a"], ["b"]), Op("RANK", ["b"], ["c"])]
    with pytest.raises(InputError) as caught:
        compile_model(build(tensors, ops, ["x"], ["c"]), "m.tflite", Target())
    assert len(caught.value.problems) == 2
    text = str(caught.value)
    assert "no operator RANK" in text and "0: RANK 'a'" in text and "2: RANK 'c'" in text
    assert "no operator ATAN2" in text and "edgekit ops" in text


def test_a_float_model_is_told_how_to_quantise() -> None:
    weights = T("w", (2, 4), "float32", data=np.ones((2, 4)))
    tensors = [T("x", (1, 4), "float32"), weights, T("y", (1, 2), "float32")]
    data = build(tensors, [Op("FULLY_CONNECTED", ["x", "w", ""], ["y"])], ["x"], ["y"])
    with pytest.raises(InputError, match="computes in float32") as caught:
        compile_model(data, "m.tflite", Target())
    assert len(caught.value.problems) == 1
    assert "representative_dataset" in str(caught.value)


def test_quantised_weights_alone_are_not_enough() -> None:
    weights = T("w", (2, 4), "int8", scale=0.1, data=np.ones((2, 4)))
    tensors = [T("x", (1, 4), "float32"), weights, T("y", (1, 2), "float32")]
    data = build(tensors, [Op("FULLY_CONNECTED", ["x", "w", ""], ["y"])], ["x"], ["y"])
    with pytest.raises(InputError, match="though its weights are quantised"):
        compile_model(data, "m.tflite", Target())


def test_state_and_constant_outputs_are_refused_by_name() -> None:
    tensors = [
        T("x", (1, 4), scale=0.5),
        T("memory", (1, 4), scale=0.5, variable=True),
        T("w", (2, 4), scale=0.5, data=np.ones((2, 4))),
        T("y", (1, 2), scale=8.0),
    ]
    ops = [Op("FULLY_CONNECTED", ["memory", "w", ""], ["y"])]
    with pytest.raises(InputError) as caught:
        compile_model(build(tensors, ops, ["x"], ["y", "w"]), "m.tflite", Target())
    text = str(caught.value)
    assert "'memory'" in text and "keeps its value" in text
    assert "'w'" in text and "is a constant" in text


def test_a_computed_reshape_is_compiled_away() -> None:
    """The SHAPE, STRIDED_SLICE, PACK chain that converters emit for a free batch."""
    tensors = [
        T("x", (1, 2, 4), scale=0.5),
        T("dims", (3,), "int32"),
        T("begin", (1,), "int32", data=[0]),
        T("end", (1,), "int32", data=[1]),
        T("one", (1,), "int32", data=[1]),
        T("batch", (), "int32"),
        T("eight", (), "int32", data=8),
        T("shape", (2,), "int32"),
        T("flat", (1, 8), scale=0.5),
        T("w", (2, 8), scale=0.5, data=np.ones((2, 8))),
        T("y", (1, 2), scale=8.0),
    ]
    ops = [
        Op("SHAPE", ["x"], ["dims"]),
        Op("STRIDED_SLICE", ["dims", "begin", "end", "one"], ["batch"]),
        Op("PACK", ["batch", "eight"], ["shape"]),
        Op("RESHAPE", ["x", "shape"], ["flat"]),
        Op("FULLY_CONNECTED", ["flat", "w", ""], ["y"]),
    ]
    data = build(tensors, ops, ["x"], ["y"])
    program = compile_model(data, "m.tflite", Target())
    assert [step.node.op for step in program.lowering.steps] == ["RESHAPE", "FULLY_CONNECTED"]
    changed = {p.name: p.changes for p in program.passes if p.changes}
    assert changed == {"fix-reshape": 1, "fold-constants": 1, "drop-dead": 2}
    assert program.plan.offsets[8] == program.plan.offsets[0]
    with pytest.raises(InputError, match="no operator SHAPE"):
        compile_model(data, "m.tflite", Target(), disabled=["fix-reshape", "fold-constants"])


def test_an_unknown_pass_is_refused() -> None:
    data = build([T("x", (1, 4), scale=0.5)], [], ["x"], ["x"])
    with pytest.raises(InputError, match="did you mean 'drop-dead'"):
        compile_model(data, "m.tflite", Target(), disabled=["drop-ded"])


def test_a_model_that_only_passes_its_input_on() -> None:
    program = compile_model(build([T("x", (1, 4), scale=0.5)], [], ["x"], ["x"]), "m.tflite", Target())
    assert program.plan.arena_bytes == 4 and program.inputs_preserved


# With whole tensors that may overlap, this is optimal for the order of the nodes in the file.
LEAST_ARENA = {"kws_ref_model": 8_384, "ad01_int8": 768, "ecg_rhythm_random": 9_624}


def test_shared_models_take_the_least_arena_and_count_their_work(shared_model, shared_models: Path) -> None:
    name, data = shared_model
    program = compile_model(data, name, Target(optimize="speed"))
    assert program.plan.arena_bytes == LEAST_ARENA[name]
    baselines = shared_models.parent / "baselines" / "tflm.json"
    if baselines.is_file():
        assert program.macs == json.loads(baselines.read_text())["models"][f"{name}.tflite"]["macs"]


def test_what_follows_from_scales_alone_is_a_table_and_no_weight() -> None:
    tensors = [T("x", (1, 4), scale=0.05), T("y", (1, 4), scale=1 / 256, zero_point=-128)]
    exported = export_model(build(tensors, [Op("LOGISTIC", ["x"], ["y"])], ["x"], ["y"]), "m", "m", Target())
    text = exported.files["src/m.c"].decode()
    assert "EK_WEIGHTS static" not in text and "n0_table[256]" in text
    assert (exported.manifest.weights_bytes, exported.manifest.constants_bytes) == (0, 0)


def test_the_models_constants_are_its_tensors_and_a_scale_per_channel(tiny_model: bytes) -> None:
    exported = export_model(tiny_model, "m", "m", Target())
    assert exported.manifest.constants_bytes == (4 * 9 * 2 + 4 * 4 + 4 * 4) + (3 * 64 + 3 * 4)
    assert exported.manifest.weights_bytes <= exported.manifest.constants_bytes + 4 * 5
