"""A run of a detector is exported with its camera and its boxes, and answers on the host."""

import shutil
import subprocess

import numpy as np
import pytest

from edgekit import manifest
from edgekit.compiler import attached
from edgekit.device import boards
from edgekit.errors import InputError
from edgekit.pipeline.export import export
from edgekit.pipeline.run_folder import RunFolder
from edgekit.pipeline.validate import Source, validate
from edgekit.recipes.base import parse
from edgekit.report import terminal, verdict
from tests.compiler.test_pictures import CAMERA, detector
from tests.device.conftest import need, tools_of


def run(folder, **changes):
    """Returns a run folder as training leaves it, of a network that nobody trained."""
    tree = {
        "name": "eye", "title": "eye", "description": "", "task": "detection",
        "classes": ["plane", "helicopter"], "data": {"dataset": "none"},
        "camera": CAMERA.config.model_dump(), "model": {"name": "detectnet-v2"}, "training": {},
        "detection": {"threshold": 0.3, "max_candidates": 20, "max_boxes": 10},
    }  # fmt: skip
    made = RunFolder.create(parse({**tree, **changes}, "test"), folder)
    made.tflite.write_bytes(detector())
    return made


def test_a_detectors_export_answers_on_the_host_and_finds_its_boxes(tmp_path, capsys):
    folder = tmp_path / "out"
    export(run(tmp_path).path, "host", folder)
    made = manifest.load(folder)
    assert made.camera.crop == CAMERA.config.window
    assert made.boxes.decoder["max_boxes"] == 10 and made.boxes.room_bytes == 24 * 20
    assert "row by row" in capsys.readouterr().err
    if shutil.which("cmake") is None:
        pytest.skip("cmake is not installed")
    for command in (["cmake", "-B", "build"], ["cmake", "--build", "build"]):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    done = subprocess.run([str(folder / "build" / "eye_example")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    with np.load(folder / "vectors.npz") as vectors:
        outputs = {name: vectors[f"out/{name}"][0] for name in ("coverage", "boxes")}
    assert done.stdout.count("class ") == len(attached.found(made.boxes, outputs)) > 0


@pytest.mark.parametrize(
    "board", ["host", *(pytest.param(key, marks=pytest.mark.board) for key in ("mps2-an386", "mps3-an547"))]
)
def test_camera_model_and_boxes_equal_numpy_on_a_board(tmp_path, board, capsys):
    need(*tools_of(boards.load(board)))
    (record,) = validate(run(tmp_path).path, [board], Source())
    assert record.status == "held" and record.mismatched_elements == 0
    found = record.pictures
    assert found.held and found.frames == 10 and found.boxes > 5
    assert found.elements == 10 * 3 * 4 * (2 + 8)
    camera, boxes = record.camera_cost, record.boxes_cost
    assert camera.ram_bytes == CAMERA.state_bytes() and camera.flash_bytes > camera.table_bytes > 100
    assert boxes.ram_bytes == 24 * 20 and 1000 < boxes.flash_bytes < 3000
    assert camera.ticks > boxes.ticks > 0
    kinds = {(part.name, part.kind) for part in record.memory.parts}
    assert kinds >= {(name, kind) for name in ("camera", "boxes") for kind in ("flash", "ram")}
    if board != "host":
        assert 50 < camera.stack_bytes < 1000 and 50 < boxes.stack_bytes < 1000
        assert camera.most_ticks == camera.ticks
    terminal.show([record])
    said = " ".join(capsys.readouterr().out.split())
    assert "camera, model and boxes equal NumPy to the byte: held (0 of 10 frames" in said


@pytest.mark.parametrize(
    ("file", "old", "new", "differing"),
    [
        ("eye_boxes.c", ".iou = ", ".iou = 200 + ", (0, 0)),
        ("eye_camera.c", "c->sums[", "c->sums[0U * ", (6, 100)),
    ],
)
def test_a_board_whose_camera_or_boxes_differ_departs(tmp_path, file, old, new, differing):
    folder = tmp_path / "out"
    export(run(tmp_path).path, "host", folder)
    source = folder / "src" / file
    assert old in source.read_text()
    source.write_text(source.read_text().replace(old, new))
    (record,) = validate(folder, ["host"], Source())
    assert record.status == "mismatch" and record.exit_status == 1 and record.mismatched_elements == 0
    assert record.pictures.differing_boxes > 0
    assert record.pictures.differing_inputs >= differing[0]
    assert record.pictures.differing_elements >= differing[1]
    assert "departs" in verdict.headline([record]) and "depart." in verdict.sentence(record)


def test_a_camera_of_another_size_than_the_models_is_refused(tmp_path):
    other = {**CAMERA.config.model_dump(), "size": [40, 24]}
    with pytest.raises(InputError, match="does not take"):
        export(run(tmp_path, camera=other).path, "host", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_of_many_test_examples_as_many_are_streamed_as_are_asked_for(tmp_path):
    need("host compiler")
    made = run(tmp_path)
    pictures = np.random.default_rng(8).integers(-128, 128, (230, 24, 32, 3), np.int8)
    truth = np.tile(np.array([0, 0, 8, 8, 0, 0], np.float32), (230, 1, 1))
    np.savez(made.vectors, **{"in/picture": pictures, "target": truth})
    exported = made.export("host")

    def streamed(given, **source):
        (record,) = validate(given, ["host"], Source(**source))
        assert record.status == "held"
        return record.vectors, record.source.of, terminal.details([record]), verdict.sentence(record)

    count, of, lines, sentence = streamed(made.path)
    assert (count, of) == (200, 230) and manifest.load(exported).test_examples == 230
    assert "host: the first 200 of 230 vectors were asked for; --examples 0 takes all" in lines
    assert "in all 200 vectors, the first of 230:" in sentence.replace("\u00a0", " ")
    count, of, lines, sentence = streamed(made.path, examples=0)
    assert (count, of) == (230, 0) and "first" not in sentence and "--examples" not in " ".join(lines)
    assert streamed(exported, examples=9)[:2] == (9, 230)
    assert streamed(made.path, examples=7)[:2] == (7, 230)
    assert streamed(exported)[:2] == (7, 230)
    assert streamed(exported, file=made.vectors, examples=12)[:2] == (12, 230)
    with pytest.raises(InputError, match="holds 7 of 230 test examples") as caught:
        validate(exported, ["host"], Source(examples=9))
    assert "--examples 9" in caught.value.problems[0].hint
    with pytest.raises(InputError, match="--examples: is of vectors that there are"):
        validate(exported, ["host"], Source(examples=9, random=3))
