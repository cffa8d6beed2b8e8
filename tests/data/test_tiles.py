import numpy as np
import pytest

from edgekit.data.pictures import Box, Picture
from edgekit.data.tiles import cut, tiles
from tests.data.annotations.drawing import draw


def test_tiles_cover_the_picture_and_keep_its_subject(tmp_path):
    noise = draw(tmp_path / "a.png", 50, 24)
    picture = Picture("site/a.png", "site", 50, 24, path=tmp_path / "a.png", more={"id": 3, "license": 1})
    made = list(tiles(picture, 20, overlap=4))
    assert [tile.window for tile in made] == [
        (left, top, 20, 20) for top in (0, 4) for left in (0, 16, 30)
    ]  # fmt: skip
    assert len({tile.name for tile in made}) == 6 and made[1].name == "site/a_16_0.png"
    assert {tile.subject for tile in made} == {"site"} and made[0].more == {"license": 1}
    for tile in made:
        left, top, width, height = tile.window
        np.testing.assert_array_equal(tile.read(), noise[top : top + height, left : left + width])


def test_a_small_picture_is_one_tile():
    (tile,) = tiles(Picture("a", "a", 10, 8, (Box(1, 1, 2, 2, "x"),)), 20)
    assert (tile.width, tile.height, tile.boxes) == (10, 8, (Box(1, 1, 2, 2, "x"),))


def test_boxes_are_cut_at_the_border_and_slivers_are_ignored():
    picture = Picture("a.png", "a", 40, 20, (Box(10, 5, 11, 4, "x"), Box(25, 5, 4, 4, "y", truncation=0.2)))
    left, right = tiles(picture, 20)
    assert left.boxes[0] == Box(10, 5, 10, 4, "x", truncation=pytest.approx(1 / 11))
    assert right.boxes[0] == Box(0, 5, 1, 4, "x", truncation=pytest.approx(10 / 11), difficult=True)
    assert right.boxes[1] == Box(5, 5, 4, 4, "y", truncation=0.2)
    assert right.boxes[0].ignored and not left.boxes[0].ignored


def test_what_is_of_the_whole_object_does_not_stay_with_a_part():
    box = Box(2, 2, 8, 8, "x", area=40, more={"id": 1, "segmentation": [[2, 2, 8, 2, 8, 8]], "alpha": 0.5})
    part = cut(box, (6, 0, 20, 20))
    assert (part.x, part.width, part.area, part.truncation) == (0, 4, 20, 0.5)
    assert part.more == {"alpha": 0.5}
    assert cut(box, (0, 0, 20, 20)) == box
