"""Data sets of pictures: options, tiles, classes, subjects, and splits."""

import json
import zipfile

import pytest

from edgekit.data import deepforest
from edgekit.data.annotations.base import REGISTRY as FORMATS
from edgekit.data.pictures import Box, Picture, dataset
from edgekit.data.split import assign, labels_by_subject
from edgekit.errors import EnvironmentFailed, InputError
from tests.data.annotations.drawing import coco, draw


def _read(key, root, classes=(), **options):
    found, skipped = dataset(key), []
    pictures = list(found.pictures(found.parse(options), root, list(classes), skipped))
    assert len({picture.name for picture in pictures}) == len(pictures)
    return pictures, skipped


@pytest.fixture
def folder(tmp_path):
    boxes = (Box(1, 1, 8, 8, "plane"), Box(20, 3, 10, 4, "bird"), Box(0, 20, 4, 4, "DontCare"))
    noise = draw(tmp_path / "source.png")
    pictures = [Picture(f"{i}.png", f"scene {i}", 32, 24, boxes, array=noise) for i in range(6)]
    FORMATS.get("coco").write(pictures, tmp_path / "coco", {})
    FORMATS.get("kitti").write(pictures, tmp_path / "kitti", {})
    return tmp_path


@pytest.mark.parametrize("key", ["coco", "kitti"])
def test_only_wanted_classes_are_kept_and_the_others_counted(key, folder):
    pictures, skipped = _read(f"{key}-folder", folder / key, ["plane"])
    assert [[box.label for box in picture.boxes] for picture in pictures] == [["plane", "DontCare"]] * 6
    assert [problem.what for problem in skipped] == ["6 sound box(es) carry no wanted label: bird 6"]
    assert not _read(f"{key}-folder", folder / key)[1]


@pytest.mark.parametrize("key", ["coco", "kitti"])
def test_tiles_of_a_photograph_are_never_separated(key, folder):
    pictures, _ = _read(f"{key}-folder", folder / key, ["plane"], tile=16, overlap=4)
    assert len(pictures) == 6 * 6 and len({picture.subject for picture in pictures}) == 6
    labels = labels_by_subject((picture.subject, "plane") for picture in pictures)
    splits = assign(labels, {"train": 0.5, "test": 0.5})
    parts = {
        split: {p.subject for p in pictures if splits[p.subject] == split} for split in ("train", "test")
    }
    assert len(parts["train"]) == len(parts["test"]) == 3 and not parts["train"] & parts["test"]
    assert all(picture.read().shape == (16, 16, 3) for picture in pictures)


def test_faults_are_listed_clipped_or_final(tmp_path):
    folder = coco(tmp_path, annotations=[{"id": 5, "image_id": 1, "category_id": 7, "bbox": [-2, 2, 10, 5]}])
    (picture,), (problem,) = _read("coco-folder", folder)
    assert picture.boxes == () and "sticks out" in problem.what
    (picture,), skipped = _read("coco-folder", folder, clip=True)
    assert not skipped and picture.boxes[0].x == 0 and picture.boxes[0].width == 8
    with pytest.raises(InputError, match="sticks out"):
        _read("coco-folder", folder, strict=True)


def test_options_that_change_nothing_are_told(tmp_path):
    coco(tmp_path)
    _, (problem,) = _read("coco-folder", tmp_path, rename={"plan": "aircraft"})
    assert (problem.what, problem.hint) == ("there is no class 'plan'", "did you mean 'plane'?")
    with pytest.raises(InputError, match="matches no picture's name"):
        _read("coco-folder", tmp_path, subject="^(.*)_tile")


def test_a_folder_without_a_usable_picture_is_an_input_error_that_says_why(tmp_path):
    coco(tmp_path)
    (tmp_path / "images" / "a.png").write_text("text")
    with pytest.raises(InputError) as error:
        _read("coco-folder", tmp_path)
    assert "holds no usable picture" in str(error.value) and "is no picture" in str(error.value)


def test_a_file_among_several_is_named_below_the_folder_only(folder):
    (folder / "coco" / "other.json").write_text("{}")
    assert len(_read("coco-folder", folder / "coco", annotations="annotations.json")[0]) == 6
    with pytest.raises(InputError, match="leads out"):
        _read("coco-folder", folder / "coco", annotations="../kitti/x.json")


@pytest.mark.parametrize("key", ["coco-folder", "kitti-folder", "rareplanes", "deepforest"])
def test_a_missing_folder_shows_the_layout(key, tmp_path):
    with pytest.raises(InputError) as error:
        _read(key, tmp_path / "absent")
    assert dataset(key).layout in str(error.value)


def test_tiles_must_move_on():
    with pytest.raises(InputError, match="overlap must be smaller"):
        dataset("coco-folder").parse({"tile": 16, "overlap": 16})


def _rareplanes(root, part, pictures):
    for split, name in (("train", "100_1040010029990A00_tile_319.png"), ("test", "7_104001001A_tile_2.png")):
        draw(root / part / split / pictures / name)
        tree = {
            "images": [{"id": 1, "file_name": name, "width": 32, "height": 24}],
            "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [4, 4, 8, 8]}],
            "categories": [{"id": 1, "name": "aircraft"}],
        }
        file = root / part / "metadata_annotations" / f"instances_{split}_aircraft.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(tree))


@pytest.mark.parametrize(("part", "pictures"), [("real", "PS-RGB_tiled"), ("synthetic", "images")])
def test_rareplanes_is_read_in_its_published_layout(part, pictures, tmp_path):
    _rareplanes(tmp_path, part, pictures)
    found, skipped = _read("rareplanes", tmp_path, ["aircraft"], part=part)
    assert not skipped
    assert [picture.subject for picture in found] == [f"{part}/100", f"{part}/7"]
    assert found[0].name == f"{part}/train/100_1040010029990A00_tile_319.png"
    assert found[0].boxes[0].label == "aircraft"
    assert len(_read("rareplanes", tmp_path, part=part, published=["test"], tile=16)[0]) == 4
    with pytest.raises(InputError, match="instances_train_role"):
        _read("rareplanes", tmp_path, part=part, label="role")


_OBJECT = (
    "<object><name>{}</name>"
    "<bndbox><xmin>{}</xmin><ymin>2</ymin><xmax>9</xmax><ymax>8</ymax></bndbox></object>"
)


def _wheel(path, tmp_path):
    draw(tmp_path / "a.png")
    with zipfile.ZipFile(path, "w") as archive:
        for scene, name in deepforest.SCENES.items():
            archive.write(tmp_path / "a.png", f"deepforest/data/{name}")
            boxes = _OBJECT.format("Tree", 1) + _OBJECT.format("Dead", 3) + _OBJECT.format("Tree", "x")
            archive.writestr(f"deepforest/data/{scene}.xml", f"<annotation>{boxes}</annotation>")


def test_deepforest_is_taken_out_of_its_wheel(tmp_path, monkeypatch):
    wheel = tmp_path / "w.whl"
    _wheel(wheel, tmp_path)
    source = dataset("deepforest")
    options = source.parse({"wheel": str(wheel)})
    with pytest.raises(EnvironmentFailed, match="checksum differs"):
        source.download(tmp_path / "out", options)
    monkeypatch.setattr(deepforest, "SHA256", deepforest.files.sha256(wheel))
    source.download(tmp_path / "out", options)
    found, skipped = _read("deepforest", tmp_path / "out", ["Tree"])
    assert len(found) == len({picture.subject for picture in found}) == 4
    assert found[0].boxes == (Box(1, 2, 8, 6, "Tree"), Box(3, 2, 6, 6, "Tree"))
    assert [problem.what for problem in skipped] == ["has no box of four numbers"] * 4

    (tmp_path / "out" / "SOAP_061.xml").write_text("<annotation")
    (tmp_path / "out" / "OSBS_029.xml").unlink()
    found, skipped = _read("deepforest", tmp_path / "out")
    assert len(found) == 3 and [problem.what for problem in skipped][2:] == [
        "is missing",
        "is no XML that can be read",
    ]
    with pytest.raises(InputError, match="no such wheel"):
        source.download(tmp_path / "out", source.parse({"wheel": str(tmp_path / "absent.whl")}))
