"""Drawing into a folder: the same bytes with any number of processes, on after a kill, no other settings."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask

from edgekit.data import pictures
from edgekit.data.annotations import coco
from edgekit.data.annotations.base import ReadOptions
from edgekit.errors import EnvironmentFailed, InputError
from edgekit.pipeline import scene_commands
from edgekit.scenes import folder
from edgekit.scenes.base import REGISTRY

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scenes.md"
SMALL = {"size": 48, "photographs": "none"}


def job(path: Path, **changes: object) -> folder.Job:
    return folder.Job("aircraft", REGISTRY.get("aircraft").parse("A", {**SMALL, **changes}), 5, path)


def contents(path: Path) -> dict[str, bytes]:
    return {str(p.relative_to(path)): p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file()}


def test_one_process_and_two_give_the_same_bytes_and_a_longer_set_begins_as_a_shorter(tmp_path: Path) -> None:
    alone, kept = folder.render(job(tmp_path / "one"), 9, 1)
    two, _ = folder.render(job(tmp_path / "two"), 9, 2)
    assert kept == 0 and alone == two
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    longer, kept = folder.render(job(tmp_path / "one"), 11, 1)
    assert kept == 9 and longer[:9] == alone


def test_what_is_damaged_or_missing_is_drawn_again(tmp_path: Path) -> None:
    one = job(tmp_path)
    folder.render(one, 4, 1)
    before = contents(tmp_path)
    one.image(0).write_bytes(b"half a pictu")
    one.image(1).unlink()
    one.record(2).write_text("{")
    _, kept = folder.render(one, 4, 1)
    assert kept == 1 and contents(tmp_path) == before


@pytest.mark.slow
def test_it_goes_on_after_a_kill_and_leaves_no_process_behind(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "edgekit",
        "data",
        "render",
        "aircraft",
        "-o",
        str(tmp_path),
        "--count",
        "400",
    ]
    command += ["--size", "48", "--workers", "2", "--set", "photographs=none"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while len(list(tmp_path.glob("records/*.json"))) < 5:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    time.sleep(1)
    there = len(list(tmp_path.glob("records/*.json")))
    time.sleep(0.5)
    assert there == len(list(tmp_path.glob("records/*.json"))) < 400
    scene = REGISTRY.get("aircraft")
    whole = folder.Job("aircraft", scene.parse("A", {"size": 48, "photographs": "none"}), 0, tmp_path)
    records, kept = folder.render(whole, there + 4, 1)
    assert kept >= 5 and len(records) == there + 4


def test_a_folder_of_other_settings_is_refused(tmp_path: Path) -> None:
    folder.render(job(tmp_path), 1, 1)
    with pytest.raises(InputError, match=r"(?s)other pictures.*settings.haze.*choose another folder"):
        folder.render(job(tmp_path, haze=(0.5, 0.6)), 1, 1)
    (tmp_path / "scene.json").write_text("[]")
    with pytest.raises(InputError, match="other pictures"):
        folder.render(job(tmp_path), 1, 1)


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "annotations.json").write_text("mine")
    with pytest.raises(InputError, match="holds something else"):
        folder.render(job(tmp_path), 1, 1)
    assert contents(tmp_path) == {"annotations.json": b"mine"}


@pytest.mark.parametrize("count", [0, 1_000_001])
def test_the_count_is_bounded(tmp_path: Path, count: int) -> None:
    with pytest.raises(InputError, match="out of range"):
        folder.render(job(tmp_path), count, 1)


def test_what_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / ".scene.json.x").write_text("of a run that was killed")
    folder.render(job(tmp_path), 1, 1)
    shutil.rmtree(tmp_path / "images")
    shutil.rmtree(tmp_path / "records")
    (tmp_path / "images").write_text("not a folder")
    with pytest.raises(EnvironmentFailed, match="cannot be written"):
        folder.render(job(tmp_path), 1, 1)
    assert not list(tmp_path.glob("records/*"))


def test_a_fault_in_a_process_reaches_the_user(tmp_path: Path) -> None:
    (tmp_path / "photographs").mkdir()
    (tmp_path / "photographs" / "a.png").write_bytes(b"no picture")
    broken = job(tmp_path / "out", photographs=str(tmp_path / "photographs"))
    with pytest.raises(InputError, match="cannot be read as a picture"):
        folder.render(broken, 8, 2)


def test_run_lengths_are_those_of_coco() -> None:
    random = np.random.default_rng(0)
    for mask in (random.random((7, 5)) < 0.5, np.ones((3, 4), bool), np.zeros((3, 4), bool)):
        runs = {"size": list(mask.shape), "counts": folder.run_lengths(mask)}
        packed = coco_mask.frPyObjects(runs, *mask.shape)
        assert np.array_equal(coco_mask.decode(packed), mask)


def test_the_command_writes_a_folder_that_coco_reads(tmp_path: Path) -> None:
    said = scene_commands.render(
        "aircraft",
        tmp_path,
        5,
        "B",
        size=64,
        workers=1,
        settings=["photographs=none", "things=[2, 4]"],
        layers=True,
    )
    read = coco.FORMAT.read(tmp_path, ReadOptions())
    assert not read.problems and len(read.pictures) == said["pictures"] == 5
    assert list(read.classes) == ["airliner", "light", "fighter"]
    assert read.classes["light"]["keypoints"] == ["nose", "tail", "left_wingtip", "right_wingtip"]
    assert sum(said["boxes"].values()) == sum(len(picture.boxes) for picture in read.pictures) > 0
    for index, picture in enumerate(read.pictures):
        numbers = np.asarray(Image.open(tmp_path / "masks" / f"{index:06d}.png"))
        depths = np.asarray(Image.open(tmp_path / "depths" / f"{index:06d}.png"))
        assert numbers.shape == depths.shape == (64, 64) and 400_00 < depths.min() <= depths.max() < 655_35
        for box in picture.boxes:
            whole = coco_mask.decode(coco_mask.frPyObjects(box.more["segmentation"], 64, 64))
            assert whole.sum() == box.area
            assert len(np.unique(numbers[whole > 0])) == 1
            assert len(box.more["keypoints"]) == 12
            cut = box.x in (0, 64 - box.width) or box.y in (0, 64 - box.height)
            assert cut or (box.truncation == 0 and (box.occlusion == 0) == (box.more["visible"] > 0.98))
    assert Image.open(tmp_path / "sheet.png").size[0] > 500
    assert json.loads((tmp_path / "scene.json").read_text())["identity"]["settings"]["domain"] == "B"


def test_the_data_set_draws_into_its_cache_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEKIT_CACHE", str(tmp_path))
    dataset = pictures.dataset("synthetic-scenes")
    assert dataset.synthetic
    options = dataset.parse({"count": 4, "size": 48, "workers": 1, "settings": {"things": [3, 3]}})
    skipped: list = []
    first = list(dataset.pictures(options, None, (), skipped))
    assert len(first) == 4 and not skipped and first[0].read().shape == (48, 48, 3)
    written = [picture.path.stat().st_mtime_ns for picture in first]
    few = list(dataset.pictures(options, None, ["light"], skipped))
    assert [picture.name for picture in few] == [picture.name for picture in first]
    assert {box.label for picture in few for box in picture.boxes} <= {"light"} and len(skipped) == 1
    assert len({picture.subject for picture in first}) == 4
    assert [picture.path.stat().st_mtime_ns for picture in few] == written
    with pytest.raises(InputError, match="did you mean 'clutter'"):
        wrong = dataset.parse({"settings": {"cluter": [0, 0]}})
        list(dataset.pictures(wrong, None, (), []))


def test_the_scene_that_the_page_shows_is_one_file(tmp_path: Path) -> None:
    if not PAGE.is_file():
        pytest.skip("no docs beside the tests")
    example = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    own = tmp_path / "buoys.py"
    own.write_text(example[1])
    said = scene_commands.render(str(own), tmp_path / "out", 6, "A", size=32, workers=2)
    assert set(said["boxes"]) == {"port", "starboard"} and min(said["boxes"].values()) > 0
