import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.data.annotations.base import REGISTRY
from edgekit.data.annotations.coco_document import document
from edgekit.data.pictures import Box, Picture
from edgekit.errors import InputError
from tests.data.annotations.drawing import coco, draw, read

COCO = REGISTRY.get("coco")


def _one(tmp_path, **annotation):
    base = {"id": 5, "image_id": 1, "category_id": 7, "bbox": [1, 2, 10, 5]}
    return coco(tmp_path, annotations=[{**base, **annotation}])


def test_a_folder_is_read(tmp_path):
    found = read("coco", coco(tmp_path))
    (picture,) = found.pictures
    assert (picture.name, picture.subject, picture.width, picture.height) == ("a.png", "a.png", 32, 24)
    assert picture.boxes == (Box(1, 2, 10, 5, "plane", more={"id": 5}),)
    assert found.classes == {"plane": {"id": 7}}
    assert not found.problems


def test_a_picture_without_boxes_is_background(tmp_path):
    (picture,) = read("coco", coco(tmp_path, annotations=[])).pictures
    assert picture.boxes == ()


@pytest.mark.parametrize(
    ("annotation", "where", "what"),
    [
        ({"bbox": [1, 2, -10, 5]}, "annotations[0].bbox", "no area"),
        ({"bbox": [1, 2, 0, 5]}, "annotations[0].bbox", "no area"),
        ({"bbox": [1, 2, 1e-7, 5]}, "annotations[0].bbox", "no area"),
        ({"bbox": [40, 2, 5, 5]}, "annotations[0].bbox", "outside"),
        ({"bbox": [30, 2, 5, 5]}, "annotations[0].bbox", "sticks out of its picture by 3"),
        ({"bbox": [float("nan"), 2, 5, 5]}, "annotations[0].bbox", "not finite"),
        ({"bbox": [1e300, 2, 5, 5]}, "annotations[0].bbox", "not finite"),
        ({"bbox": [1, 2, 5]}, "annotations[0].bbox", "is no box"),
        ({"bbox": ["1", 2, 5, 5]}, "annotations[0].bbox", "is no box"),
        ({"bbox": [10**400, 2, 5, 5]}, "annotations[0].bbox", "is no box"),
        ({"bbox": None}, "annotations[0].bbox", "is no box"),
        ({"category_id": 8}, "annotations[0].category_id", "names no class"),
        ({"category_id": [7]}, "annotations[0].category_id", "names no class"),
        ({"image_id": 2}, "annotations[0].image_id", "names no picture"),
        ({"image_id": None}, "annotations[0]", "has no image_id"),
        ({"iscrowd": 3}, "annotations[0].iscrowd", "wrong kind"),
        ({"truncation": 3.0}, "annotations[0].bbox", "truncation is out of range"),
        ({"segmentation": [[1, float("nan")]]}, "annotations[0].bbox", "segmentation is no finite number"),
        ({"note": "\ud800"}, "annotations[0].bbox", "no text in UTF-8"),
    ],
)
def test_a_broken_box_is_listed_and_the_picture_stays(annotation, where, what, tmp_path):
    found = read("coco", _one(tmp_path, **annotation))
    (problem,) = found.problems
    assert problem.where == f"{tmp_path / 'annotations.json'}: {where}"
    assert what in problem.what
    assert [picture.boxes for picture in found.pictures] == [()]


def test_a_box_that_sticks_out_is_cut_where_that_is_asked_for(tmp_path):
    found = read("coco", _one(tmp_path, bbox=[30, 2, 8, 4], segmentation=[[30, 2, 38, 2, 38, 6]]), clip=True)
    assert not found.problems
    assert found.pictures[0].boxes == (Box(30, 2, 2, 4, "plane", truncation=0.75),)


IMAGE = {"id": 1, "file_name": "a.png", "width": 32, "height": 24}


@pytest.mark.parametrize(
    ("image", "what", "pictures"),
    [
        ({**IMAGE, "id": 2, "file_name": "absent.png"}, "the picture is missing", 1),
        ({**IMAGE, "id": 2, "file_name": "../a.png"}, "no path below the folder", 1),
        ({**IMAGE, "id": 2, "file_name": "/etc/passwd"}, "no path below the folder", 1),
        ({**IMAGE, "id": 2, "file_name": "a" * 300}, "no path below the folder", 1),
        ({**IMAGE, "id": 2, "file_name": "b.png", "subject": "\ud800"}, "subject is no finite number", 1),
        ({**IMAGE, "id": 2, "file_name": "text.png"}, "no picture", 1),
        ({**IMAGE, "id": 2, "file_name": "b.png", "width": 31}, "another size", 1),
        ({**IMAGE, "id": 2, "file_name": "b.png", "width": 0}, "has no size", 1),
        ({**IMAGE, "id": 2}, "repeats the picture", 1),
        ({**IMAGE, "file_name": "b.png"}, "repeats another one's", 1),
        ({"file_name": "b.png"}, "has no id", 1),
        ("b.png", "has no id", 1),
    ],
)
def test_a_broken_picture_is_listed_and_the_others_stay(image, what, pictures, tmp_path):
    draw(tmp_path / "images" / "b.png")
    (tmp_path / "images" / "text.png").write_text("text")
    found = read("coco", coco(tmp_path, images=[IMAGE, image]))
    (problem,) = found.problems
    assert "annotations.json: images[1]" in problem.where
    assert what in problem.what
    assert len(found.pictures) == pictures


@pytest.mark.parametrize(
    ("orientation", "size", "what"),
    [
        (6, (32, 24), ""),  # the annotation says which way it looks at the picture
        (6, (24, 32), "another size"),
        (3, (32, 24), "nothing says which way"),
        (6, (24, 24), "nothing says which way"),
    ],
)
def test_a_picture_that_exif_turns_is_taken_only_where_boxes_are_of_its_pixels(
    orientation, size, what, tmp_path
):
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = orientation
    (tmp_path / "images").mkdir()
    stored = (24, 24) if size == (24, 24) else (32, 24)
    Image.new("RGB", stored).save(tmp_path / "images" / "t.jpg", exif=exif)
    image = {"id": 1, "file_name": "t.jpg", "width": size[0], "height": size[1]}
    found = read("coco", coco(tmp_path, images=[image]))
    assert len(found.pictures) == (not what)
    assert [what in problem.what and "auto-orient" in problem.hint for problem in found.problems] == [
        True
    ] * bool(what)


def test_broken_classes_are_listed(tmp_path):
    classes = [{"id": 7, "name": "plane"}, {"id": 7, "name": "car"}, {"id": 8}, "bird"]
    classes += [{"id": 9, "name": "\ud800"}]
    found = read("coco", coco(tmp_path, categories=classes))
    assert [problem.where.rpartition(" ")[2] for problem in found.problems] == [
        "categories[1]", "categories[2]", "categories[3]", "categories[4].name",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"images": 1}', "[" * 100000, "\xff"])
def test_a_file_that_is_no_coco_is_an_input_error(text, tmp_path):
    (tmp_path / "annotations.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError) as error:
        read("coco", tmp_path)
    assert "annotations.json" in str(error.value)


def test_a_folder_without_or_with_several_files_asks_which(tmp_path):
    with pytest.raises(InputError, match="holds no annotation file"):
        read("coco", tmp_path)
    with pytest.raises(InputError, match="no such file"):
        read("coco", tmp_path / "absent")
    for name in ("train", "test"):
        (tmp_path / f"{name}.json").write_text("{}")
    with pytest.raises(InputError, match="several annotation files"):
        read("coco", tmp_path)


def test_the_published_layout_is_found(tmp_path):
    draw(tmp_path / "train2017" / "a.png")
    (tmp_path / "annotations").mkdir()
    tree = {"images": [IMAGE], "annotations": [], "categories": []}
    (tmp_path / "annotations" / "instances_train2017.json").write_text(json.dumps(tree))
    assert [picture.name for picture in read("coco", tmp_path).pictures] == ["a.png"]


def test_masks_keypoints_ids_and_what_else_a_file_says_come_back(tmp_path):
    annotation = {
        "id": 50, "image_id": 9, "category_id": 70,
        "bbox": [1.5, 2.25, 10.1, 5.7], "area": 31.5, "iscrowd": 0,
        "segmentation": [[1, 2, 3, 4, 5, 6]], "keypoints": [1, 2, 2, 3, 4, 1], "num_keypoints": 2,
    }  # fmt: skip
    crowd = {"id": 51, "image_id": 9, "category_id": 3, "bbox": [0, 0, 4, 4], "area": 16.0, "iscrowd": 1,
             "segmentation": {"counts": [0, 16, 752], "size": [24, 32]}}  # fmt: skip
    tree = {
        "info": {"year": 2020},
        "licenses": [{"id": 4, "name": "CC BY-SA 4.0"}],
        "images": [
            {"id": 9, "file_name": "a.png", "width": 32, "height": 24, "license": 4, "subject": "site 1"}
        ],
        "annotations": [annotation, crowd],
        "categories": [
            {"id": 70, "name": "plane", "supercategory": "vehicle", "keypoints": ["nose", "tail"]},
            {"id": 3, "name": "bird"},
        ],
    }
    found = read("coco", coco(tmp_path / "a", **tree))
    COCO.write(found.pictures, tmp_path / "b", found.classes, found.more)
    assert json.loads((tmp_path / "b" / "annotations.json").read_text()) == tree
    again = read("coco", tmp_path / "b")
    assert [dataclasses.replace(p, path=None) for p in again.pictures] == [
        dataclasses.replace(p, path=None) for p in found.pictures
    ]


_EDGE = st.floats(0, 10, allow_nan=False)
BOXES = st.builds(
    Box,
    x=_EDGE,
    y=_EDGE,
    width=st.floats(0.01, 20),
    height=st.floats(0.01, 10),
    label=st.text(min_size=1, max_size=8).filter(lambda text: text.isprintable()),
    occlusion=st.none() | st.integers(0, 3),
    truncation=st.none() | st.floats(0, 1),
    difficult=st.booleans(),
    iscrowd=st.booleans(),
    area=st.none() | st.floats(1000, 2000),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(BOXES, max_size=5))
def test_every_box_comes_back_to_the_bit(tmp_path_factory, boxes):
    folder = tmp_path_factory.mktemp("coco")
    noise = draw(folder / "source.png")
    COCO.write([Picture("a", "s", 32, 24, tuple(boxes), array=noise)], folder, {})
    found = read("coco", folder)
    assert not found.problems
    (picture,) = found.pictures
    assert (picture.name, picture.subject) == ("a.png", "s")
    assert [dataclasses.replace(box, more={}) for box in picture.boxes] == boxes


def test_ids_are_made_anew_where_they_are_not_unique():
    box = Box(0, 0, 1, 1, "plane", more={"id": 4})
    tree = document([("a.png", Picture("a.png", "a", 8, 8, (box, box)))])
    assert [item["id"] for item in tree["annotations"]] == [1, 2]


def test_what_json_cannot_say_is_an_input_error(tmp_path):
    noise = draw(tmp_path / "source.png")
    bad = Box(0, 0, 1, 1, "plane", more={"segmentation": [[float("nan")]]})
    with pytest.raises(InputError, match="cannot be said in JSON"):
        COCO.write([Picture("a", "a", 32, 24, (bad,), array=noise)], tmp_path / "b", {})


def test_two_classes_of_one_name_are_told_and_become_one(tmp_path):
    twice = [{"id": 7, "name": "plane"}, {"id": 8, "name": "plane"}]
    found = read("coco", coco(tmp_path, categories=twice))
    assert ["categories[1]" in problem.where for problem in found.problems] == [True]
    assert list(found.classes) == ["plane"] and len(found.pictures[0].boxes) == 1


def test_a_picture_is_not_written_over_another_one(tmp_path):
    noise = draw(tmp_path / "source.png")
    twice = [Picture(name, "a", 32, 24, array=noise) for name in ("a.tif", "a.png")]
    with pytest.raises(InputError, match="over another picture"):
        COCO.write(twice, tmp_path / "b", {})


def test_subjects_are_taken_from_names_and_labels_are_renamed(tmp_path):
    draw(tmp_path / "images" / "site1_tile2.png")
    folder = coco(tmp_path, images=[{**IMAGE, "file_name": "site1_tile2.png"}])
    found = read("coco", folder, subject=r"^(.*)_tile", rename={"plane": "aircraft"})
    assert found.pictures[0].subject == "site1"
    assert found.pictures[0].boxes[0].label == "aircraft"
    with pytest.raises(InputError, match="no group"):
        read("coco", folder, subject="tile")
    with pytest.raises(InputError, match="regular expression"):
        read("coco", folder, subject="(")


def test_the_reference_implementation_reads_what_is_written(tmp_path, capsys):
    reference = pytest.importorskip("pycocotools.coco")
    noise = draw(tmp_path / "source.png")
    polygon = {"segmentation": [[2, 3, 10, 3, 10, 9, 2, 9]]}
    boxes = (Box(2, 3, 8, 6, "plane", more=polygon), Box(0, 0, 5, 5, "bird", iscrowd=False))
    COCO.write([Picture("a", "s", 32, 24, boxes, array=noise)], tmp_path / "b", {"bird": {}, "plane": {}})
    coco_file = reference.COCO(str(tmp_path / "b" / "annotations.json"))
    (plane,) = coco_file.loadAnns(coco_file.getAnnIds(catIds=coco_file.getCatIds(catNms=["plane"])))
    assert plane["bbox"] == [2, 3, 8, 6] and coco_file.annToMask(plane).sum() == 48
    assert len(coco_file.getImgIds()) == 1


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)
_KEYS = ["id", "image_id", "category_id", "bbox", "area", "iscrowd", "difficult", "occlusion", "truncation",
         "file_name", "width", "height", "subject", "name", "segmentation",
         "alpha", "location", "score"]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["images", "annotations", "categories"]), st.sampled_from(_KEYS), _JSON)
def test_whatever_a_key_holds_it_is_read_or_named_and_can_be_written(tmp_path_factory, section, key, value):
    folder = coco(tmp_path_factory.mktemp("coco"))
    tree = json.loads((folder / "annotations.json").read_text())
    tree[section][0][key] = value
    (folder / "annotations.json").write_text(json.dumps(tree))
    found = read("coco", folder)
    boxes = sum(len(picture.boxes) for picture in found.pictures)
    assert boxes == 1 or found.problems
    for target in ("coco", "kitti") if found.pictures else ():
        try:
            REGISTRY.get(target).write(found.pictures, folder / target, found.classes, found.more)
        except InputError as error:
            assert target == "kitti" and "cannot be a class" in str(error)
            continue
        again = read(target, folder / target)
        assert sum(len(picture.boxes) for picture in again.pictures) == boxes and not again.problems
