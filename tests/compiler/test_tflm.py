"""For TensorFlow Lite Micro: exactly the needed operators, and an arena that is never too small."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from edgekit.compiler.emit import tflm
from edgekit.compiler.export import export_model
from edgekit.compiler.ops.base import Target
from edgekit.compiler.tflite.reader import read
from edgekit.errors import InputError
from edgekit.reference import tflm_arena
from tests.compiler.tflite_writer import Op, T, build


def test_the_arena_is_never_below_what_was_measured_on_the_core(shared_model, shared_models: Path) -> None:
    name, data = shared_model
    path = shared_models.parent / "baselines" / "tflm.json"
    if not path.is_file():
        pytest.skip("no baselines beside the shared data")
    measured = json.loads(path.read_text())["models"][f"{name}.tflite"]
    arenas = tflm.arena_by_core(tflm.arena_sizes(read(data, name), tflm_arena(data)))
    assert arenas["cortex-m4"] >= measured["m4_cmsis"]["arena_bytes"]
    assert arenas["cortex-m55"] >= measured["m55_cmsis"]["arena_bytes"]
    assert arenas["cortex-m55"] <= 1.25 * measured["m55_cmsis"]["arena_bytes"]
    assert arenas["cortex-m3"] <= arenas["cortex-m4"]


def test_the_resolver_has_exactly_the_operators(shared_models: Path) -> None:
    model = read((shared_models / "kws_ref_model.tflite").read_bytes(), "kws")
    assert tflm.resolver_methods(model) == [
        "AddAveragePool2D",
        "AddConv2D",
        "AddDepthwiseConv2D",
        "AddFullyConnected",
        "AddReshape",
        "AddSoftmax",
    ]


@pytest.mark.parametrize(
    ("op", "method"),
    [
        ("BATCH_MATMUL", "AddBatchMatMul"),
        ("PADV2", "AddPadV2"),
        ("CUMSUM", "AddCumSum"),
        ("L2_NORMALIZATION", "AddL2Normalization"),
        ("RELU6", "AddRelu6"),
        ("SPACE_TO_BATCH_ND", "AddSpaceToBatchNd"),
        ("SVDF", "AddSvdf"),
        ("UNIDIRECTIONAL_SEQUENCE_LSTM", "AddUnidirectionalSequenceLSTM"),
        ("MAX_POOL_2D", "AddMaxPool2D"),
        ("SELECT_V2", "AddSelectV2"),
    ],
)
def test_methods_with_special_names(op: str, method: str) -> None:
    tensors = [T("x", (1, 4), scale=0.5), T("y", (1, 4), scale=0.5)]
    model = read(build(tensors, [Op(op, ["x"], ["y"])], ["x"], ["y"]), "m", {})
    assert tflm.resolver_methods(model) == [method]


def test_operators_that_tflm_lacks_are_all_named() -> None:
    tensors = [T(name, (1, 4), scale=0.5) for name in "xyz"]
    data = build(tensors, [Op("ATAN2", ["x", "x"], ["y"]), Op("RANK", ["y"], ["z"])], ["x"], ["z"])
    with pytest.raises(InputError, match="ATAN2") as caught:
        export_model(data, "m", "m", Target(), ("tflm",), measure_tflm=lambda _: 0)
    assert len(caught.value.problems) == 2


def test_an_operator_without_an_aot_kernel_can_still_go_to_tflm() -> None:
    tensors = [T("x", (1, 4), scale=0.5), T("y", (1, 4), scale=0.5)]
    data = build(tensors, [Op("CUMSUM", ["x"], ["y"])], ["x"], ["y"])
    exported = export_model(data, "m", "m", Target(), ("tflm",), measure_tflm=lambda _: 1000)
    assert exported.manifest.engine == "tflm" and exported.manifest.sources == []
    assert sorted(exported.files) == [
        "README.md",
        "model.tflite",
        "src/m_flatbuffer.cc",
        "src/m_flatbuffer.h",
        "src/m_op_resolver.h",
    ]


def test_scratch_follows_the_rules_of_the_core() -> None:
    source = np.zeros
    tensors = [
        T("x", (1, 8, 8, 5), scale=0.5),
        T("w", (4, 3, 3, 5), scale=0.5, data=source((4, 3, 3, 5))),
        T("c", (1, 6, 6, 4), scale=0.5),
        T("d", (1, 1, 9, 4), scale=0.5, data=source((1, 1, 9, 4))),
        T("y", (1, 6, 6, 4), scale=0.5),
        T("f", (10, 144), scale=0.5, data=source((10, 144))),
        T("z", (1, 10), scale=0.5),
    ]
    ops = [
        Op("CONV_2D", ["x", "w", ""], ["c"]),
        Op("DEPTHWISE_CONV_2D", ["c", "d", ""], ["y"]),
        Op("FULLY_CONNECTED", ["y", "f", ""], ["z"]),
    ]
    arenas = tflm.arena_sizes(read(build(tensors, ops, ["x"], ["z"]), "m"), 1600)
    assert arenas["scalar"] == 1600 + 192  # two int16 columns of 45, rounded up to 48
    assert arenas["dsp"] == 1600 + 192
    assert arenas["mve"] == 1600 + 4 * 124 * 9 + 48  # depthwise blocks; kernel sums of 10 outputs
