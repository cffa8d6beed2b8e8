import pytest

from edgekit.data import picture_statistics as stats
from edgekit.data.pictures import Box, Picture
from tests.data.annotations.drawing import draw

pytest.importorskip("matplotlib")


@pytest.fixture
def pictures(tmp_path):
    noise = draw(tmp_path / "a.png", 200, 150)
    boxes = (
        Box(0, 0, 10, 20, "plane"),
        Box(5, 5, 40, 40, "plane"),
        Box(0, 0, 150, 100, "hangar"),
        Box(0, 0, 9, 9, "plane", iscrowd=True),
    )
    return [Picture("a.png", "s", 200, 150, boxes, array=noise), Picture("b.png", "s", 200, 150, array=noise)]


def test_counts(pictures):
    found = stats.statistics(pictures)
    assert (found["pictures"], found["subjects"], found["without_boxes"]) == (2, 1, 1)
    assert (found["boxes"], found["ignored"]) == (3, 1)
    assert found["classes"] == {
        "hangar": {"boxes": 1, "pictures": 1, "small": 0, "medium": 0, "large": 1},
        "plane": {"boxes": 2, "pictures": 1, "small": 1, "medium": 1, "large": 0},
    }
    assert found["boxes_per_picture"] == {"0": 1, "3": 1}
    assert found["sizes"] == {"200 x 150": 2}
    assert sum(found["side"]["counts"]) == sum(found["aspect"]["counts"]) == 3
    assert found["side"]["edges"][-1] is None


def test_figures_repeat_to_the_byte(pictures, tmp_path):
    for name in ("1", "2"):
        stats.plot(stats.statistics(pictures), tmp_path / f"{name}.svg", "title")
        stats.plot_sheet(pictures, tmp_path / f"{name}.png", "title")
    for kind in ("svg", "png"):
        assert (tmp_path / f"1.{kind}").read_bytes() == (tmp_path / f"2.{kind}").read_bytes()


def test_pictures_with_boxes_are_drawn_first(pictures):
    assert stats.spread(pictures * 3, 12) == [pictures[0]] * 3
    assert stats.spread(pictures[1:], 12) == pictures[1:]
    assert stats.spread([], 12) == []
