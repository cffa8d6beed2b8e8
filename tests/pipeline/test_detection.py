"""A detector from pictures to board C: data, splits, budget before training, ladder, faults."""

import json

import numpy as np
import pytest

from edgekit.errors import CheckFailed, InputError
from edgekit.pipeline import budget, data, ladder, train
from edgekit.pipeline.run_folder import RunFolder
from edgekit.recipes.base import parse
from edgekit.report.base import load_json
from edgekit.training.detection import boxes

DATASET = """
import numpy as np
from edgekit.data.base import DatasetOptions
from edgekit.data.pictures import Box, Picture, PictureDataset

class Options(DatasetOptions):
    count: int = 160
    outside: bool = False
    labels: list[str] = ["square", "bar"]

class Drawn(PictureDataset):
    title, summary, licence, source, synthetic = "drawn", "rectangles", "none", "none", True
    Options = Options

    def pictures(self, options, root, classes, skipped):
        for number in range(options.count):
            random = np.random.default_rng(number)
            picture = random.integers(90, 130, (96, 96, 3)).astype(np.uint8)
            found = []
            for label in random.choice(options.labels, number % 3):
                width, height = (24, 24) if label == "square" else (40, 12)
                x, y = random.integers(0, 96 - width), random.integers(0, 96 - height)
                picture[y : y + height, x : x + width] = 220 if label == "square" else 20
                found.append(Box(float(x), float(y), width, height, str(label)))
            if options.outside and number == 4:
                found.append(Box(96.0, 3.0, 5, 5, "bar"))
            yield Picture(f"{number}.png", f"scene{number // 2}", 96, 96, tuple(found), array=picture)

DATASET = Drawn()
"""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    path = tmp_path_factory.mktemp("drawn") / "drawn.py"
    path.write_text(DATASET)
    return str(path)


def recipe(dataset, **changes):
    tree = {
        "name": "rectangles", "title": "Rectangles", "description": "drawn", "task": "detection",
        "classes": ["square", "bar"],
        "data": {"dataset": dataset},
        "camera": {"format": "grey", "width": 96, "height": 96, "size": [48, 48], "colour": "grey"},
        "model": {
            "name": "detectnet-v2",
            "params": {"stride": 8, "backbone_params": {"depth": 10, "filters": [8, 8, 8], "stem_kernel": 3}},
        },
        "training": {"epochs": 1, "batch_size": 16, "learning_rate": 5e-3},
        "quantize": {"max_metric_drop": 1.0},
    }  # fmt: skip
    return parse({**tree, **changes}, "test")


def prepared(dataset, folder, **changes):
    run = RunFolder.create(recipe(dataset, **changes), folder, "")
    data.prepare(run)
    return run


def test_pictures_become_frames_with_boxes_split_by_scene(dataset, tmp_path):
    run = prepared(dataset, tmp_path)
    splits = {name: data.load(run, name) for name in ("train", "validation", "calibration", "test")}
    scenes = [set(frames.subjects.tolist()) for frames in splits.values()]
    assert sum(map(len, scenes)) == len(set.union(*scenes)) == 80
    frames = splits["train"]
    assert frames.x.shape[1:] == (48, 48, 1) and frames.x.dtype == np.float32
    assert not run.preproc.exists()
    for picture, rows in zip(frames.x[..., 0], frames.extras["boxes"], strict=True):
        for left, upper, right, lower, label, _ in rows[boxes.objects(rows)]:
            inside = picture[int(np.ceil(upper)) : int(lower), int(np.ceil(left)) : int(right)]
            assert np.median(inside) == pytest.approx(220 / 255 if label == 0 else 20 / 255, abs=0.01)
    calibration = splits["calibration"].x
    assert calibration.min() == 0 and calibration.max() == 1
    counts = load_json(run.data)["counts"]["train"]
    assert counts["bar"]["boxes"] >= counts["bar"]["frames"] >= counts["bar"]["subjects"] > 0


def test_a_picture_of_another_size_is_resampled_with_its_boxes(dataset, tmp_path):
    camera = {"format": "rgb888", "width": 192, "height": 128, "size": [96, 64]}
    run = prepared(dataset, tmp_path, camera=camera)
    ours = data.load(run, "test").extras["boxes"]
    half = data.load(prepared(dataset, tmp_path / "half"), "test").extras["boxes"]
    there = boxes.objects(half)
    assert ours[there][:, :4] == pytest.approx(half[there][:, :4] * [2, 4 / 3, 2, 4 / 3], abs=1e-3)


def test_a_box_outside_its_picture_is_named(dataset, tmp_path):
    run = prepared(dataset, tmp_path, data={"dataset": dataset, "options": {"outside": True}})
    (skipped,) = load_json(run.data)["skipped"]
    assert skipped == {"where": "4.png: bar", "what": "the box lies outside of its picture"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"count": 0}, ["no usable picture"]),
        ({"labels": ["square"]}, ["has no box of class bar"] * 3),
        ({"count": 3}, ["is empty"]),
    ],
)
def test_unusable_data_sets_are_refused(options, words, dataset, tmp_path):
    with pytest.raises(InputError) as caught:
        prepared(dataset, tmp_path, data={"dataset": dataset, "options": options})
    said = [problem.what for problem in caught.value.problems]
    assert all(word in said for word in words), said


@pytest.mark.slow
def test_a_budget_that_cannot_be_met_is_told_before_training(dataset, tmp_path):
    run = prepared(dataset, tmp_path)
    small = recipe(dataset, budget={"ram_bytes": 3000, "flash_bytes": 4000})
    with pytest.raises(CheckFailed) as caught:
        budget.check(run, small, "host")
    assert [problem.expected for problem in caught.value.problems] == ["3,000 bytes", "4,000 bytes"]
    budget.check(run, recipe(dataset, budget={"ram_bytes": 10_000_000}), "host")
    unknown = small.model_copy(update={"compress": [{"step": "prune", "pth": 0.5}]})
    budget.check(run, unknown, "host")  # how much goes is only known after training


@pytest.mark.slow
def test_a_ladder_of_a_detector(dataset, tmp_path):
    text = recipe(dataset).model_dump_json(exclude={"presets"})
    file = tmp_path / "rectangles.py"
    file.write_text(
        f"import json\nfrom edgekit.recipes.base import parse\nRECIPE = parse(json.loads({text!r}), '')\n"
    )
    plan = tmp_path / "plan.yaml"
    plan.write_text("- {step: prune, keep_parameters: 0.7, epochs: 1}\n")
    made = ladder.climb(str(file), "host", plan_file=plan, runs=tmp_path / "runs")
    rungs = made["ladder"]["rungs"]
    assert made["ladder"]["metric"] == "mAP50" and len(rungs) == 2
    assert rungs[1]["parameters"] < 0.75 * rungs[0]["parameters"]
    assert (RunFolder.open(made["run"]).plots / "precision_recall.svg").is_file()
    rows = json.loads(RunFolder.open(made["run"]).metrics.read_text())["task"]["int8"]["rows"]
    assert rows[-1]["part"] == "all"
    assert train.resolve(str(file)).task == "detection"
