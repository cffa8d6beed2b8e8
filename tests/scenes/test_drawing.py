"""What is said of a picture is what is in it: boxes, masks, visible shares, depths, key points."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edgekit.scenes import drawing, gl, mesh
from edgekit.scenes.base import REGISTRY, Composition, Drawn, Scene, SceneSettings, Thing

PLAIN = {"size": 64, "tilt_deg": (0, 0), "field_m": (64, 64), "photographs": "none", "ground": ("sand",)}


class Blocks(Scene[SceneSettings]):
    """Blocks that are given, seen straight from above at one pixel per metre."""

    title, summary, classes = "Blocks", "For tests.", ("block",)
    domains = {"A": PLAIN}  # noqa: RUF012
    Settings = SceneSettings

    def __init__(self, *things: Thing) -> None:
        self.things = things

    def compose(self, random: np.random.Generator, settings: SceneSettings, field_m: float) -> Composition:
        return Composition(self.things, (), (0.0, 0.0, 0.0), 64.0)

    def drawn(self, **changes: object) -> Drawn:
        return self.draw(0, self.parse("A", changes))


def block(x: float, y: float, width: float, depth: float, height: float, colour=(0.9, 0.1, 0.1)) -> Thing:
    corners = {"top": np.array([x, y, height])}
    return Thing("block", mesh.block((width, depth, height), colour).moved((x, y, 0)), corners)


def test_a_block_of_known_size_has_the_box_that_follows() -> None:
    drawn = Blocks(block(10, 20, 8, 4, 3)).drawn()
    (one,) = drawn.instances
    assert (one.x, one.y, one.width, one.height) == (32 + 10 - 4, 32 - 20 - 2, 8, 4)  # y points down
    assert one.area == 32 and one.visible == 1.0 and not one.difficult
    assert one.keypoints == {"top": (42.0, 12.0, 2)}


def test_depth_is_the_distance_from_the_plane_of_the_camera() -> None:
    drawn = Blocks(block(0, 0, 10, 10, 3)).drawn()
    assert drawn.depth[32, 32] == pytest.approx(497, abs=1e-3)
    assert drawn.depth[2, 2] == pytest.approx(500, abs=1e-3)


def test_what_hides_another_takes_its_pixels_and_its_share() -> None:
    drawn = Blocks(block(0, 0, 10, 10, 2), block(0, 0, 4, 20, 5)).drawn()
    low, high = drawn.instances
    assert high.visible == 1.0 and high.area == 80
    assert low.area == 60 and low.visible == pytest.approx(0.6) and low.truncated == 0
    assert (low.x, low.width) == (27, 10)  # on both sides of what hides it
    assert low.keypoints["top"][2] == 1


def test_a_hidden_key_point_and_one_outside_are_told_apart() -> None:
    drawn = Blocks(
        replace(
            block(0, 0, 10, 10, 2), keypoints={"here": np.array([0, 0, 2.0]), "far": np.array([99, 0, 0])}
        ),
        block(0, 0, 4, 4, 5),
    ).drawn()
    assert drawn.instances[0].keypoints == {"here": (32.0, 32.0, 1), "far": (0.0, 0.0, 0)}


def test_a_box_ends_at_the_border_and_the_share_counts_what_lies_beyond() -> None:
    drawn = Blocks(block(31, 0, 8, 8, 2)).drawn()
    (one,) = drawn.instances
    assert (one.x, one.width, one.area) == (59, 5, 40)
    assert one.visible == pytest.approx(40 / 64) and one.truncated == pytest.approx(24 / 64)
    (rest,) = Blocks(block(34.5, 0, 8, 8, 2)).drawn(difficult_below=0.3).instances
    assert rest.difficult and rest.visible < 0.3


def test_what_is_not_seen_at_all_is_no_instance() -> None:
    drawn = Blocks(block(0, 0, 4, 4, 1), block(0, 0, 8, 8, 5), block(90, 0, 4, 4, 1)).drawn()
    assert [one.number for one in drawn.instances] == [2]


def test_the_shadow_lies_away_from_the_sun_and_is_darker() -> None:
    changes = {"sun_deg": (45, 45), "sun": (0.9, 0.9), "noise": (0, 0), "haze": (0, 0), "softness_m": 0}
    scene = Blocks(block(0, 0, 8, 8, 8, colour=(0.5, 0.5, 0.5)))
    bare, drawn = Blocks().drawn(**changes), scene.drawn(**changes)
    darker = (bare.picture.mean(axis=2) - drawn.picture.mean(axis=2) > 40) & (drawn.mask == 0)
    assert 30 < darker.sum() < 160  # a cube of 8 m throws about 8 m of shadow
    rows, columns = np.nonzero(darker)
    assert np.hypot(rows.mean() - 31.5, columns.mean() - 31.5) > 4


@pytest.mark.parametrize("key", ["aircraft", "mast"])
@pytest.mark.parametrize("domain", ["A", "B"])
def test_boxes_are_the_bounds_of_masks_and_each_thing_alone_covers_its_pixels(key: str, domain: str) -> None:
    scene = REGISTRY.get(key)
    settings = scene.parse(domain, {"size": 96, "photographs": "none"})
    seen = 0
    for index in range(6):
        drawn = scene.draw(index, settings)
        for one in drawn.instances:
            rows, columns = np.nonzero(drawn.mask == one.number)
            assert (one.x, one.y) == (columns.min(), rows.min())
            assert (one.x + one.width, one.y + one.height) == (columns.max() + 1, rows.max() + 1)
            assert one.area == len(rows) and 0 < one.visible <= 1
            assert one.label in scene.labels(settings)
            seen += 1
        assert set(np.unique(drawn.mask)) - {0} == {one.number for one in drawn.instances}
    assert seen > 6


def test_a_thing_alone_is_drawn_on_the_same_pixels() -> None:
    """Pixels that a thing has in a picture of several are among those that it has alone: exactly."""
    scene = REGISTRY.get("aircraft")
    random = np.random.default_rng(3)
    settings = scene.parse("A", {"size": 128, "things": (5, 5), "tilt_deg": (20, 20)})
    made = scene.compose(random, settings, 80.0)
    axes = gl.axes_towards(np.array([0.3, 0.2, np.sqrt(1 - 0.13)]))
    camera = gl.Camera(axes, np.zeros(3), 80 / 128, 128)
    renderer = gl.renderer()
    together, _ = renderer.numbers(camera, drawing.triangles_together(made, camera))
    for number, thing in enumerate(made.things, 1):
        triangles = drawing.triangles_of(thing.mesh, 1)
        alone, _ = renderer.numbers(camera, triangles)
        shifted, _ = renderer.numbers(camera, triangles, (-37, 11, 200, 150))
        assert not ((together == number) & (alone == 0)).any()
        assert np.array_equal(shifted[: 128 - 11, 37 : 37 + 128], alone[11:])


def test_domains_and_seeds_and_numbers_differ_and_the_same_comes_again() -> None:
    scene = REGISTRY.get("aircraft")
    a, b = (scene.parse(domain, {"size": 48, "photographs": "none"}) for domain in "AB")
    first = scene.draw(3, a, 7)
    assert np.array_equal(first.picture, scene.draw(3, a, 7).picture)
    for other in (scene.draw(3, b, 7), scene.draw(3, a, 8), scene.draw(4, a, 7)):
        assert not np.array_equal(first.mask, other.mask)
    assert first.picture.shape == (48, 48, 3) and first.picture.dtype == np.uint8
