"""Draws one picture of a scene: lots, camera, light, passes of the renderer, sensor, boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import InputError
from edgekit.scenes import gl, ground, photographs, sensor
from edgekit.scenes.base import Composition, Drawn, Instance, Scene, SceneSettings, Thing
from edgekit.scenes.mesh import Mesh

_GROUND_REACH = 60  # half width of the ground, in widths of the picture
_MOST_PIXELS = 4096  # of a thing that is drawn alone


def draw(scene: Scene[Any], index: int, settings: SceneSettings, seed: int) -> Drawn:
    """Draws picture number `index`; see `Scene.draw`."""
    renderer = gl.renderer()
    random = np.random.default_rng([seed, index, crc32(f"{scene.title}/{settings.domain}".encode())])
    field_m = random.uniform(*settings.field_m)
    made = scene.compose(random, settings, field_m)
    camera = _camera(random, settings, field_m, made)
    triangles = triangles_together(made, camera)
    mask, depth = renderer.numbers(camera, triangles)
    middle, width = _seen_ground(camera)
    light = renderer.colours(
        camera,
        triangles,
        _light(random, settings),
        _ground(random, settings, width),
        (*middle, width),
        settings.samples,
        made.shadow_m,
    )
    taken = sensor.Sensor(
        *(
            random.uniform(*low_high)
            for low_high in (settings.exposure, settings.haze, settings.blur_px, settings.noise)
        )
    )
    instances = []
    for number, thing in enumerate(made.things, 1):
        if (mask == number).any():
            instances.append(_instance(renderer, camera, mask, number, thing, settings.difficult_below))
    return Drawn(sensor.take(light, taken, random), mask.astype(np.uint16), depth, tuple(instances))


def triangles_of(mesh: Mesh, number: float) -> gl.Triangles:
    """Returns a mesh for the renderer, as the instance `number`."""
    paint = np.column_stack([sensor.to_linear(mesh.colours), mesh.gloss])
    return gl.Triangles(mesh.corners, mesh.normals(), paint, np.full(len(mesh.corners), number))


def _camera(
    random: np.random.Generator, settings: SceneSettings, field_m: float, made: Composition
) -> gl.Camera:
    tilt, turn = np.radians(random.uniform(*settings.tilt_deg)), random.uniform(0, 2 * np.pi)
    towards = np.array([np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn), np.cos(tilt)])
    return gl.Camera(gl.axes_towards(towards), np.asarray(made.aim), field_m / settings.size, settings.size)


def _light(random: np.random.Generator, settings: SceneSettings) -> gl.Light:
    height, turn = np.radians(random.uniform(*settings.sun_deg)), random.uniform(0, 2 * np.pi)
    towards = np.array([np.cos(height) * np.cos(turn), np.cos(height) * np.sin(turn), np.sin(height)])
    share, warmth = random.uniform(*settings.sun), random.uniform(*settings.warmth)
    sun = share * np.array([1 + 0.5 * warmth, 1.0, 1 - 0.6 * warmth])
    sky = (1 - share) * np.array([1 - 0.5 * warmth, 1.0, 1 + 0.5 * warmth])
    return gl.Light(towards, sun, sky, settings.softness_m)


def _seen_ground(camera: gl.Camera) -> tuple[tuple[float, float], float]:
    """Returns the middle and width of a square of ground that covers the picture."""
    towards = camera.axes[2]
    middle = camera.aim - towards * (camera.aim[2] / towards[2])
    width = 1.5 * camera.metres_per_pixel * camera.size / towards[2]
    return (float(middle[0]), float(middle[1])), float(width)


def _ground(random: np.random.Generator, settings: SceneSettings, metres: float) -> NDArray[np.float32]:
    side = 2 * settings.size  # over 1.5 widths of the picture
    if settings.photographs != "none":
        choices = photographs.listing(settings.photographs)
        photograph = photographs.read(choices[random.integers(len(choices))])
        colours = ground.crop(photograph, random, side)
    else:
        kind = settings.ground[random.integers(len(settings.ground))]
        colours = ground.paint(kind, random, side, metres)
    return np.ascontiguousarray(sensor.to_linear(colours), np.float32)


def triangles_together(made: Composition, camera: gl.Camera) -> gl.Triangles:
    """Returns all that stands there and the ground, the things numbered from 1."""
    x, y = camera.aim[:2]
    reach = _GROUND_REACH * camera.metres_per_pixel * camera.size
    corner = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]) * reach + [x, y, 0]
    plane = Mesh(corner[[[0, 1, 2], [0, 2, 3]]], np.zeros((2, 3)), np.zeros(2))
    parts = [triangles_of(plane, gl.GROUND)]
    parts += [triangles_of(mesh, gl.NOTHING) for mesh in made.clutter]
    parts += [triangles_of(thing.mesh, number) for number, thing in enumerate(made.things, 1)]
    return gl.Triangles(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("corners", "normals", "paint", "numbers")
        )
    )


def _instance(
    renderer: gl.Renderer,
    camera: gl.Camera,
    mask: NDArray[np.int32],
    number: int,
    thing: Thing,
    difficult_below: float,
) -> Instance:
    rows, columns = (np.flatnonzero((mask == number).any(axis=axis)) for axis in (1, 0))
    area = int((mask == number).sum())
    whole, inside = areas_alone(renderer, camera, thing)
    visible = area / max(whole, area)
    return Instance(
        number=number,
        label=thing.label,
        x=int(columns[0]),
        y=int(rows[0]),
        width=int(columns[-1] - columns[0] + 1),
        height=int(rows[-1] - rows[0] + 1),
        area=area,
        visible=visible,
        truncated=1 - inside / max(whole, inside),
        difficult=visible < difficult_below,
        keypoints=_keypoints(camera, mask, number, thing.keypoints),
    )


def areas_alone(renderer: gl.Renderer, camera: gl.Camera, thing: Thing) -> tuple[int, int]:
    """Returns how many pixels a thing covers alone, on the picture's grid without end, and in the picture.

    Args:
        renderer: That drew the picture.
        camera: Of the picture.
        thing: One of its things.

    Raises:
        InputError: It is too large to be drawn whole.
    """
    pixels = camera.project(thing.mesh.corners)[..., :2].reshape(-1, 2)
    low = np.floor(pixels.min(axis=0)).astype(int)
    width, height = np.ceil(pixels.max(axis=0)).astype(int) - low + 1
    if max(width, height) > _MOST_PIXELS:
        raise InputError(
            where="field_m",
            what="shows so little that a thing is too large to say how much of it is seen",
            expected=f"at most {_MOST_PIXELS} pixels",
            found=f"{width} x {height}",
            hint="a larger field_m, or a smaller size",
        )
    window = (int(low[0]), int(low[1]), int(width), int(height))
    alone, _ = renderer.numbers(camera, triangles_of(thing.mesh, 1), window)
    start = np.maximum(-low, 0)
    end = np.maximum(camera.size - low, 0)
    return int(alone.sum()), int(alone[start[1] : end[1], start[0] : end[0]].sum())


def _keypoints(
    camera: gl.Camera,
    mask: NDArray[np.int32],
    number: int,
    points: Mapping[str, Sequence[float] | NDArray[np.float64]],
) -> dict[str, tuple[float, float, int]]:
    found = {}
    for name, point in points.items():
        x, y = (float(value) for value in camera.project(np.asarray(point, np.float64))[:2])
        column, row = int(np.floor(x)), int(np.floor(y))
        if not (0 <= x < camera.size and 0 <= y < camera.size):
            found[name] = (0.0, 0.0, 0)
            continue
        around = mask[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]  # a tip covers no centre
        found[name] = (x, y, 2 if (around == number).any() else 1)
    return found
