"""Aircraft by parameters: nose in +x, left wing in +y, wheels on z = 0; lengths in metres.

Proportions are rough means over common types of each role, with spread; no type is copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.scenes.mesh import Colour, Mesh, beam, merge, tube, wing

_GLASS: Colour = (0.08, 0.10, 0.13)
_METAL: Colour = (0.45, 0.46, 0.48)
_DARK: Colour = (0.12, 0.12, 0.13)


@dataclass(frozen=True)
class Livery:
    """Colours, sRGB.

    Args:
        body, wings, tail: Of those parts.
        stripe: Along the fuselage, or None.
        gloss: 0 = matt.
    """

    body: Colour
    wings: Colour
    tail: Colour
    stripe: Colour | None
    gloss: float


@dataclass(frozen=True)
class Shape:
    """Parameters of an aircraft.

    Args:
        role: "airliner", "light" or "fighter".
        span, length, radius: Of the wings, of the fuselage, of its thickest section.
        nose, cone: Shares of the length in which the fuselage tapers, in front and behind.
        wing_at: Leading edge at the root, share of the length behind the nose.
        chord: At the root, in metres.
        taper: Chord at the tip over that at the root.
        sweep: Of the leading edge, in radians.
        wing_z: Height of the wing over the fuselage's axis, in radii.
        dihedral: In radians.
        tail_span: Of the tailplane, share of the span; 0 = none.
        tail_top: The tailplane sits on top of the fin.
        fins: 1 or 2.
        engines: "wing-2", "wing-4", "rear-2", "nose-propeller", "wing-propellers" or "buried".
    """

    role: str
    span: float
    length: float
    radius: float
    nose: float
    cone: float
    wing_at: float
    chord: float
    taper: float
    sweep: float
    wing_z: float
    dihedral: float
    tail_span: float
    tail_top: bool
    fins: int
    engines: str


def airliner(random: np.random.Generator) -> Shape:
    """Returns a jet transport: swept wings, engines under them or at the rear; span 22 to 44 m."""
    engines = str(random.choice(["wing-2", "wing-2", "wing-4", "rear-2"]))
    span = random.uniform(32, 44) if engines == "wing-4" else random.uniform(22, 38)
    length = span * random.uniform(0.98, 1.2)
    rear = engines == "rear-2"
    return Shape(
        "airliner", span, length, length * random.uniform(0.046, 0.056),
        nose=random.uniform(0.10, 0.15), cone=random.uniform(0.28, 0.36),
        wing_at=random.uniform(0.38, 0.44) if rear else random.uniform(0.30, 0.36),
        chord=span * random.uniform(0.17, 0.21), taper=random.uniform(0.22, 0.32),
        sweep=np.radians(random.uniform(22, 35)), wing_z=-0.6, dihedral=np.radians(random.uniform(3, 6)),
        tail_span=random.uniform(0.32, 0.4), tail_top=rear, fins=1, engines=engines,
    )  # fmt: skip


def light(random: np.random.Generator) -> Shape:
    """Returns a small aircraft with straight wings and one or two propellers; span 9 to 16 m."""
    two = random.random() < 0.35
    span = random.uniform(11, 16) if two else random.uniform(9, 12)
    length = span * random.uniform(0.66, 0.85)
    return Shape(
        "light", span, length, length * random.uniform(0.065, 0.08),
        nose=random.uniform(0.1, 0.2), cone=random.uniform(0.45, 0.6), wing_at=random.uniform(0.24, 0.32),
        chord=span * random.uniform(0.13, 0.17), taper=random.uniform(0.55, 1.0),
        sweep=np.radians(random.uniform(0, 5)), wing_z=float(random.choice([-0.7, 0.9])),
        dihedral=np.radians(random.uniform(1, 5)), tail_span=random.uniform(0.3, 0.38),
        tail_top=random.random() < 0.2, fins=1, engines="wing-propellers" if two else "nose-propeller",
    )  # fmt: skip


def fighter(random: np.random.Generator) -> Shape:
    """Returns a fast jet: delta or strongly swept wings, buried engines; span 8 to 14 m."""
    delta = random.random() < 0.5
    span = random.uniform(8, 14)
    length = span * random.uniform(1.3, 1.65)
    return Shape(
        "fighter", span, length, length * random.uniform(0.05, 0.065),
        nose=random.uniform(0.32, 0.42), cone=0.08,
        wing_at=random.uniform(0.32, 0.42), chord=length * (random.uniform(0.5, 0.56) if delta else 0.34),
        taper=random.uniform(0.05, 0.15) if delta else random.uniform(0.2, 0.35),
        sweep=np.radians(random.uniform(48, 58) if delta else random.uniform(36, 45)),
        wing_z=0.1, dihedral=0.0, tail_span=0.0 if delta else random.uniform(0.5, 0.62),
        tail_top=False, fins=int(random.choice([1, 2])), engines="buried",
    )  # fmt: skip


ROLES = {"airliner": airliner, "light": light, "fighter": fighter}


def build(shape: Shape, livery: Livery) -> tuple[Mesh, dict[str, NDArray[np.float64]]]:
    """Returns the surface of an aircraft, and its nose, tail and wing tips (left, right), [3] each."""
    axis_z = shape.radius * 1.2 + 0.025 * shape.length  # what the wheels hold it up by
    wings, tips = _wings(shape, livery, axis_z)
    tail, engines = _tail(shape, livery, axis_z), _engines(shape, livery, axis_z)
    parts = [_fuselage(shape, livery, axis_z), *wings, *tail, *engines]
    half = shape.length / 2
    points = {
        "nose": np.array([half, 0, axis_z]),
        "tail": np.array([-half, 0, axis_z]),
        "left_wingtip": tips,
        "right_wingtip": tips * [1, -1, 1],
    }
    return merge(parts), points


def _fuselage(shape: Shape, livery: Livery, axis_z: float) -> Mesh:
    place = np.array([0.0, 0.25, 0.6, 1.0])
    front = shape.nose * place
    back = 1 - shape.cone * place[::-1]
    along = np.concatenate([front, back])
    swell = np.concatenate([np.sqrt(1 - (1 - place) ** 2), 1 - 0.93 * _fall(shape)])
    x = shape.length * (0.5 - along)
    radius = shape.radius * np.maximum(swell, 0.04)
    lift = np.concatenate([np.zeros(4), shape.radius * 0.5 * _fall(shape)]) * (shape.fins == 1)
    body = tube(np.column_stack([x, 0 * x, axis_z + lift]), radius, radius, livery.body, livery.gloss)
    centre = body.centres()
    behind = 0.5 - centre[:, 0] / shape.length
    high = centre[:, 2] > axis_z + 0.35 * shape.radius
    if livery.stripe is not None:
        side = abs(centre[:, 1]) > 0.75 * shape.radius
        body = body.painted(side & (behind > shape.nose), livery.stripe)
    window = {"airliner": (0.3, 0.6), "light": (0.9, 1.9), "fighter": (0.35, 0.8)}[shape.role]
    cockpit = high & (behind > window[0] * shape.nose) & (behind < window[1] * shape.nose)
    return body.painted(cockpit, _GLASS, 0.6)


def _fall(shape: Shape) -> NDArray[np.float64]:
    """How far the cone behind has tapered at its four sections: blunt where the engine ends in it."""
    last = 0.3 if shape.engines == "buried" else 1.0
    return last * np.array([0.0, 0.3, 0.65, 1.0])


def _wings(shape: Shape, livery: Livery, axis_z: float) -> tuple[list[Mesh], NDArray[np.float64]]:
    half = shape.span / 2
    x = shape.length * (0.5 - shape.wing_at)
    z = axis_z + shape.wing_z * shape.radius
    sections = []
    for share in (0.0, 0.4, 1.0):
        y = share * half
        chord = shape.chord * (1 - (1 - shape.taper) * share)
        sections.append([x - y * np.tan(shape.sweep), chord, y, z + y * np.tan(shape.dihedral)])
    left = wing(sections, 0.11, livery.wings, gloss=livery.gloss)
    front, chord, y, height = sections[-1]
    return [left, left.mirrored()], np.array([front - chord / 2, y, height])


def _tail(shape: Shape, livery: Livery, axis_z: float) -> list[Mesh]:
    height = shape.span * (0.17 if shape.fins == 1 else 0.12)
    chord = max(0.42 * shape.chord, 0.09 * shape.length) if shape.role != "fighter" else 0.2 * shape.length
    root_x = -shape.length / 2 + chord * 1.05
    lean = np.tan(max(shape.sweep, np.radians(15)) + 0.1)
    low = axis_z + (0.5 * shape.radius if shape.fins == 2 else 0.6 * shape.radius)
    end = root_x - height * lean
    sides = [0.0] if shape.fins == 1 else [0.8 * shape.radius, -0.8 * shape.radius]
    parts = []
    for side in sides:
        top = side * 1.6
        edges = [[root_x, chord, side, low], [end, 0.5 * chord, top, low + height]]
        parts.append(wing(edges, 0.09, livery.tail, upright=True, gloss=livery.gloss))
    if shape.tail_span:
        half = shape.tail_span * shape.span / 2
        x, z = (end + 0.1 * chord, low + height) if shape.tail_top else (root_x - 0.15 * chord, axis_z)
        wide = 0.85 * chord
        edges = [[x, wide, 0.0, z], [x - half * np.tan(shape.sweep + 0.05), 0.5 * wide, half, z]]
        plane = wing(edges, 0.09, livery.wings, gloss=livery.gloss)
        parts += [plane, plane.mirrored()]
    return parts


def _engines(shape: Shape, livery: Livery, axis_z: float) -> Sequence[Mesh]:
    half, x = shape.span / 2, shape.length * (0.5 - shape.wing_at)
    z = axis_z + shape.wing_z * shape.radius
    if shape.engines == "nose-propeller":
        return _propeller(shape.length / 2 + 0.05, 0.0, axis_z, 0.09 * shape.span)
    if shape.engines == "buried":
        radius, back = 0.6 * shape.radius, -shape.length / 2
        apart = [0.0] if shape.fins == 1 else [0.55 * shape.radius, -0.55 * shape.radius]
        return [
            _nacelle(back + 0.04 * shape.length, y, axis_z, radius, 0.06 * shape.length, _DARK) for y in apart
        ]
    if shape.engines == "rear-2":
        long, radius = 0.13 * shape.length, 0.45 * shape.radius
        left = _nacelle(
            -0.18 * shape.length, 1.6 * shape.radius, axis_z + 0.4 * shape.radius, radius, long, livery.body
        )
        return [left, left.mirrored()]
    parts: list[Mesh] = []
    for share in {"wing-2": (0.33,), "wing-4": (0.28, 0.55), "wing-propellers": (0.32,)}[shape.engines]:
        y = share * half
        front = x - y * np.tan(shape.sweep)
        height = z + y * np.tan(shape.dihedral)
        if shape.engines == "wing-propellers":
            long, radius = 1.3 * shape.chord, 0.16 * shape.chord
            found = [_nacelle(front + 0.45 * long, y, height, radius, long, livery.body)]
            found += _propeller(front + 0.5 * long, y, height, 0.08 * shape.span)
        else:
            long, radius = 0.115 * shape.span, 0.028 * shape.span
            found = [_nacelle(front + 0.75 * long, y, height - 1.1 * radius, radius, long, livery.body)]
        parts += [*found, *(part.mirrored() for part in found)]
    return parts


def _nacelle(front: float, y: float, z: float, radius: float, length: float, colour: Colour) -> Mesh:
    x = front - length * np.array([0.0, 0.08, 0.5, 1.0])
    swell = radius * np.array([0.85, 1.0, 1.0, 0.6])
    made = tube(np.column_stack([x, np.full(4, y), np.full(4, z)]), swell, swell, colour, 0.2)
    centre = made.centres()[:, 0]
    return made.painted(centre > front - 0.05 * length, _METAL).painted(centre < front - 0.85 * length, _DARK)


def _propeller(x: float, y: float, z: float, radius: float) -> list[Mesh]:
    blades = beam([x, y - radius, z], [x, y + radius, z], 0.05 * radius, _DARK)
    hub = tube(
        [[x + 0.2 * radius, y, z], [x - 0.3 * radius, y, z]],
        [0.02, 0.15 * radius],
        [0.02, 0.15 * radius],
        _METAL,
    )
    return [blades, hub]


def camouflaged(mesh: Mesh, random: np.random.Generator, colour: Colour) -> Mesh:
    """Returns a mesh with patches of another colour, laid from above."""
    centre = mesh.centres()
    wave = random.uniform(0.5, 1.1, (3, 2)) * random.choice([-1, 1], (3, 2))
    pattern = np.cos(centre[:, :2] @ wave.T + random.uniform(0, 6, 3)).sum(axis=1)
    return mesh.painted((pattern > 0.6) & (mesh.gloss < 0.5), colour)
