"""An export from a camera's rows to boxes: compiled, run and compared with its twins; what is refused."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest

from edgekit import reference
from edgekit.camera.camera import Camera
from edgekit.compiler import attached
from edgekit.compiler.export import Golden, export_model, interface
from edgekit.compiler.ops.base import Target
from edgekit.errors import InputError
from edgekit.postproc.boxes import Limits
from tests.compiler import host
from tests.compiler.tflite_writer import Op, T, build

CAMERA = Camera.design(
    {"format": "rgb565be", "width": 80, "height": 60, "crop": (5, 2, 72, 50), "size": (32, 24)}
)
LIMITS = Limits(threshold=0.3, iou=0.3, max_candidates=12, max_boxes=8)

# One frame from its input, row by row, to tensors and boxes.
FRAME = """
#include <stdio.h>
#include "eye.h"
#include "eye_boxes.h"
#include "eye_camera.h"

static _Alignas(16) uint8_t arena[EYE_ARENA_SIZE];
static uint8_t line[EYE_CAMERA_ROW_BYTES];
static ek_box_t boxes[EYE_BOXES_ROOM];

int main(void)
{
    eye_t model;
    eye_camera_t camera;
    size_t count = 7;
    if (eye_init(NULL, arena, sizeof arena) == EK_OK) {
        return 1;
    }
    model.arena = NULL;
    if (eye_boxes(&model, boxes, EYE_BOXES_ROOM, &count) != EK_ERROR_STATE || count != 0U) {
        return 2;
    }
    if (eye_init(&model, arena, sizeof arena) != EK_OK || eye_camera_init(&camera) != EK_OK) {
        return 3;
    }
    if (eye_boxes(&model, boxes, EYE_BOXES_ROOM - 1U, &count) != EK_ERROR_ARGUMENT) {
        return 4;
    }
    while (!eye_camera_done(&camera)) {
        if (fread(line, sizeof line, 1U, stdin) != 1U || eye_camera_push_row(&camera, line) != EK_OK) {
            return 5;
        }
        if (eye_camera_ready(&camera)) {
FETCH
        }
    }
    if (eye_invoke(&model) != EK_OK || eye_boxes(&model, boxes, EYE_BOXES_ROOM, &count) != EK_OK) {
        return 7;
    }
    fwrite(eye_outputCOVERAGE(&model), EYE_OUTPUTMACRO_SIZE, 1U, stdout);
    fwrite(boxes, sizeof boxes[0], count, stdout);
    return 0;
}
"""
WHOLE = "if (eye_camera_run(&camera, eye_input(&model)) != EK_OK) { return 6; }"
ROWS = """uint32_t taken;
if (eye_push_rows(&model, eye_camera_take(&camera), 1U, &taken) != EK_OK || taken != 1U) { return 6; }"""


def detector(centroids: bool = False) -> bytes:
    """Two convolutions with stride 8 on 24 x 32 pixels: coverage of 2 classes, and boxes."""
    source = np.random.default_rng(4)
    tensors = [T("picture", (1, 24, 32, 3), scale=1 / 255, zero_point=-128)]
    ops = []
    for name, channels in [("coverage", 2)] + ([] if centroids else [("boxes", 8)]):
        tensors += [
            T(
                f"w_{name}",
                (channels, 8, 8, 3),
                scale=0.01,
                data=source.integers(-60, 61, (channels, 8, 8, 3)),
            ),
            T(
                f"b_{name}",
                (channels,),
                "int32",
                scale=0.01 / 255,
                data=source.integers(4000, 20000, channels),
            ),
            T(name, (1, 3, 4, channels), scale=0.03, zero_point=-7),
        ]
        strides = {"stride_h": 8, "stride_w": 8, "padding": 1}
        ops.append(Op("CONV_2D", ["picture", f"w_{name}", f"b_{name}"], [name], strides, version=3))
    return build(tensors, ops, ["picture"], ["coverage"] if centroids else ["coverage", "boxes"])


def exported(data: bytes, push_rows: bool = False, **more):
    inputs, outputs = interface(data, "eye.tflite")
    return export_model(
        data,
        "eye.tflite",
        "eye",
        Target(),
        task="detection",
        labels=["plane", "helicopter"],
        camera=attached.Camera.design(CAMERA, "eye", inputs),
        boxes=attached.Boxes.design(LIMITS, 0.0, "eye", inputs, outputs),
        push_rows=push_rows,
        **more,
    )


@pytest.mark.parametrize(("centroids", "push_rows"), [(False, False), (True, False), (True, True)])
def test_from_the_rows_of_a_frame_to_boxes(tmp_path, centroids, push_rows):
    data = detector(centroids)
    frame = np.random.default_rng(1).integers(0, 256, (1, 60, CAMERA.row_bytes), np.uint8)
    seen = CAMERA.quantise(CAMERA.pixels_of_rows(frame), 1 / 255, -128)
    outputs = ["coverage"] if centroids else ["coverage", "boxes"]
    names = {"input_names": ["picture"], "output_names": outputs}
    expected = reference.run(data, {"picture": seen}, "litert", **names).outputs
    made = exported(data, push_rows)
    text = FRAME.replace("FETCH", ROWS if push_rows else WHOLE)
    text = text.replace("COVERAGE", "" if centroids else "_coverage")
    text = text.replace("MACRO", "" if centroids else "_COVERAGE")
    program = host.build(made, tmp_path, main=text, flags=("-O1", *host.SANITIZE))
    done = subprocess.run([str(program)], input=frame.tobytes(), capture_output=True)
    assert done.returncode == 0, done.stderr.decode()[:2000]
    assert done.stdout[: 3 * 4 * 2] == expected["coverage"].tobytes()
    info = made.manifest.boxes
    columns = np.dtype([("edges", "<i4", 4), ("cell", "<u4"), ("label", "<i2"), ("score", "<i2")])
    found = np.frombuffer(done.stdout[3 * 4 * 2 :], columns)
    twin = attached.found(info, expected)
    assert [(*box["edges"], box["cell"], box["label"], box["score"]) for box in found] == twin
    assert len(twin) >= 2
    assert made.manifest.camera.state_bytes == CAMERA.state_bytes()


def test_the_example_compares_its_boxes(tmp_path):
    data = detector()
    pictures = np.random.default_rng(2).integers(-128, 128, (1, 24, 32, 3), np.int8)
    names = {"input_names": ["picture"], "output_names": ["coverage", "boxes"]}
    outputs = reference.run(data, {"picture": pictures}, "litert", **names).outputs
    golden = Golden({"picture": pictures[0]}, {key: value[0] for key, value in outputs.items()})
    made = exported(data, golden=golden)
    example = made.files["main.c"].decode()
    program = host.build(made, tmp_path, main=example, flags=("-O1", *host.SANITIZE))
    done = subprocess.run([str(program)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("class ") == len(attached.found(made.manifest.boxes, outputs)) > 0
    plain = host.build(exported(data), tmp_path / "plain", main=exported(data).files["main.c"].decode())
    assert subprocess.run([str(plain)], capture_output=True).returncode == 0
    assert "eye_boxes(&model" in made.files["README.md"].decode()
    assert "eye_camera_push_row(" in made.files["README.md"].decode()


def test_a_model_that_is_no_detector_or_takes_another_picture_is_refused():
    inputs, outputs = interface(detector(), "eye.tflite")
    with pytest.raises(InputError, match="does not take"):
        attached.Camera.design(Camera.design({**CAMERA.config.model_dump(), "colour": "grey"}), "eye", inputs)
    for wrong in (outputs[1:] + inputs, [outputs[0], outputs[0]], [outputs[0], outputs[1], outputs[1]]):
        with pytest.raises(InputError, match="no detector"):
            attached.Boxes.design(LIMITS, 0.0, "eye", inputs, wrong)
    with pytest.raises(InputError, match="classes"):
        export_model(
            detector(), "eye.tflite", "eye", Target(), labels=["plane"],
            boxes=attached.Boxes.design(LIMITS, 0.0, "eye", inputs, outputs),
        )  # fmt: skip
