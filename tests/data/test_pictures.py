import pytest

from edgekit.data.pictures import Box, Picture, keep, split_pictures
from edgekit.errors import InputError

SHARES = {"train": 0.5, "test": 0.5}


def _pictures(scenes, labels=("plane",), tiles=3):
    return [
        Picture(
            f"{scene}_{tile}.png", f"scene {scene}", 8, 8, tuple(Box(0, 0, 4, 4, label) for label in labels)
        )
        for scene in range(scenes)
        for tile in range(tiles)
    ]


def test_pictures_of_one_subject_are_never_separated():
    pictures = _pictures(10)
    splits = split_pictures(pictures, SHARES, seed=3)
    scenes = {name: {picture.subject for picture in part} for name, part in splits.items()}
    assert len(scenes["train"]) == len(scenes["test"]) == 5 and not scenes["train"] & scenes["test"]
    assert sorted(p.name for part in splits.values() for p in part) == sorted(p.name for p in pictures)
    assert split_pictures(pictures[::-1], SHARES, seed=3)["test"] == splits["test"][::-1]
    assert split_pictures(pictures, SHARES, seed=4) != splits


def test_scenes_without_objects_are_dealt_out_too():
    empty = [Picture(f"e{i}.png", f"empty {i}", 8, 8, (Box(0, 0, 4, 4, "DontCare"),)) for i in range(4)]
    splits = split_pictures(_pictures(4) + empty, SHARES)
    assert [sum(p.subject.startswith("empty") for p in part) for part in splits.values()] == [2, 2]


def test_too_few_scenes_are_an_input_error():
    with pytest.raises(InputError, match="fewer subjects than splits"):
        split_pictures(_pictures(1), SHARES)


def test_ignored_regions_stay_whatever_is_wanted():
    crowd = Box(0, 0, 4, 4, "bird", iscrowd=True)
    boxes = (Box(0, 0, 4, 4, "plane"), Box(0, 0, 4, 4, "bird"), crowd)
    skipped = []
    (picture,) = keep([Picture("a", "a", 8, 8, boxes)], ["plane"], "here", skipped)
    assert picture.boxes == (boxes[0], crowd)
    assert [problem.where for problem in skipped] == ["here"]
