"""Settings, photographs and meshes: what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgekit.errors import EnvironmentFailed, InputError
from edgekit.scenes import aircraft_shapes, gl, ground, mesh, photographs, sensor
from edgekit.scenes.base import REGISTRY


def test_all_faults_of_settings_come_at_once_with_the_nearest_key() -> None:
    with pytest.raises(InputError) as caught:
        REGISTRY.get("aircraft").parse(
            "A", {"hase": (0, 1), "noise": (0.4, 0.1), "roles": ("light", "light")}
        )
    said = str(caught.value)
    assert "did you mean 'haze'?" in said and "0.4 lies above" in said and "names a role twice" in said


def test_an_unknown_domain_and_an_unknown_scene_are_named() -> None:
    with pytest.raises(InputError, match="no such domain"):
        REGISTRY.get("aircraft").parse("C", {})
    with pytest.raises(InputError, match="did you mean 'mast'"):
        REGISTRY.get("masts")


@pytest.mark.parametrize(
    "settings",
    [
        {"things": (5, 2)}, {"things": (-1, 2)}, {"tilt_deg": (60, 120)}, {"field_m": (0.5, 9)},
        {"height_m": (1, 9)}, {"tilt_deg": (float("nan"), 60)},
    ],
)  # fmt: skip
def test_ranges_of_a_mast_are_checked_as_those_of_every_scene(settings) -> None:
    with pytest.raises(InputError, match=next(iter(settings))):
        REGISTRY.get("mast").parse("A", settings)
    small = REGISTRY.get("mast").parse("A", {"field_m": (2, 2), "height_m": (2, 2), "size": 32})
    assert REGISTRY.get("mast").draw(0, small).picture.shape == (32, 32, 3)


def test_a_thing_too_large_to_be_measured_whole_is_named() -> None:
    settings = REGISTRY.get("aircraft").parse("A", {"field_m": (0.01, 0.01), "size": 32})
    with pytest.raises(InputError, match="field_m"):
        for index in range(4):
            REGISTRY.get("aircraft").draw(index, settings)


def test_one_class_and_chosen_roles() -> None:
    scene = REGISTRY.get("aircraft")
    settings = scene.parse("A", {"roles": ["fighter"], "one_class": True, "things": (3, 3), "size": 48})
    assert scene.labels(settings) == ("aircraft",)
    labels = {one.label for index in range(3) for one in scene.draw(index, settings).instances}
    assert labels == {"aircraft"}
    assert scene.labels(scene.parse("A", {"roles": ["fighter"]})) == ("fighter",)


def test_photographs_of_a_folder_become_the_ground(tmp_path: Path) -> None:
    Image.new("RGB", (40, 30), (200, 20, 20)).save(tmp_path / "red.png")
    scene = REGISTRY.get("aircraft")
    settings = scene.parse(
        "A", {"photographs": str(tmp_path), "size": 48, "things": (0, 0), "clutter": (0, 0)}
    )
    red, green, blue = scene.draw(0, settings).picture.reshape(-1, 3).mean(axis=0)
    assert red > 2 * green and red > 2 * blue


@pytest.mark.parametrize("content", [None, b"no picture"])
def test_a_folder_without_photographs_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    scene = REGISTRY.get("aircraft")
    if content is None:
        with pytest.raises(InputError, match="no such folder"):
            scene.parse("A", {"photographs": str(tmp_path / "none")})
        with pytest.raises(InputError, match="holds no photograph"):
            scene.parse("A", {"photographs": str(tmp_path)})
    else:
        (tmp_path / "a.png").write_bytes(content)
        settings = scene.parse("A", {"photographs": str(tmp_path), "size": 32})
        with pytest.raises(InputError, match="cannot be read as a picture"):
            scene.draw(0, settings)


def test_auto_is_none_where_the_package_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photographs.importlib.util, "find_spec", lambda name: None)
    photographs.listing.cache_clear()
    assert photographs.resolve("auto") == "none"
    with pytest.raises(EnvironmentFailed, match="deepforest"):
        photographs.resolve("deepforest")


def test_without_opengl_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import moderngl

    def refused(**_: object) -> None:
        raise Exception("libEGL.so.1 not loaded")

    monkeypatch.setattr(moderngl, "create_context", refused)
    with pytest.raises(EnvironmentFailed, match=r"(?s)libEGL.so.1 not loaded.*edgekit\[scenes\].*libegl1"):
        gl.Renderer()


@pytest.mark.parametrize("role", ["airliner", "light", "fighter"])
def test_an_aircraft_has_its_span_and_length_and_stands_on_the_ground(role: str) -> None:
    random = np.random.default_rng(1)
    grey = (0.5, 0.5, 0.5)
    for _ in range(8):
        shape = aircraft_shapes.ROLES[role](random)
        made, points = aircraft_shapes.build(shape, aircraft_shapes.Livery(grey, grey, grey, grey, 0.1))
        low, high = made.corners.min(axis=(0, 1)), made.corners.max(axis=(0, 1))
        assert high[1] - low[1] == pytest.approx(shape.span, rel=0.05)
        assert shape.length * 0.99 < high[0] - low[0] < shape.length * 1.25
        assert low[2] > -0.2
        assert points["left_wingtip"][1] == pytest.approx(shape.span / 2)
        assert np.allclose(np.linalg.norm(made.normals(), axis=1)[made_area(made) > 1e-9], 1)


def made_area(made: mesh.Mesh) -> np.ndarray:
    a, b, c = (made.corners[:, i] for i in range(3))
    return np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2


def test_a_block_is_closed() -> None:
    made = mesh.block((2, 3, 4), (0.5, 0.5, 0.5))
    assert made_area(made).sum() == pytest.approx(2 * (6 + 8 + 12))
    assert mesh.merge([]).corners.shape == (0, 3, 3)


def test_srgb_and_back() -> None:
    values = np.linspace(0, 1, 17)
    assert np.allclose(sensor.to_srgb(sensor.to_linear(values)), values)
    assert sensor.to_linear(0.5) == pytest.approx(0.21404, abs=1e-5)  # IEC 61966-2-1


@pytest.mark.parametrize("kind", ["apron", "runway", "grass", "field", "sand"])
def test_grounds_are_pictures(kind: str) -> None:
    made = ground.paint(kind, np.random.default_rng(0), 96, 90.0)
    assert made.shape == (96, 96, 3) and made.min() >= 0 and made.max() <= 1 and made.std() > 0.01
