"""Frames to test a camera with: what the model sees of them."""

import numpy as np
import pytest

from edgekit.camera import frames
from edgekit.camera.camera import Camera
from tests.camera.test_render import cameras, quantisation


def test_pixels_come_back_from_a_models_input():
    source = np.random.default_rng(3)
    for number, camera in enumerate(cameras(seed=8, count=12)):
        scale, zero_point, dtype = quantisation(number)
        given = source.integers(0, 256, (2, *camera.shape), np.uint8)
        values = (
            camera.normalise(given)
            if dtype == "float32"
            else camera.quantise(given, scale, zero_point, dtype)
        )
        found = frames.seen(camera, values, scale, zero_point, dtype)
        again = (
            camera.normalise(found)
            if dtype == "float32"
            else camera.quantise(found, scale, zero_point, dtype)
        )
        assert found.shape == given.shape and np.array_equal(again, values)


@pytest.mark.parametrize("kind", ["grey", "rgb888", "rgb565be"])
def test_a_camera_sees_the_pictures_that_its_frames_were_made_of(kind):
    colour = "grey" if kind == "grey" else "rgb"
    camera = Camera.design(
        {
            "format": kind,
            "width": 40,
            "height": 30,
            "crop": [3, 2, 32, 24],
            "size": [16, 12],
            "colour": colour,
        }
    )
    given = np.random.default_rng(0).integers(0, 256, (3, *camera.shape), np.uint8)
    made = frames.taken(camera, given)
    assert made.shape == (3, 30, camera.row_bytes)
    off = np.abs(camera.pixels_of_rows(made).astype(int) - given)
    assert off.max() == 0 if kind != "rgb565be" else off.max() < 8
    assert frames.hostile(camera).shape == (4, 30, camera.row_bytes)
