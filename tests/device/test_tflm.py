"""Firmware around the user's own TFLM: found or said what is missing; built and run with a stand-in."""

from __future__ import annotations

import shutil
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest

from edgekit.compiler import attached
from edgekit.compiler.export import export_model
from edgekit.compiler.ops.base import Target
from edgekit.device import boards, tflm
from edgekit.device.build import build
from edgekit.errors import EnvironmentFailed
from edgekit.hil import run as hil
from edgekit.hil.picture_run import run_pictures
from edgekit.manifest import NodeOutput
from tests.compiler.test_pictures import CAMERA, detector
from tests.compiler.test_pictures import exported as detector_export
from tests.device.conftest import need

STANDIN = Path(__file__).parent / "tflm_standin"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stand_in(tmp_path_factory.mktemp("tflm"))


def stand_in(folder: Path, *sizes: str) -> Path:
    """Writes what TFLM's Makefile leaves behind: headers, and the library of this machine."""
    if shutil.which("g++") is None:
        pytest.skip("g++ is not installed")
    shutil.copytree(STANDIN, folder, dirs_exist_ok=True)
    library = folder / "gen" / "linux_x86_64_default_gcc" / "lib" / tflm.LIBRARY
    library.parent.mkdir(parents=True)
    source, made = str(folder / "interpreter.cc"), str(folder / "interpreter.o")
    flags = ["-std=c++17", "-O1", "-fno-rtti", "-fno-exceptions", f"-I{folder}"]
    subprocess.run(["g++", *flags, *sizes, "-c", source, "-o", made], check=True)
    subprocess.run(["ar", "-rcs", str(library), made], check=True)
    return folder


def test_an_export_for_tflm_becomes_firmware_that_runs(
    tiny_model: bytes, checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need("host compiler")
    monkeypatch.setenv(tflm.VARIABLE, str(checkout))
    exported = export_model(
        tiny_model, "tiny.tflite", "tiny", Target(), ("tflm",), measure_tflm=lambda _: 1000
    )
    exported.write(tmp_path / "out")
    board = boards.load("host")
    built = build(tmp_path / "out", board)
    assert built.memory.arena_bytes == exported.manifest.tflm_arena_bytes["cortex-m0"]
    assert len(tiny_model) <= built.memory.weights_bytes < len(tiny_model) + 16
    vectors = np.random.default_rng(0).integers(-128, 128, (5, 1, 4, 4, 2)).astype(np.int8)
    made = hil.run(built.manifest, built, board, {"input": vectors})
    assert made.hello.engine == "tflm"
    expected = (vectors.reshape(5, -1)[:, :3].astype(np.int16) + 1).astype(np.int8)
    np.testing.assert_array_equal(made.outputs["output"].reshape(5, 3), expected)


def test_firmware_that_traces_keeps_every_tensor_and_tells_what_nodes_wrote(
    tiny_model: bytes, checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stand-in's tensors are zeros; without EK_TRACE it keeps none."""
    need("host compiler")
    monkeypatch.setenv(tflm.VARIABLE, str(checkout))
    exported = export_model(
        tiny_model, "tiny.tflite", "tiny", Target(), ("tflm",), measure_tflm=lambda _: 1000
    )
    exported.write(tmp_path / "out")
    built = build(tmp_path / "out", boards.load("host"), defines={"EK_TRACE": "1"})
    with hil.connect(built, built.board, deadline=20) as session:
        traced = session.tracing([bytes(32)])
        _, written = traced.nodes()
        sizes = [sum(_bytes(output) for output in node.outputs) for node in exported.manifest.nodes]
        assert written[:, 0].tolist() == sizes
        assert [traced.node(node.index) for node in exported.manifest.nodes] == [bytes(n) for n in sizes]


@pytest.mark.parametrize("centroids", [False, True])
def test_a_detector_becomes_firmware_from_a_cameras_rows_to_boxes(
    centroids: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stand-in's outputs are its input plus 1, one behind the other."""
    need("host compiler")
    sizes = {"coverage": 24} if centroids else {"coverage": 24, "boxes": 96}
    listed = ",".join(map(str, sizes.values()))
    checkout = stand_in(tmp_path / "tflm", "-DSTANDIN_INPUT=2304", f"-DSTANDIN_OUTPUTS={listed}")
    monkeypatch.setenv(tflm.VARIABLE, str(checkout))
    exported = detector_export(
        detector(centroids), engines=("tflm",), measure_tflm=lambda _: 4000, golden=None
    )
    exported.write(tmp_path / "out")
    assert "eye_boxes_of(coverage," in exported.files["README.md"].decode()
    for source in exported.manifest.sources:  # with nothing beside the export
        folders = [f"-I{tmp_path / 'out' / name}" for name in exported.manifest.include_dirs]
        command = ["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-fsyntax-only"]
        subprocess.run([*command, *folders, str(tmp_path / "out" / source)], check=True)
    built = build(tmp_path / "out", boards.load("host"))
    frames = np.random.default_rng(3).integers(0, 256, (3, 60, CAMERA.row_bytes), np.uint8)
    with hil.connect(built, built.board, deadline=20) as session:
        made = run_pictures(session, [frame.tobytes() for frame in frames])
    seen = CAMERA.quantise(CAMERA.pixels_of_rows(frames), 1 / 255, -128)
    assert made.input_crcs == [zlib.crc32(one.tobytes()) for one in seen]
    given = (seen.reshape(3, -1).astype(np.int16) + 1).astype(np.int8)
    expected = {"coverage": given[:, :24].reshape(3, 3, 4, 2), "boxes": given[:, 24:120].reshape(3, 3, 4, 8)}
    for name in sizes:
        np.testing.assert_array_equal(made.outputs[name].reshape(expected[name].shape), expected[name])
    boxes = exported.manifest.boxes
    assert boxes is not None and built.boxes_bytes > 300
    for index, found in enumerate(made.boxes):
        assert found == attached.found(boxes, {name: expected[name][index] for name in sizes}) != []


def _bytes(output: NodeOutput) -> int:
    return int(np.prod(output.shape)) * np.dtype(output.dtype).itemsize


def test_what_is_missing_is_said(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    board = boards.load("mps2-an386")
    monkeypatch.delenv(tflm.VARIABLE, raising=False)
    with pytest.raises(EnvironmentFailed, match="TFLM_DIR: is not set") as caught:
        tflm.locate(board)
    assert "micro_interpreter.h" in str(caught.value) and "OPTIMIZED_KERNEL_DIR=cmsis_nn" in str(caught.value)
    monkeypatch.setenv(tflm.VARIABLE, str(tmp_path))
    with pytest.raises(EnvironmentFailed, match=r"holds no tensorflow/lite/micro/micro_interpreter.h"):
        tflm.locate(board)
    monkeypatch.setenv(tflm.VARIABLE, str(checkout))
    with pytest.raises(EnvironmentFailed, match=r"no libtensorflow-microlite.a for cortex-m4") as caught:
        tflm.locate(board)
    assert "linux_x86_64_default_gcc" in str(caught.value)


def test_the_library_of_the_core_is_taken_and_the_fastest_of_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(tflm.VARIABLE, str(tmp_path))
    header = tmp_path / "tensorflow" / "lite" / "micro" / "micro_interpreter.h"
    header.parent.mkdir(parents=True)
    header.touch()
    (tmp_path / "third_party" / "ruy").mkdir(parents=True)
    best = "cortex_m_generic_cortex-m4+fp_release_cmsis_nn_gcc"
    for name in (
        "cortex_m_generic_cortex-m4_default_gcc",
        best,
        "cortex_m_generic_cortex-m55_release_cmsis_nn_gcc",
    ):
        (tmp_path / "gen" / name / "lib").mkdir(parents=True)
        (tmp_path / "gen" / name / "lib" / tflm.LIBRARY).touch()
    found = tflm.locate(boards.load("mps2-an386"))
    assert found.archive.parts[-3] == best
    assert list(found.includes) == [tmp_path, tmp_path / "third_party" / "ruy"]
    assert "cortex-m55" in tflm.locate(boards.load("mps3-an547")).archive.parts[-3]
    with pytest.raises(EnvironmentFailed, match="for cortex-m3"):
        tflm.locate(boards.load("mps2-an385"))
