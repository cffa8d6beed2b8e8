"""A detector from pictures to board C: data, splits, budget before training, ladder, faults."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgekit.device import boards
from edgekit.errors import CheckFailed, InputError
from edgekit.pipeline import budget, data, demo, domains, ladder, train
from edgekit.pipeline.run_folder import RunFolder
from edgekit.pipeline.validate import Source, validate
from edgekit.recipes.base import parse
from edgekit.report.base import load_json
from edgekit.training.detection.boxes import objects
from tests.device.conftest import need, tools_of

DATASET = """
from pathlib import Path
import numpy as np
from edgekit.data.base import DatasetOptions
from edgekit.data.pictures import Box, Picture, PictureDataset

class Options(DatasetOptions):
    count: int = 160
    outside: bool = False
    labels: list[str] = ["square", "bar"]
    torn: str = ""

class Drawn(PictureDataset):
    title, summary, licence, source, synthetic = "drawn", "rectangles", "none", "none", True
    Options = Options

    def pictures(self, options, root, classes, skipped):
        if options.torn:
            yield Picture("torn.png", "torn", 96, 96, path=Path(options.torn))
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
            "params": {"stride": 8, "backbone_params": {"depth": 10, "filters": [8, 8, 8], "stem_kernel": 3,
                                                            "batch_norm_momentum": 0.8}},
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
        for left, upper, right, lower, label, _ in rows[objects(rows)]:
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
    there = objects(half)
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
        ({"count": 3}, ["there are fewer subjects than splits"]),
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


@pytest.mark.parametrize(("count", "read"), [(160, 160), (0, 0)])
def test_a_picture_that_is_not_one_is_named(count, read, dataset, tmp_path):
    torn = tmp_path / "torn.png"
    torn.write_text("no picture")
    options = {"torn": str(torn), "count": count}
    if not read:
        with pytest.raises(InputError) as caught:
            prepared(dataset, tmp_path, data={"dataset": dataset, "options": options})
        none, why = caught.value.problems
        assert none.found == "1 skipped" and str(torn) in why.where
        return
    run = prepared(dataset, tmp_path, data={"dataset": dataset, "options": options})
    found = load_json(run.data)
    assert sum(found["pictures"].values()) == read
    (skipped,) = found["skipped"]
    assert str(torn) in skipped["where"] and "is no picture" in skipped["what"]


PLAN = """
- {step: prune, keep_parameters: 0.7, epochs: 1}
- {step: qat, epochs: 1}
"""


@pytest.fixture(scope="module")
def file(dataset, tmp_path_factory):
    """Returns a recipe's file."""
    path = tmp_path_factory.mktemp("recipe") / "rectangles.py"
    text = recipe(dataset, training={"epochs": 16, "batch_size": 16, "learning_rate": 8e-3},
                  detection={"threshold": 0.1}).model_dump_json(exclude={"presets"})  # fmt: skip
    path.write_text(
        f"import json\nfrom edgekit.recipes.base import parse\nRECIPE = parse(json.loads({text!r}), '')\n"
    )
    return str(path)


@pytest.fixture(scope="module")
def climbed(file, tmp_path_factory):
    """Returns what a climb says, and the run folders of its rungs."""
    pytest.importorskip("tensorflow")
    folder = tmp_path_factory.mktemp("ladder")
    (folder / "plan.yaml").write_text(PLAN)
    made = ladder.climb(file, "host", plan_file=folder / "plan.yaml", runs=folder / "runs")
    last = RunFolder.open(made["run"])
    return made, [RunFolder.open(last.path.parent / rung["run"]) for rung in made["ladder"]["rungs"]]


@pytest.mark.slow
@pytest.mark.xdist_group("detector")
def test_a_ladder_of_a_detector(climbed, file):
    made, runs = climbed
    rungs = made["ladder"]["rungs"]
    assert made["ladder"]["metric"] == "mAP50" and [rung["step"] for rung in rungs] == [
        "train",
        "prune",
        "qat",
    ]
    assert rungs[1]["parameters"] < 0.75 * rungs[0]["parameters"]
    assert (runs[-1].plots / "precision_recall.svg").is_file()
    rows = json.loads(runs[-1].metrics.read_text())["task"]["int8"]["rows"]
    assert rows[-1]["part"] == "all"
    assert train.resolve(file).task == "detection"


@pytest.mark.slow
@pytest.mark.xdist_group("detector")
def test_every_rung_equals_the_pc_on_the_host_from_camera_to_boxes(climbed):
    for number, run in enumerate(climbed[1]):
        (record,) = validate(run.path, ["host"], Source())
        assert number or (
            record.pictures.boxes > 5 and record.task.value > 0
        )  # there is something to agree on
        assert record.status == "held" and record.vectors > 20 and record.pictures.held
        assert record.task.metric == "mAP50" and record.task.value == record.task.pc_value
        assert {one.metric: one.value for one in record.task.more} == {
            one.metric: one.pc_value for one in record.task.more
        }
        assert [one.metric for one in record.task.more] == ["mAP", "precision", "recall"]


@pytest.mark.slow
@pytest.mark.xdist_group("detector")
def test_rungs_across_test_sets_are_drawn_with_their_boxes(climbed, tmp_path):
    first, *_, last = climbed[1]
    made = domains.compare([f"first={first.path}", f"deployed={last.path}"], [], tmp_path)
    frames, pixels = data.load(first, "test"), data.pixels(first, "test")
    with Image.open(tmp_path / "boxes-1.png") as sheet:
        rows = np.asarray(sheet.convert("L"))
    assert [path.name for path in tmp_path.glob("*.png")] == ["boxes-1.png"]  # one test set
    number = int(objects(frames.extras["boxes"]).any(axis=1).argmax())
    shown = np.kron(pixels[number, ..., 0], np.ones((4, 4), np.uint8))  # 48 pixels, four times larger
    left, top, side = 6, 6 + 14, 4 * 48
    for panel in range(3):  # truth and two runs
        x = left + panel * (side + 2)
        off = np.abs(rows[top : top + side, x : x + side].astype(int) - shown) > 8
        assert 0 < off.mean() < 0.2  # but for the boxes, and colours that were made fewer
    page = Path(made["page"]).read_text()
    assert page.count("data:image/png") == 1 and "Pictures with boxes" in page and "found, " in page


@pytest.mark.slow
@pytest.mark.board
@pytest.mark.xdist_group("detector")
def test_the_deployed_rung_equals_the_pc_on_its_boards(climbed):
    targets = ["mps3-an547", "mps2-an386"]
    for board in map(boards.load, targets):
        need(*tools_of(board))
    for record in validate(climbed[1][-1].path, targets, Source()):
        assert record.status == "held" and record.mismatched_elements == 0 and record.pictures.held
        assert record.timer.unit == "instructions" and record.camera_cost.ticks > 50_000
        assert record.task.value == record.task.pc_value


@pytest.mark.slow
@pytest.mark.xdist_group("detector")
def test_the_demo_shows_pictures_and_keeps_what_is_done(climbed, file, capsys):
    first = climbed[1][0]
    trained = first.keras_model.stat().st_mtime_ns
    made = demo.demo(file, "host", "", [], first.path.parent.parent)
    assert made["run"] == str(first.path) and first.keras_model.stat().st_mtime_ns == trained
    shown = Path(made["pictures"])
    assert shown.read_bytes().startswith(b"\x89PNG") and str(shown.name) in capsys.readouterr().err
    page = Path(made["report"]).read_text()
    for words in ("Pictures with boxes", "Truth, PC and host", "boxes in a picture", "Precision recall",
                  "Examples", "mAP50", "Camera and boxes around it"):  # fmt: skip
        assert words in page, words
    assert page.count("data:image/png;base64") == 2
    with pytest.raises(InputError, match="looks at pictures"):
        demo.demo(file, "host", "", [], first.path.parent.parent, sound=Path("a.wav"))


@pytest.mark.slow
def test_the_demo_tells_a_budget_that_cannot_be_met_before_it_trains(file, tmp_path):
    pytest.importorskip("tensorflow")
    with pytest.raises(CheckFailed, match=r"budget\.ram_bytes"):
        demo.demo(file, "host", "", ["budget.ram_bytes=3000"], tmp_path)
    assert not list(tmp_path.rglob("model.keras")) and not list(tmp_path.rglob("history.csv"))
