"""Antennas on a lattice mast, seen from the side as from a drone: panels, dishes and whips."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field

from edgekit.scenes.base import Composition, Counts, Lengths, Scene, SceneSettings, Thing, Tilts, pick
from edgekit.scenes.mesh import Colour, Mesh, beam, block, loft, merge

_STEEL: Colour = (0.55, 0.56, 0.58)
_RED: Colour = (0.70, 0.14, 0.10)
_WHITE: Colour = (0.88, 0.88, 0.86)
_APART = 0.35  # radians between what hangs at the same height
_TRIES = 30
_LEAST_M = 2.0  # of a mast, so that something can hang on it


def _room(pair: tuple[float, float]) -> tuple[float, float]:
    if pair[0] < _LEAST_M:
        raise ValueError(f"is less than {_LEAST_M:g} metres")
    return pair


_Metres = Annotated[Lengths, AfterValidator(_room)]


class MastSettings(SceneSettings):
    """Settings of `mast`."""

    field_m: _Metres = Field((7, 12), description="width of what the picture shows, in metres")
    tilt_deg: Tilts = Field((55, 80), description="line of sight, from the vertical")
    things: Counts = Field((3, 8), description="antennas in a picture, at most")
    height_m: _Metres = Field((18, 40), description="of the mast")
    softness_m: float = Field(0.03, ge=0, le=10, description="half width of a shadow's edge")


class Mast(Scene[MastSettings]):
    """The upper part of a mast of three legs with its antennas, before the ground far below."""

    title = "Antennas on a mast"
    summary = "Panels, dishes and whips on a lattice mast, from the side, by sun and shadow."
    classes = ("panel", "dish", "whip")
    keypoints = ("top", "bottom")
    domains: ClassVar[dict[str, dict[str, Any]]] = {
        "A": {"ground": ("grass", "field")},
        "B": {
            "ground": ("sand", "field"),
            "photographs": "auto",
            "tilt_deg": (40, 70),
            "sun_deg": (12, 40),
            "sun": (0.45, 0.7),
            "warmth": (0.2, 0.7),
            "exposure": (0.7, 1.3),
            "haze": (0.1, 0.35),
            "blur_px": (0.6, 1.1),
            "noise": (0.015, 0.04),
            "samples": 1,
        },
    }
    Settings = MastSettings

    def compose(self, random: np.random.Generator, settings: MastSettings, field_m: float) -> Composition:
        """Draws a mast by lot, and what hangs on it; what finds no free place in some tries is left out."""
        height, half = random.uniform(*settings.height_m), random.uniform(0.35, 0.6)
        low = max(height - field_m, 0.0)
        taken: list[tuple[float, float]] = []
        things = []
        for _ in range(random.integers(settings.things[0], settings.things[1] + 1)):
            label = pick(random, self.classes)
            for _ in range(_TRIES):
                z, angle = random.uniform(low + 0.8, height - 0.8), random.uniform(0, 2 * np.pi)
                if all(abs(z - p) > 1.2 or np.cos(angle - q) < np.cos(_APART) for p, q in taken):
                    taken.append((z, angle))
                    things.append(_antenna(random, label, half + 0.25, z, angle))
                    break
        hut = block((3, 2.4, 2.6), _WHITE).moved((3, 2, 0), random.uniform(0, 6))
        clutter = (_lattice(random, height, low, half), hut)
        return Composition(tuple(things), clutter, (0.0, 0.0, height - 0.4 * field_m), field_m)


def _lattice(random: np.random.Generator, height: float, low: float, half: float) -> Mesh:
    """Returns three legs with crossed bars between them, from below the picture up."""
    colours = (_RED, _WHITE) if random.random() < 0.5 else (_STEEL, _STEEL)
    angles = random.uniform(0, 2) + np.arange(3) * 2 * np.pi / 3
    legs = half * np.column_stack([np.cos(angles), np.sin(angles)])
    levels = np.append(np.arange(max(low - 8, 0.0), height, 2 * half), height)
    parts = []
    for step, (bottom, top) in enumerate(pairwise(levels)):
        colour = colours[step // 3 % 2]
        for leg, after in zip(legs, np.roll(legs, -1, axis=0), strict=True):
            parts.append(beam([*leg, bottom], [*leg, top], 0.06, colour, 4))
            parts.append(beam([*leg, bottom], [*after, top], 0.03, colour, 4))
            parts.append(beam([*leg, top], [*after, top], 0.03, colour, 4))
    return merge(parts)


def _antenna(random: np.random.Generator, label: str, reach: float, z: float, angle: float) -> Thing:
    """Returns an antenna that faces +x, held out to `reach`, turned by `angle`."""
    grey = random.uniform(0.7, 0.95)
    colour = (grey, grey, grey)
    if label == "panel":
        tall = random.uniform(1.2, 2.2)
        body = block((0.14, random.uniform(0.25, 0.4), tall), colour, 0.2).moved((reach, 0, -tall / 2))
    elif label == "dish":
        radius = random.uniform(0.35, 0.9)
        tall, body = 2 * radius, _dish(radius, colour).moved((reach, 0, 0))
    else:
        tall = random.uniform(1.6, 3.0)
        body = beam([reach, 0, -tall / 2], [reach, 0, tall / 2], 0.045, colour)
    arm = beam([0.3, 0, 0], [reach, 0, 0], 0.03, _STEEL, 4)
    middle = np.array([reach * np.cos(angle), reach * np.sin(angle), z])
    up = np.array([0, 0, tall / 2])
    ends = {"top": middle + up, "bottom": middle - up}
    return Thing(label, merge([body, arm]).moved((0, 0, z), angle), ends)


def _dish(radius: float, colour: Colour) -> Mesh:
    """Returns a drum with a dome before it, as microwave links have."""
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    circle = np.column_stack([0 * angle, np.cos(angle), np.sin(angle)])
    along: NDArray[np.float64] = np.array([0.0, 0.5, 0.75, 0.85])
    wide = np.array([1.0, 1.0, 0.7, 0.05])
    return loft([radius * (w * circle + [x, 0, 0]) for x, w in zip(along, wide, strict=True)], colour, 0.3)


SCENE = Mast()
