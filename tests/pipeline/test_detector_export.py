"""A run of a detector is exported with its camera and its boxes, and answers on the host."""

import shutil
import subprocess

import numpy as np
import pytest

from edgekit import manifest
from edgekit.compiler import attached
from edgekit.errors import InputError
from edgekit.pipeline.export import export
from edgekit.pipeline.run_folder import RunFolder
from edgekit.pipeline.validate import Source, validate
from edgekit.recipes.base import parse
from tests.compiler.test_pictures import CAMERA, detector


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
    (record,) = validate(folder, ["host"], Source())
    assert record.mismatched_elements == 0
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


def test_a_camera_of_another_size_than_the_models_is_refused(tmp_path):
    other = {**CAMERA.config.model_dump(), "size": [40, 24]}
    with pytest.raises(InputError, match="does not take"):
        export(run(tmp_path, camera=other).path, "host", tmp_path / "out")
    assert not (tmp_path / "out").exists()
