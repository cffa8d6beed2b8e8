import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.data.annotations.base import REGISTRY
from edgekit.data.pictures import Box, Picture
from edgekit.errors import InputError
from tests.data.annotations.drawing import draw, read

KITTI, COCO = REGISTRY.get("kitti"), REGISTRY.get("coco")
CAR = "Car 0.25 1 -1.57 1.5 2 11.25 7 1.65 1.67 3.64 -0.65 1.71 46.7 -1.59\n"
PLACE = "-1 -1 -1 -1000 -1000 -1000 -10"


def _folder(tmp_path, *lines, names=("a",)):
    for name in names:
        draw(tmp_path / "image_2" / f"{name}.png")
        (tmp_path / "label_2").mkdir(exist_ok=True)
        (tmp_path / "label_2" / f"{name}.txt").write_text("".join(lines))
    return tmp_path


@pytest.mark.parametrize(
    "places", [("image_2", "label_2"), ("images", "labels"), ("training/image_2", "training/label_2")]
)
def test_a_folder_is_read(places, tmp_path):
    draw(tmp_path / places[0] / "a.png")
    (tmp_path / places[1]).mkdir(parents=True)
    dont_care = f"DontCare -1 -1 -10 0 0 4 4 {PLACE}\n\n"
    (tmp_path / places[1] / "a.txt").write_text(CAR + dont_care)
    found = read("kitti", tmp_path)
    assert not found.problems and list(found.classes) == ["Car", "DontCare"]
    car, region = found.pictures[0].boxes
    assert (car.x, car.y, car.width, car.height, car.label) == (1.5, 2, 9.75, 5, "Car")
    assert (car.truncation, car.occlusion) == (0.25, 1)
    assert car.more == {
        "alpha": -1.57, "dimensions": [1.65, 1.67, 3.64], "location": [-0.65, 1.71, 46.7], "rotation_y": -1.59
    }  # fmt: skip
    assert region == Box(0, 0, 4, 4, "DontCare") and region.ignored and not car.ignored


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("Car 0 0 0 1 1 5 5\n", "wrong number of columns"),
        (CAR.strip() + " 0.9 7\n", "wrong number of columns"),
        (CAR.replace("1.5 2 ", "x 2 "), "no row of a name and numbers"),
        (CAR.replace(" 1 -1.57", " 1.5 -1.57"), "no row of a name and numbers"),
        (CAR.replace(" 1 -1.57", " inf -1.57"), "no row of a name and numbers"),
        (CAR.replace(" 1 -1.57", " 9 -1.57"), "occlusion is out of range"),
        (CAR.replace("0.25", "1.25"), "truncation is out of range"),
        (CAR.replace("11.25", "1.25"), "no area"),
        (CAR.replace("11.25", "nan"), "not finite"),
        (f"{CAR.rpartition(' ')[0]} nan", "rotation_y is no finite number"),
        (CAR.replace("11.25", "33"), "sticks out of its picture by 1"),
        (CAR.replace("1.5 2 11.25", "41.5 2 51.25"), "outside"),
    ],
)
def test_a_broken_line_is_named_and_the_others_stay(line, what, tmp_path):
    found = read("kitti", _folder(tmp_path, CAR, line))
    (problem,) = found.problems
    assert problem.where == f"{tmp_path / 'label_2' / 'a.txt'}:2" and what in problem.what
    assert [box.label for box in found.pictures[0].boxes] == ["Car"]


def test_files_without_their_other_half_are_named(tmp_path):
    _folder(tmp_path, CAR, names=("a", "b", "c", "d"))
    (tmp_path / "image_2" / "b.png").unlink()
    (tmp_path / "label_2" / "c.txt").unlink()
    (tmp_path / "image_2" / "d.png").write_text("text")
    draw(tmp_path / "image_2" / "a.bmp.png").tofile(tmp_path / "x")
    (tmp_path / "image_2" / "a.bmp.png").rename(tmp_path / "image_2" / "a.bmp")
    found = read("kitti", tmp_path)
    assert [picture.name for picture in found.pictures] == ["a.bmp"]
    assert sorted(problem.what for problem in found.problems) == [
        "has no label file",
        "is no picture, or is cut short or damaged",
        "shares its label file with another picture",
        "the picture is missing",
    ]


def test_a_label_file_that_is_no_text_is_named(tmp_path):
    folder = _folder(tmp_path, CAR)
    (folder / "label_2" / "a.txt").write_bytes(b"\xff\xfe\x00")
    (problem,) = read("kitti", folder).problems
    assert "cannot be read" in problem.what


def test_a_table_of_subjects_that_is_none_is_an_input_error(tmp_path):
    folder = _folder(tmp_path, CAR)
    (folder / "subjects.csv").write_text("a.png," + "x" * 200_000)
    with pytest.raises(InputError, match=r"subjects\.csv: is no table"):
        read("kitti", folder)


def test_another_layout_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="KITTI's layout"):
        read("kitti", tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        read("kitti", tmp_path / "absent")


def test_names_that_the_file_cannot_hold_are_input_errors(tmp_path):
    noise = draw(tmp_path / "x.png")
    with pytest.raises(InputError, match="--rename"):
        KITTI.write(
            [Picture("a", "a", 32, 24, (Box(0, 0, 1, 1, "traffic light"),), array=noise)], tmp_path / "k", {}
        )
    twice = [Picture(name, "a", 32, 24, array=noise) for name in ("a.png", "a")]
    with pytest.raises(InputError, match="share its label file"):
        KITTI.write(twice, tmp_path / "l", {})
    with pytest.raises(InputError, match="no name of a picture"):
        KITTI.write([Picture("../a", "a", 32, 24, array=noise)], tmp_path / "m", {})


_HUNDREDTHS = st.integers(0, 1199).map(lambda number: number / 100)
_NUMBER = st.floats(-1e4, 1e4, allow_nan=False)
BOXES = st.builds(
    lambda x, y, w, h, **rest: Box(x, y, round(w + 0.01, 6), round(h + 0.01, 6), **rest),
    _HUNDREDTHS,
    _HUNDREDTHS,
    _HUNDREDTHS,
    st.integers(0, 11_000_000).map(lambda number: number / 1e6),
    label=st.sampled_from(["Car", "Pedestrian", "DontCare", "Flugzeug_ä"]),
    occlusion=st.none() | st.integers(0, 3),
    truncation=st.none() | st.floats(0, 1),
    more=st.fixed_dictionaries(
        {},
        optional={
            "alpha": _NUMBER,
            "dimensions": st.lists(_NUMBER, min_size=3, max_size=3),
            "location": st.lists(_NUMBER, min_size=3, max_size=3),
            "rotation_y": _NUMBER,
            "score": _NUMBER,
        },
    ).map(lambda more: {k: v for k, v in more.items() if not (k in ("alpha", "rotation_y") and v == -10)}),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(BOXES, max_size=4), st.sampled_from(["s/a.png", "scene 4"]))
def test_kitti_through_coco_and_back_is_the_same(tmp_path_factory, boxes, subject):
    folder = tmp_path_factory.mktemp("kitti")
    noise = draw(folder / "source.png")
    KITTI.write([Picture("s/a.png", subject, 32, 24, tuple(boxes), array=noise)], folder / "1", {})
    first = read("kitti", folder / "1")
    assert not first.problems
    assert [dataclasses.replace(picture, path=None) for picture in first.pictures] == [
        Picture("s/a.png", subject, 32, 24, tuple(boxes))
    ]
    COCO.write(first.pictures, folder / "2", first.classes)
    second = read("coco", folder / "2")
    assert not second.problems
    KITTI.write(second.pictures, folder / "3", second.classes)
    for path in ("label_2/s/a.txt", "image_2/s/a.png"):
        assert (folder / "1" / path).read_bytes() == (folder / "3" / path).read_bytes()
    assert (folder / "1" / "subjects.csv").exists() == (folder / "3" / "subjects.csv").exists()
    third = read("kitti", folder / "3")
    assert [picture.boxes for picture in third.pictures] == [picture.boxes for picture in first.pictures]


def test_a_crowd_becomes_a_region_that_counts_neither_way(tmp_path):
    noise = draw(tmp_path / "x.png")
    KITTI.write(
        [Picture("a", "a", 32, 24, (Box(0, 0, 4, 4, "Car", iscrowd=True),), array=noise)], tmp_path / "k", {}
    )
    assert read("kitti", tmp_path / "k").pictures[0].boxes[0].label == "DontCare"
