"""An export is whole or not there; the same export is the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from edgekit import files, manifest
from edgekit.errors import EnvironmentFailed, InputError
from edgekit.pipeline.export import export, hostile_signal
from edgekit.preproc.chain import Chain


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_plain_tflite_becomes_a_folder_that_its_manifest_describes(tiny_file, tmp_path):
    export(tiny_file, "host", tmp_path / "out")
    made = manifest.load(tmp_path / "out")
    assert (made.name, made.engine, made.numerics) == ("tiny", "aot", "litert")
    assert made.model.sha256 == files.sha256(tiny_file)
    for name, digest in made.files.items():
        assert files.sha256(tmp_path / "out" / name) == digest
    assert {"src/tiny.c", "src/tiny.h", "main.c", "CMakeLists.txt", "model.tflite"} <= set(made.files)
    with np.load(tmp_path / "out" / "vectors.npz") as vectors:
        assert {name.split("/")[0] for name in vectors.files} == {"in", "out"}


def test_two_exports_of_one_model_are_the_same_bytes(tiny_file, tmp_path):
    for name in ("a", "b"):
        export(tiny_file, "host", tmp_path / name, engine="both")
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_exporting_again_keeps_what_was_built(tiny_file, tmp_path):
    export(tiny_file, "host", tmp_path / "out")
    (tmp_path / "out" / "build").mkdir()
    export(tiny_file, "host", tmp_path / "out")
    assert (tmp_path / "out" / "build").is_dir()
    export(tiny_file, "host", tmp_path / "out", numerics="tflm")
    assert not (tmp_path / "out" / "build").exists()
    assert manifest.load(tmp_path / "out").numerics == "tflm"


def test_an_edited_export_is_written_anew(tiny_file, tmp_path):
    export(tiny_file, "host", tmp_path / "out")
    source = tmp_path / "out" / "src" / "tiny.c"
    before = source.read_text()
    source.write_text("edited")
    export(tiny_file, "host", tmp_path / "out")
    assert source.read_text() == before


def test_a_folder_that_is_no_export_is_not_touched(tiny_file, tmp_path):
    out = tmp_path / "precious"
    out.mkdir()
    (out / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="in the way"):
        export(tiny_file, "host", out)
    assert content(out) == {"thesis.tex": b"years of work"}


def test_a_failed_write_leaves_the_old_export(tiny_file, tmp_path, monkeypatch):
    export(tiny_file, "host", tmp_path / "out")
    before = content(tmp_path / "out")

    def full(path: Path, data: bytes) -> None:
        raise EnvironmentFailed(where=str(path), what="no space left on device")

    monkeypatch.setattr(files, "write_bytes", full)
    with pytest.raises(EnvironmentFailed):
        export(tiny_file, "host", tmp_path / "out", name="other")
    assert content(tmp_path / "out") == before
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (b"", "tiny.tflite"),
        (b"\x1c\x00\x00\x00TFL3" + bytes(20), "tiny.tflite"),
        (b"hello", "tiny.tflite"),
    ],
)
def test_a_file_that_is_no_model_is_refused(tmp_path, model, message):
    path = tmp_path / "tiny.tflite"
    path.write_bytes(model)
    with pytest.raises(InputError, match=message):
        export(path, "host", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_truncated_model_is_refused(tiny_model, tmp_path):
    path = tmp_path / "cut.tflite"
    path.write_bytes(tiny_model[: len(tiny_model) // 2])
    with pytest.raises(InputError, match=r"cut\.tflite"):
        export(path, "host", tmp_path / "out")


def test_wrong_paths_names_and_boards_are_input_errors(tiny_file, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(InputError, match="no such file"):
        export(tmp_path / "nowhere.tflite", "host", out)
    with pytest.raises(InputError, match="did you mean 'mps2-an386'"):
        export(tiny_file, "mps2-an368", out)
    with pytest.raises(InputError, match="--name"):
        export(tiny_file, "host", out, name="int")
    with pytest.raises(InputError, match="needs a run folder"):
        export(tiny_file, "host", out, rate_hz=100.0)
    with pytest.raises(InputError, match="not a run folder"):
        export(tmp_path, "host", out)


@pytest.mark.slow
@pytest.mark.xdist_group("run")
def test_a_run_brings_labels_preprocessing_and_labelled_vectors(small_run, tmp_path):
    export(small_run.path, "apollo4", tmp_path / "out", engine="both")
    made = manifest.load(tmp_path / "out")
    assert made.name == "ecg_rhythm"
    assert made.labels == ["SR", "SBRAD", "AFIB", "GSVT"]
    assert made.preproc is not None and made.preproc.input_rate_hz == 360.0
    assert min(made.tflm_arena_bytes.values()) >= made.arena_bytes  # of a plan that wastes nothing
    assert {
        "src/ecg_rhythm_preproc.c",
        "src/ecg_rhythm_flatbuffer.cc",
        "src/ecg_rhythm_op_resolver.h",
    } <= set(made.files)
    chain = Chain.from_dict(json.loads((tmp_path / "out" / "preproc.json").read_text()))
    with np.load(tmp_path / "out" / "vectors.npz") as vectors:
        assert "label" in vectors.files
        frames, nonfinite = chain.frames(vectors["signal"])
    assert len(frames) > 3 and nonfinite > 10 and np.isfinite(frames).all()


@pytest.mark.slow
@pytest.mark.xdist_group("run")
def test_the_rate_of_the_sensor_may_differ_from_the_recipes(small_run, tmp_path):
    export(small_run.path, "host", tmp_path / "out", rate_hz=250.0)
    made = manifest.load(tmp_path / "out")
    assert made.preproc is not None and made.preproc.input_rate_hz == 250.0


def test_the_test_signal_is_hostile():
    steps = [{"step": "frame", "samples": 100, "hop": 50}, {"step": "znorm"}]
    signal = hostile_signal(Chain.design(steps, 100.0))
    assert np.isnan(signal).any() and np.isinf(signal).any() and np.nanmax(signal[np.isfinite(signal)]) > 900
