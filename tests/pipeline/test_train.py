"""Training from the command line: kept, resumed, and repeatable."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.pipeline import compress, data
from edgekit.pipeline.run_folder import RunFolder
from edgekit.pipeline.train import train

from .conftest import SMALL

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_unknown_names_and_keys_end_before_anything_is_written(tmp_path):
    with pytest.raises(InputError, match="did you mean 'ecg-rhythm'"):
        train("ecg-rythm", "", [], None, tmp_path)
    with pytest.raises(InputError, match="did you mean 'epochs'"):
        train("ecg-rhythm", "", ["training.epoch=1"], None, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_data_set_without_its_folder_says_what_it_expects(tmp_path):
    with pytest.raises(InputError) as caught:
        train("ecg-rhythm", "quick", ["data.dataset=lsad"], None, tmp_path)
    assert "--data-dir" in str(caught.value) and ".hea" in str(caught.value)


@pytest.mark.xdist_group("run")
def test_a_run_holds_all_that_later_stages_need(small_run):
    summary = json.loads(small_run.data.read_text())
    assert summary["synthetic"] is True
    assert set(summary["counts"]) == {"train", "validation", "calibration", "test"}
    metrics = json.loads(small_run.metrics.read_text())
    assert metrics["schema"] == "edgekit.metrics/1"
    assert metrics["int8"]["n"] == metrics["float"]["n"] > 0
    provenance = json.loads(small_run.provenance.read_text())
    assert {"data", "train", "quantize", "evaluate"} <= set(provenance["seconds"])
    assert (small_run.plots / "history.svg").is_file() and (small_run.plots / "confusion.svg").is_file()
    with np.load(small_run.vectors) as vectors:
        assert len(vectors["label"]) == metrics["int8"]["n"]


@pytest.mark.xdist_group("run")
def test_no_subject_is_in_two_splits(small_run):
    subjects = [
        set(data.load(small_run, split).subjects.tolist())
        for split in ("train", "validation", "calibration", "test")
    ]
    assert all(subjects)
    assert sum(map(len, subjects)) == len(set.union(*subjects))


@pytest.mark.xdist_group("run")
def test_what_is_done_is_kept(small_run):
    before = small_run.tflite.stat().st_mtime_ns
    assert compress.quantize(small_run) == {}
    assert small_run.tflite.stat().st_mtime_ns == before


@pytest.mark.xdist_group("run")
def test_quantising_again_gives_the_same_bytes(small_run):
    before = small_run.tflite.read_bytes()
    compress.quantize(small_run, again=True)
    assert small_run.tflite.read_bytes() == before


def test_a_killed_training_ends_with_the_same_history(tmp_path):
    settings = [*SMALL, "training.epochs=4"]
    command = [
        sys.executable,
        "-m",
        "edgekit.cli.main",
        "train",
        "ecg-rhythm",
        "--preset",
        "quick",
        "--quiet",
    ]
    command += [part for setting in settings for part in ("--set", setting)]
    environment = {**os.environ, "TF_NUM_INTRAOP_THREADS": "1"}

    def start(runs: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*command, "--runs", str(runs)], env=environment, start_new_session=True)

    whole = start(tmp_path / "whole")
    assert whole.wait(300) == 0
    cut = start(tmp_path / "cut")
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and not list(tmp_path.glob("cut/*/*/history.csv")):
        time.sleep(0.05)
    os.killpg(cut.pid, signal.SIGKILL)
    cut.wait()
    (folder,) = tmp_path.glob("cut/ecg-rhythm/*")
    assert not (folder / "model.keras").exists()
    prepared = (folder / "frames.npz").stat().st_mtime_ns
    assert start(tmp_path / "cut").wait(300) == 0
    first, second = (RunFolder.open(next(tmp_path.glob(f"{n}/ecg-rhythm/*"))) for n in ("whole", "cut"))
    assert second.path == folder and second.frames.stat().st_mtime_ns == prepared  # not prepared again
    assert (first.path / "history.csv").read_bytes() == (second.path / "history.csv").read_bytes()
    assert first.tflite.read_bytes() == second.tflite.read_bytes()
