"""`edgekit data convert` and `edgekit data show` of pictures."""

import json

import pytest
from typer.testing import CliRunner

from edgekit.cli.main import build_app
from edgekit.data.annotations.base import ReadOptions
from edgekit.errors import InputError
from edgekit.pipeline import convert as converting
from edgekit.pipeline import picture_summary
from tests.data.annotations.drawing import coco

pytest.importorskip("matplotlib")
OUTSIDE = {"id": 5, "image_id": 1, "category_id": 7, "bbox": [50, 2, 10, 5]}
SOUND = {"id": 6, "image_id": 1, "category_id": 7, "bbox": [5, 2, 10, 5]}


def test_what_is_sound_is_converted_and_faults_are_named(tmp_path):
    coco(tmp_path / "in", annotations=[OUTSIDE, SOUND])
    found = converting.convert(tmp_path / "in", "coco", "kitti", tmp_path / "out", ReadOptions())
    assert (found["pictures"], found["boxes"], found["classes"]) == (1, 1, {"plane": 1})
    (fault,) = found["left_out"]
    assert fault["where"].endswith("annotations[0].bbox") and "outside" in fault["what"]
    assert (tmp_path / "out" / "label_2" / "a.txt").read_text().startswith("plane -1 -1 -10 5 2 15 7 ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]


@pytest.mark.parametrize(
    ("tree", "target", "strict", "what"),
    [
        ({"annotations": [OUTSIDE]}, "kitti", True, "outside"),
        ({"categories": [{"id": 7, "name": "a plane"}]}, "kitti", False, "without spaces"),
        ({"images": [], "annotations": []}, "kitti", False, "holds no pictures"),
        ({}, "yolo", False, "not written"),
        ({}, "kiti", False, "did you mean 'kitti'"),
    ],
)
def test_a_failure_leaves_no_folder(tree, target, strict, what, tmp_path):
    coco(tmp_path / "in", **tree)
    with pytest.raises(InputError, match=what):
        converting.convert(tmp_path / "in", "coco", target, tmp_path / "out", ReadOptions(), strict)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_what_the_target_cannot_say_is_counted(tmp_path):
    image = {"id": 1, "file_name": "a.png", "width": 32, "height": 24, "license": 4}
    odd = {"location": "roof", "score": "high", "dimensions": [1, 2], "alpha": None}
    crowd = {**SOUND, "id": 7, "iscrowd": 1, "segmentation": {"size": [24, 32], "counts": [0, 768]}}
    coco(tmp_path / "in", images=[image], annotations=[{**SOUND, **odd, "area": 9.0, "score": 0.5}, crowd])
    results = {
        target: converting.convert(tmp_path / "in", "coco", target, tmp_path / target, ReadOptions())
        for target in ("kitti", "coco")
    }
    assert results["coco"]["lost"] == {}
    assert results["kitti"]["lost"] == {
        "alpha": 1, "area": 1, "class of a crowd": 1, "dimensions": 1, "license": 1, "location": 1,
        "segmentation": 1,
    }  # fmt: skip
    rows = (tmp_path / "kitti" / "label_2" / "a.txt").read_text().splitlines()
    assert [len(row.split()) for row in rows] == [16, 15]


def test_what_to_do_about_a_fault_is_said_once(tmp_path, capsys):
    twice = [{**OUTSIDE, "bbox": [30, 2, 10, 5], "id": number} for number in range(2)]
    coco(tmp_path / "in", annotations=twice)
    found = converting.convert(tmp_path / "in", "coco", "coco", tmp_path / "out", ReadOptions())
    assert [fault["hint"] for fault in found["left_out"]] == ["clip cuts such boxes at the border"] * 2
    said = capsys.readouterr().err
    assert said.count("left out: ") == 2 and said.count("clip cuts such boxes") == 1


def test_a_picture_that_ends_early_is_named_and_not_copied(tmp_path):
    folder = coco(tmp_path / "in", annotations=[])
    listed = [
        {"id": number, "file_name": f"{name}.png", "width": 32, "height": 24}
        for number, name in enumerate("ab")
    ]
    coco(folder, images=listed, annotations=[])
    whole = (folder / "images" / "a.png").read_bytes()
    (folder / "images" / "b.png").write_bytes(whole[: len(whole) // 2])
    found = converting.convert(folder, "coco", "coco", tmp_path / "out", ReadOptions())
    assert found["pictures"] == 1 and "cut short" in found["left_out"][0]["what"]
    assert [path.name for path in (tmp_path / "out" / "images").iterdir()] == ["a.png"]
    with pytest.raises(InputError, match="cut short"):
        converting.convert(folder, "coco", "coco", tmp_path / "strict", ReadOptions(), strict=True)
    assert not (tmp_path / "strict").exists()


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (ReadOptions(rename={"plan": "aircraft"}), "no class 'plan'.*\n.*did you mean 'plane'"),
        (ReadOptions(subject="^(.*)_tile"), "subject: matches no picture's name"),
    ],
)
def test_options_that_change_nothing_are_taken_for_mistakes(options, what, tmp_path):
    coco(tmp_path / "in")
    with pytest.raises(InputError, match=what):
        converting.convert(tmp_path / "in", "coco", "coco", tmp_path / "out", options)


def test_what_is_there_is_not_overwritten(tmp_path):
    coco(tmp_path / "in")
    with pytest.raises(InputError, match="is there already"):
        converting.convert(tmp_path / "in", "coco", "coco", tmp_path / "in", ReadOptions())


def test_the_command(tmp_path):
    coco(tmp_path / "in", categories=[{"id": 7, "name": "a plane"}])
    arguments = ["data", "convert", str(tmp_path / "in"), "--from", "coco", "--to", "kitti", "-o"]
    record = tmp_path / "record.json"
    done = CliRunner().invoke(
        build_app(), [*arguments, str(tmp_path / "out"), "--rename", "a plane=plane", "--json", str(record)]
    )
    assert done.exit_code == 0, done.output
    assert json.loads(record.read_text())["result"]["classes"] == {"plane": 1}
    done = CliRunner().invoke(
        build_app(), [*arguments, str(tmp_path / "again"), "--rename", "plane"], standalone_mode=False
    )
    assert done.return_value == 2


def test_show_writes_counts_and_figures(tmp_path):
    coco(tmp_path / "in", annotations=[OUTSIDE, SOUND])
    assert picture_summary.is_pictures("coco-folder") and not picture_summary.is_pictures("folder")
    found = picture_summary.show("coco-folder", ["clip=true"], tmp_path / "in", tmp_path / "runs")
    assert found["boxes"] == 1 and len(found["left_out"]) == 1
    assert json.loads((tmp_path / "runs" / "data" / "coco-folder.json").read_text()) == found
    assert (tmp_path / "runs" / "data" / "coco-folder-sheet.png").stat().st_size > 1000


def test_show_names_a_picture_that_ends_early(tmp_path):
    folder = coco(tmp_path / "in")
    path = folder / "images" / "a.png"
    path.write_bytes(path.read_bytes()[:1000])
    found = picture_summary.show("coco-folder", [], folder, tmp_path / "runs")
    assert found["pictures"] == 1 and "cut short" in found["left_out"][0]["what"]


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("coco-foldr", "did you mean 'coco-folder'"),
        ("ecg-rythm", "did you mean 'ecg-rhythm'"),
        ("lsad", "data show RECIPE --set data.dataset=lsad"),
    ],
)
def test_show_offers_recipes_and_data_sets(name, what):
    done = CliRunner().invoke(build_app(), ["data", "show", name], standalone_mode=False)
    assert done.return_value == 2 and what in done.output
