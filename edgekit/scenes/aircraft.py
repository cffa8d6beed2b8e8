"""Aircraft on the ground, seen from above: what the detector of aircraft is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import AfterValidator, Field

from edgekit.scenes import aircraft_shapes as shapes
from edgekit.scenes.base import Composition, Scene, SceneSettings, Thing, pick
from edgekit.scenes.mesh import Colour, Mesh, block, merge, place

Role = Literal["airliner", "light", "fighter"]
_TRIES = 30
_BRIGHT: Sequence[Colour] = (
    (0.75, 0.10, 0.12), (0.10, 0.25, 0.60), (0.05, 0.45, 0.30), (0.95, 0.65, 0.10), (0.30, 0.12, 0.40),
    (0.1, 0.1, 0.12),
)  # fmt: skip
_SOMBRE: Sequence[Colour] = ((0.42, 0.45, 0.48), (0.30, 0.33, 0.36), (0.38, 0.40, 0.28), (0.55, 0.50, 0.38))


def _one_of_each(roles: tuple[Role, ...]) -> tuple[Role, ...]:
    if len(set(roles)) < len(roles):
        raise ValueError("names a role twice")
    return roles


class AircraftSettings(SceneSettings):
    """Settings of `aircraft`."""

    roles: Annotated[tuple[Role, ...], Field(min_length=1), AfterValidator(_one_of_each)] = Field(
        ("airliner", "light", "fighter"), description="what stands there, each as likely"
    )
    one_class: bool = Field(False, description="all are labelled aircraft, not by their role")
    coloured: float = Field(
        0.2, ge=0, le=1, description="share of civil aircraft whose body is not white or grey"
    )
    camouflage: float = Field(0.1, ge=0, le=1, description="share of fighters in two colours")


class Aircraft(Scene[AircraftSettings]):
    """One to some aircraft on the ground, apart, perhaps cut by the border, among vehicles and sheds."""

    title = "Aircraft from above"
    summary = "Airliners, light aircraft and fighters on aprons, runways and grass, by sun and shadow."
    classes = ("airliner", "light", "fighter")
    keypoints = ("nose", "tail", "left_wingtip", "right_wingtip")
    domains: ClassVar[dict[str, dict[str, Any]]] = {
        "A": {},
        "B": {
            "tilt_deg": (4, 16),
            "sun_deg": (15, 45),
            "sun": (0.5, 0.75),
            "warmth": (0.2, 0.7),
            "softness_m": 0.5,
            "ground": ("sand", "field", "runway", "apron"),
            "photographs": "auto",
            "exposure": (0.65, 1.35),
            "haze": (0.08, 0.3),
            "blur_px": (0.6, 1.1),
            "noise": (0.015, 0.045),
            "samples": 1,
            "clutter": (2, 8),
            "coloured": 0.6,
            "camouflage": 0.6,
        },
    }
    Settings = AircraftSettings

    def labels(self, settings: AircraftSettings) -> tuple[str, ...]:
        """Returns the roles, or the one class."""
        return ("aircraft",) if settings.one_class else settings.roles

    def compose(self, random: np.random.Generator, settings: AircraftSettings, field_m: float) -> Composition:
        """Draws aircraft and clutter by lot; what finds no free place within some tries is left out."""
        taken: list[tuple[float, float, float]] = []
        things = []
        for _ in range(random.integers(settings.things[0], settings.things[1] + 1)):
            role = pick(random, settings.roles)
            shape = shapes.ROLES[role](random)
            mesh, points = shapes.build(shape, _livery(random, settings, role))
            if role == "fighter" and random.random() < settings.camouflage:
                mesh = shapes.camouflaged(mesh, random, pick(random, _SOMBRE))
            spot = _spot(random, field_m, 0.45 * max(shape.span, shape.length), taken)
            if spot is None:
                continue
            heading = random.uniform(0, 2 * np.pi)
            placed = {name: place(point, spot, heading) for name, point in points.items()}
            things.append(
                Thing("aircraft" if settings.one_class else role, mesh.moved(spot, heading), placed)
            )
        clutter = []
        for _ in range(random.integers(settings.clutter[0], settings.clutter[1] + 1)):
            mesh, radius = _clutter(random)
            spot = _spot(random, field_m, radius, taken)
            if spot is not None:
                clutter.append(mesh.moved(spot, random.uniform(0, 2 * np.pi)))
        return Composition(tuple(things), tuple(clutter), (0.0, 0.0, 0.0), 0.8 * field_m)


def _spot(
    random: np.random.Generator, field_m: float, radius: float, taken: list[tuple[float, float, float]]
) -> tuple[float, float, float] | None:
    for _ in range(_TRIES):
        x, y = random.uniform(-0.5, 0.5, 2) * field_m
        if all(np.hypot(x - p, y - q) > radius + r for p, q, r in taken):
            taken.append((x, y, radius))
            return (x, y, 0.0)
    return None


def _livery(random: np.random.Generator, settings: AircraftSettings, role: Role) -> shapes.Livery:
    bright = pick(random, _BRIGHT)
    if role == "fighter":
        grey = _shaded(random, pick(random, _SOMBRE))
        return shapes.Livery(grey, grey, grey, None, 0.03)
    white = random.uniform(0.8, 0.97)
    base: Colour = (white, white, white)
    body = bright if random.random() < settings.coloured else base
    shade = random.uniform(0.55, 0.85)
    wings: Colour = (
        (shade, shade, shade) if role == "airliner" else (base if random.random() < 0.7 else bright)
    )
    tail = pick(random, _BRIGHT) if random.random() < 0.7 else base
    stripe = tail if random.random() < 0.5 else None
    return shapes.Livery(body, wings, tail, stripe, random.uniform(0.1, 0.5))


def _shaded(random: np.random.Generator, colour: Colour) -> Colour:
    gain = random.uniform(0.75, 1.3)
    red, green, blue = (min(gain * part, 1.0) for part in colour)
    return red, green, blue


def _clutter(random: np.random.Generator) -> tuple[Mesh, float]:
    """Returns a vehicle, a container or a shed, and the radius that it takes."""
    colour = _shaded(random, pick(random, (*_BRIGHT, *_SOMBRE, (0.9, 0.9, 0.88))))
    if random.random() < 0.7:
        length, width, height = random.uniform(3.5, 9), random.uniform(1.8, 2.6), random.uniform(1.4, 3.2)
        cab = block((0.25 * length, 0.9 * width, 0.7 * height), (0.15, 0.17, 0.2), 0.4)
        mesh = merge([block((length, width, height), colour, 0.2), cab.moved((0.6 * length, 0, 0))])
        return mesh, 0.75 * length
    length, width = random.uniform(6, 16), random.uniform(4, 10)
    return block((length, width, random.uniform(2.5, 6)), colour), 0.6 * max(length, width)


SCENE = Aircraft()
