"""Shapes made of triangles: lofts, tubes, wings, beams and prisms, coloured and placed.

All lengths are in metres. Colours are sRGB from 0 to 1. Each triangle has its own flat normal; which side
of it is outside does not matter, as the renderer turns normals towards the camera.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Mesh:
    """Triangles.

    Args:
        corners: float64 [n, 3, 3]: triangle, corner, coordinate.
        colours: float64 [n, 3].
        gloss: float64 [n]: strength of the highlight, 0 = matt.
    """

    corners: NDArray[np.float64]
    colours: NDArray[np.float64]
    gloss: NDArray[np.float64]

    def normals(self) -> NDArray[np.float64]:
        """Returns the unit normal of each triangle, [n, 3]; zero where a triangle has no area."""
        normal = np.cross(self.corners[:, 1] - self.corners[:, 0], self.corners[:, 2] - self.corners[:, 0])
        length = np.linalg.norm(normal, axis=1, keepdims=True)
        return np.asarray(normal / np.maximum(length, 1e-12))

    def centres(self) -> NDArray[np.float64]:
        """Returns the centre of each triangle, [n, 3]."""
        return np.asarray(self.corners.mean(axis=1))

    def painted(self, where: NDArray[np.bool_], colour: Colour, gloss: float | None = None) -> Mesh:
        """Returns this with another colour (and gloss) where `where`, [n], is set."""
        shine = self.gloss if gloss is None else np.where(where, gloss, self.gloss)
        return Mesh(self.corners, np.where(where[:, None], colour, self.colours), shine)

    def moved(self, offset: ArrayLike, heading: float = 0.0, scale: float = 1.0) -> Mesh:
        """Returns this scaled, turned about z by `heading` [rad], then shifted by `offset` [3]."""
        return Mesh(place(self.corners, offset, heading, scale), self.colours, self.gloss)

    def mirrored(self) -> Mesh:
        """Returns this with y negated."""
        return Mesh(self.corners * [1.0, -1.0, 1.0], self.colours, self.gloss)


def place(
    points: ArrayLike, offset: ArrayLike, heading: float = 0.0, scale: float = 1.0
) -> NDArray[np.float64]:
    """Returns points [..., 3] scaled, turned about z by `heading` [rad], then shifted by `offset` [3]."""
    cos, sin = np.cos(heading), np.sin(heading)
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    return np.asarray(scale * np.asarray(points, np.float64) @ turn.T + np.asarray(offset, np.float64))


def merge(meshes: Sequence[Mesh]) -> Mesh:
    """Returns all triangles in one mesh."""
    if not meshes:
        return Mesh(np.zeros((0, 3, 3)), np.zeros((0, 3)), np.zeros(0))
    return Mesh(
        np.concatenate([mesh.corners for mesh in meshes]),
        np.concatenate([mesh.colours for mesh in meshes]),
        np.concatenate([mesh.gloss for mesh in meshes]),
    )


def loft(rings: ArrayLike, colour: Colour, gloss: float = 0.0) -> Mesh:
    """Returns the skin over a row of closed rings, with both ends shut.

    Args:
        rings: [k, m, 3], k >= 2 rings of m >= 3 points each.
        colour: Of all of it.
        gloss: Of all of it.
    """
    ring = np.asarray(rings, np.float64)
    after = np.roll(ring, -1, axis=1)
    a, b, c, d = ring[:-1], after[:-1], after[1:], ring[1:]
    sides = np.stack([a, b, c, a, c, d], axis=2).reshape(-1, 3, 3)
    ends = [
        np.stack([end, np.roll(end, -1, axis=0), np.broadcast_to(end.mean(axis=0), end.shape)], axis=1)
        for end in (ring[0], ring[-1])
    ]
    corners = np.concatenate([sides, *ends])
    return Mesh(corners, np.tile(colour, (len(corners), 1)), np.full(len(corners), gloss))


def tube(
    centres: ArrayLike, half_widths: ArrayLike, half_heights: ArrayLike, colour: Colour, gloss: float = 0.0
) -> Mesh:
    """Returns a body along x with elliptic sections: a fuselage, an engine.

    Args:
        centres: [k, 3], the middle of each section.
        half_widths: [k], in y.
        half_heights: [k], in z.
        colour: Of all of it.
        gloss: Of all of it.
    """
    angle = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    middle = np.asarray(centres, np.float64)
    rings = np.repeat(middle[:, None], len(angle), axis=1)
    rings[..., 1] += np.outer(np.asarray(half_widths), np.cos(angle))
    rings[..., 2] += np.outer(np.asarray(half_heights), np.sin(angle))
    return loft(rings, colour, gloss)


def wing(
    edges: ArrayLike, thickness: float, colour: Colour, *, upright: bool = False, gloss: float = 0.0
) -> Mesh:
    """Returns a wing (or, upright, a fin) through sections across the span.

    Args:
        edges: [k, 4]: x of the leading edge, chord, y and z of each section (in order along the span).
        thickness: Greatest thickness as a share of the chord.
        colour: Of all of it.
        upright: The thickness lies in y, as in a fin, and not in z.
        gloss: Of all of it.
    """
    along = np.array([0.0, 0.3, 0.7, 1.0, 0.7, 0.3])
    across = np.array([0.0, 0.5, 0.35, 0.0, -0.35, -0.5]) * thickness
    section = np.asarray(edges, np.float64)
    front, chord, y, z = (section[:, None, i] for i in range(4))
    x = front - chord * along
    depth = chord * across
    rings = (x, y + depth, z + 0 * x) if upright else (x, y + 0 * x, z + depth)
    return loft(np.stack(rings, axis=-1), colour, gloss)


def beam(start: ArrayLike, end: ArrayLike, radius: float, colour: Colour, sides: int = 6) -> Mesh:
    """Returns a round bar from `start` to `end`, both [3]."""
    first, last = np.asarray(start, np.float64), np.asarray(end, np.float64)
    axis = (last - first) / max(float(np.linalg.norm(last - first)), 1e-9)
    across = np.cross(axis, [0, 0, 1.0] if abs(axis[2]) < 0.9 else [1.0, 0, 0])
    across /= np.linalg.norm(across)
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)[:, None]
    ring = radius * (np.cos(angle) * across + np.sin(angle) * np.cross(axis, across))
    return loft(np.stack([first + ring, last + ring]), colour, 0.1)


def block(size: ArrayLike, colour: Colour, gloss: float = 0.0) -> Mesh:
    """Returns a cuboid of `size` [3] that stands on z = 0 about the origin."""
    length, width, height = np.asarray(size, np.float64)
    base = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * [length / 2, width / 2]
    rings = [np.column_stack([base, np.full(4, z)]) for z in (0.0, height)]
    return loft(np.stack(rings), colour, gloss)
