"""What a camera's frame becomes: against exact fractions, well-known libraries, and bad sizes."""

import json
from fractions import Fraction

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from edgekit.camera import pixels
from edgekit.camera.camera import Camera
from edgekit.errors import InputError
from edgekit.quant import quantize
from edgekit.recipes.base import REGISTRY, parse, resolve

SCENE = {"format": "rgb888", "width": 61, "height": 47, "size": (24, 19)}


def camera(**changes):
    return Camera.design({**SCENE, **changes})


def pictures(camera, count=2, seed=0):
    shape = (count, camera.config.height, camera.config.width, 3)
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def exact(line, count, resize):
    """Resizes a line of fractions from the definition."""
    ratio = Fraction(len(line), count)
    made = []
    for i in range(count):
        if resize == "area":
            begin, end = i * ratio, (i + 1) * ratio
            shares = [max(Fraction(0), min(end, k + 1) - max(begin, Fraction(k))) for k in range(len(line))]
            made.append(sum(s * v for s, v in zip(shares, line, strict=True)) / ratio)
        else:
            centre = (i + Fraction(1, 2)) * ratio - Fraction(1, 2)
            left = int(centre)
            right = min(left + 1, len(line) - 1)
            made.append(line[left] + (centre - left) * (line[right] - line[left]))
    return made


@settings(max_examples=40, deadline=None)
@given(st.data(), st.sampled_from(["area", "bilinear"]))
def test_resizing_is_the_exact_fraction_rounded_half_up(data, resize):
    width, height = data.draw(st.integers(1, 17)), data.draw(st.integers(1, 9))
    size = data.draw(st.integers(1, width)), data.draw(st.integers(1, height))
    frame = data.draw(st.binary(min_size=width * height, max_size=width * height))
    made = Camera.design(
        {"format": "grey", "colour": "grey", "width": width, "height": height, "size": size, "resize": resize}
    )
    given_rows = np.frombuffer(frame, np.uint8).reshape(1, height, width)
    across = [exact([Fraction(int(v)) for v in row], size[0], resize) for row in given_rows[0]]
    down = [exact(list(column), size[1], resize) for column in zip(*across, strict=True)]
    expected = [[int(v + Fraction(1, 2)) for v in row] for row in zip(*down, strict=True)]
    assert made.pixels(given_rows)[0, :, :, 0].tolist() == expected


@pytest.mark.parametrize(("resize", "flag"), [("area", "INTER_AREA"), ("bilinear", "INTER_LINEAR")])
@pytest.mark.parametrize("size", [(24, 19), (61, 47), (60, 46), (30, 1), (7, 40)])
def test_opencv_agrees_within_one_level(resize, flag, size):
    cv2 = pytest.importorskip("cv2")
    made = camera(resize=resize, size=size)
    given_pictures = pictures(made)
    expected = np.stack([cv2.resize(p, size, interpolation=getattr(cv2, flag)) for p in given_pictures])
    difference = np.abs(made.pixels(given_pictures).astype(int) - expected)
    assert difference.max() <= 1
    assert difference.mean() < 0.15


def test_pillow_halves_and_greys_alike():
    made = camera(width=64, height=48, size=(32, 24), colour="rgb")
    one = pictures(made, 1)[0]
    halved = np.asarray(Image.fromarray(one).reduce(2))
    assert np.array_equal(made.pixels(one[None])[0], halved)
    grey = camera(size=(61, 47), colour="grey")
    one = pictures(grey, 1)[0]
    assert np.array_equal(grey.pixels(one[None])[0, :, :, 0], np.asarray(Image.fromarray(one).convert("L")))


def test_rgb565_keeps_the_extremes_and_high_bits():
    rgb = np.array([[[255, 255, 255], [0, 0, 0], [0x88, 0x44, 0x80], [0xFF, 0, 0]]], np.uint8)
    little, big = pixels.encode(rgb, "rgb565le"), pixels.encode(rgb, "rgb565be")
    assert big[0, 6:].tolist() == [0xF8, 0x00]
    assert np.array_equal(little.reshape(-1, 2), big.reshape(-1, 2)[:, ::-1])
    expected = [[[255, 255, 255], [0, 0, 0], [0x8C, 0x45, 0x84], [0xFF, 0, 0]]]
    for rows, order in ((little, "rgb565le"), (big, "rgb565be")):
        assert pixels.decode(rows, order).tolist() == expected


def test_values_are_normalised_and_quantised_as_the_training_side_does():
    made = camera(mean=[0.5, 0.4, 0.3], std=[0.2, 0.3, 0.4])
    seen = made.pixels(pictures(made))
    expected = (seen.astype(np.float32) / np.float32(255) - np.float32([0.5, 0.4, 0.3])) / np.float32(
        [0.2, 0.3, 0.4]
    )
    assert np.array_equal(made.normalise(seen), expected)
    assert np.array_equal(made.quantise(seen, 0.02, 3), quantize(expected, 0.02, 3))


def test_boxes_go_to_the_input_and_back():
    made = camera(width=320, height=240, crop=(40, 0, 240, 240), size=(96, 96))
    boxes = np.array([[40.0, 0.0, 240.0, 240.0], [160.0, 120.0, 25.0, 50.0]])
    assert made.to_input(boxes).tolist() == [[0, 0, 96, 96], [48, 48, 10, 20]]
    assert np.allclose(made.to_frame(made.to_input(boxes)), boxes)


def test_all_faults_are_listed_at_once():
    with pytest.raises(InputError) as caught:
        camera(format="grey", crop=(40, 10, 30, 40), size=(31, 41), mean=[0.1, 0.2])
    assert [p.where for p in caught.value.problems] == [
        "camera.crop", "camera.crop", "camera.size", "camera.size", "camera.colour", "camera.mean",
    ]  # fmt: skip
    with pytest.raises(InputError) as caught:
        camera(width=0, height=5000, crop=(-1, 0, 1, 0), size=(0, 4096), std=[0.0], colours="rgb", resize="x")
    assert len(caught.value.problems) == 9
    assert "did you mean 'colour'?" in str(caught.value)


@pytest.mark.parametrize(
    "values", [{"std": [1e-39]}, {"std": [1e39]}, {"mean": [-1e39]}, {"mean": [float("nan")]}]
)
def test_a_normalisation_that_float32_cannot_hold_is_refused(values):
    with pytest.raises(InputError, match=next(iter(values))):
        camera(**values)


def test_pictures_of_another_size_are_refused():
    with pytest.raises(InputError, match=r"camera\.width"):
        camera().pixels(np.zeros((1, 48, 61, 3), np.uint8))
    with pytest.raises(InputError, match="uint8"):
        camera().pixels(np.zeros((1, 47, 61, 3), np.float32))


def test_a_recipe_has_a_camera_section():
    recipe = REGISTRY.get("ecg-rhythm")
    assert recipe.camera is None
    changed = resolve(recipe, settings=[f"camera={json.dumps(SCENE)}"])
    assert Camera.design(changed.camera).shape == (19, 24, 3)
    assert parse(yaml.safe_load(yaml.safe_dump(changed.model_dump())), "x") == changed
    with pytest.raises(InputError, match=r"camera\.colour"):
        resolve(recipe, settings=[f"camera={json.dumps({**SCENE, 'colour': 'gray'})}"])
