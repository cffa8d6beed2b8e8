import pytest

from edgekit.data.annotations.base import REGISTRY
from edgekit.data.pictures import Box
from edgekit.errors import InputError
from tests.data.annotations.drawing import draw, read


def _folder(tmp_path, text="1 0.5 0.5 0.25 0.5\n"):
    draw(tmp_path / "images" / "train" / "a.png")
    (tmp_path / "labels" / "train").mkdir(parents=True)
    (tmp_path / "labels" / "train" / "a.txt").write_text(text)
    (tmp_path / "data.yaml").write_text("names: [car, plane]\ntrain: images/train\n")
    return tmp_path


def test_a_folder_is_read(tmp_path):
    draw(_folder(tmp_path) / "images" / "train" / "b.png")
    found = read("yolo", tmp_path)
    assert not found.problems and list(found.classes) == ["car", "plane"]
    first, second = found.pictures
    assert first.name == "images/train/a.png" and first.boxes == (Box(12, 6, 8, 12, "plane"),)
    assert second.boxes == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("data.yaml", "names: {0: car, 1: plane}"),
        ("classes.txt", "car\nplane\n"),
        ("labels/classes.txt", "car\nplane\n"),
    ],
)
def test_classes_are_named_in_several_ways(name, text, tmp_path):
    (_folder(tmp_path) / "data.yaml").unlink()
    (tmp_path / name).write_text(text)
    found = read("yolo", tmp_path)
    assert found.pictures[0].boxes[0].label == "plane" and not found.problems


def test_labels_may_lie_beside_the_pictures(tmp_path):
    draw(tmp_path / "a.png")
    (tmp_path / "a.txt").write_text("0 0.5 0.5 1 1\n")
    (tmp_path / "classes.txt").write_text("car\n")
    assert read("yolo", tmp_path).pictures[0].boxes == (Box(0, 0, 32, 24, "car"),)


def test_the_rounding_of_six_places_is_no_fault(tmp_path):
    found = read("yolo", _folder(tmp_path, "0 0.166667 0.5 0.333335 1\n"))
    assert not found.problems and found.pictures[0].boxes[0].x == 0


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("1 0.5 0.5 0.25", "wrong number of columns"),
        ("1 0.5 0.5 0.25 0.5 0.9", "wrong number of columns"),
        ("1 0.1 0.1 0.4 0.1 0.4 0.4", "polygons and key points are not read"),
        ("plane 0.5 0.5 0.25 0.5", "no row of a class"),
        ("2 0.5 0.5 0.25 0.5", "names no class"),
        ("1 nan 0.5 0.25 0.5", "not finite"),
        ("1 0.5 0.5 -0.25 0.5", "no area"),
        ("1 0.95 0.5 0.25 0.5", "sticks out"),
        ("1 2.5 0.5 0.25 0.5", "outside"),
        ("1 12 14 3 4", "outside"),
    ],
)
def test_a_broken_line_is_named(line, what, tmp_path):
    found = read("yolo", _folder(tmp_path, f"0 0.5 0.5 1 1\n{line}\n"))
    (problem,) = found.problems
    assert problem.where.endswith("a.txt:2") and what in problem.what
    assert len(found.pictures[0].boxes) == 1


def test_missing_pictures_are_named(tmp_path):
    (_folder(tmp_path) / "labels" / "train" / "b.txt").write_text("")
    (problem,) = read("yolo", tmp_path).problems
    assert problem.where.endswith("b.txt") and "picture is missing" in problem.what


def test_a_label_beside_no_picture_is_named_and_other_texts_are_not(tmp_path):
    folder = _folder(tmp_path)
    (folder / "images" / "train" / "b.txt").write_text("0 0.5 0.5 0.1 0.1\n")
    (folder / "images" / "readme.txt").write_text("taken in May by five of us\n")
    (folder / "train.txt").write_text("images/train/a.png\n")
    (problem,) = read("yolo", folder).problems
    assert problem.where.endswith("b.txt") and "picture is missing" in problem.what


def test_without_any_label_it_is_not_taken_for_background(tmp_path):
    folder = _folder(tmp_path)
    (folder / "labels").rename(folder / "Labels.old")
    (folder / "Labels.old" / "train" / "a.txt").unlink()
    with pytest.raises(InputError, match="holds no label file"):
        read("yolo", folder)
    (folder / "images" / "train" / "a.txt").write_text("")
    (folder / "images" / "train" / "a.txt").rename(folder / "a.txt")
    draw(folder / "a.png")
    assert [picture.boxes for picture in read("yolo", folder).pictures] == [(), ()]


@pytest.mark.parametrize("names", ["[no, car]", "{0: }", "[[a, b]]", "[{a: b}]", "['']"])
def test_what_is_no_name_of_a_class_is_an_input_error(names, tmp_path):
    (_folder(tmp_path) / "data.yaml").write_text(f"names: {names}\n")
    with pytest.raises(InputError, match="is no name"):
        read("yolo", tmp_path)


@pytest.mark.parametrize("text", ["names: [a", "names: {a: b}", "other: 1", "- 1"])
def test_without_classes_it_is_an_input_error(text, tmp_path):
    (_folder(tmp_path) / "data.yaml").write_text(text)
    with pytest.raises(InputError):
        read("yolo", tmp_path)


def test_it_is_not_written(tmp_path):
    with pytest.raises(InputError, match="not written"):
        REGISTRY.get("yolo").write([], tmp_path, {})
