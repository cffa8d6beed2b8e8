"""Grounds: concrete with joints, a runway with markings, grass, a field, sand; or a crop of a photograph.

What is not a photograph is value noise over octaves (after Perlin, "An image synthesizer", SIGGRAPH 1985)
with lines drawn over it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]
_BASE = {  # sRGB, contrast of the noise, share of each octave over the one before
    "apron": ((0.62, 0.61, 0.58), 0.10, 0.75),
    "runway": ((0.30, 0.30, 0.31), 0.10, 0.8),
    "grass": ((0.33, 0.42, 0.22), 0.22, 0.85),
    "field": ((0.52, 0.46, 0.30), 0.20, 0.7),
    "sand": ((0.76, 0.66, 0.50), 0.14, 0.65),
}
_WHITE, _YELLOW = (225, 225, 220), (220, 175, 40)


def noise(random: np.random.Generator, side: int, decay: float) -> Map:
    """Returns value noise [side, side] of standard deviation 1.

    Args:
        random: Source of chance.
        side: In pixels.
        decay: Amplitude of each octave over that of the one before, twice as coarse.
    """
    total, cells, amplitude = np.zeros((2, 2), np.float32), 3, 1.0
    while cells < side:
        total = _resized(total, cells) + np.float32(amplitude) * random.standard_normal(
            (cells, cells), dtype=np.float32
        )
        cells, amplitude = 2 * cells, amplitude * decay
    total = _resized(total, side)
    return np.asarray((total - total.mean()) / max(float(total.std()), 1e-6), np.float32)


def _resized(values: Map, side: int) -> Map:
    from PIL import Image

    return np.asarray(Image.fromarray(values).resize((side, side), Image.Resampling.BICUBIC))


def paint(kind: str, random: np.random.Generator, side: int, metres: float) -> Map:
    """Returns the ground of a kind.

    Args:
        kind: A name of `edgekit.scenes.base.Ground`.
        random: Source of chance.
        side: Of the picture, in pixels.
        metres: Its width.

    Returns:
        float32 [side, side, 3], sRGB from 0 to 1.
    """
    colour = _surface(kind, random, side)
    if kind == "runway":
        verge = _surface("grass", random, side)
        lines, asphalt = _runway(random, side, metres)
        colour = np.where(asphalt[..., None], colour, verge)
    elif kind == "apron":
        lines = _apron(random, side, metres)
    elif kind == "field":
        return _furrows(colour, random, side, metres)
    else:
        return colour
    cover = lines[..., 3:] / np.float32(255) * random.uniform(0.5, 0.95)  # worn paint
    return np.asarray(colour * (1 - cover) + lines[..., :3] / np.float32(255) * cover)


def crop(photograph: NDArray[np.uint8], random: np.random.Generator, side: int) -> Map:
    """Returns a square of a photograph, turned and mirrored by lot, as `paint` does."""
    from PIL import Image

    height, width = photograph.shape[:2]
    edge = int(min(height, width) * random.uniform(0.4, 1.0))
    top, left = random.integers(height - edge + 1), random.integers(width - edge + 1)
    square = Image.fromarray(photograph[top : top + edge, left : left + edge])
    square = square.resize((side, side), Image.Resampling.BICUBIC)
    turned = np.rot90(np.asarray(square, np.float32) / 255, int(random.integers(4)))
    return np.ascontiguousarray(turned[:, ::-1] if random.random() < 0.5 else turned)


def _surface(kind: str, random: np.random.Generator, side: int) -> Map:
    base, contrast, decay = _BASE[kind]
    tint = np.asarray(base) * random.uniform(0.8, 1.2) + random.uniform(-0.03, 0.03, 3)
    shade = 1 + contrast * noise(random, side, decay)
    hue = 0.012 * noise(random, side, 0.7)[..., None] * np.array([1.0, 0.2, -1.0], np.float32)
    return np.asarray(np.clip(shade[..., None] * tint.astype(np.float32) + hue, 0, 1), np.float32)


class _Lines:
    """A transparent sheet to draw on in metres, about its middle, turned by lot."""

    def __init__(self, random: np.random.Generator, side: int, metres: float) -> None:
        from PIL import Image, ImageDraw

        self.sheet = Image.new("RGBA", (side, side))
        self.pen = ImageDraw.Draw(self.sheet)
        self.scale, self.half = side / metres, side / 2
        angle = random.uniform(0, np.pi)
        self.turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def at(self, *points: tuple[float, float]) -> list[tuple[float, float]]:
        return [tuple(p) for p in self.half + self.scale * np.asarray(points) @ self.turn.T]

    def line(
        self, start: tuple[float, float], end: tuple[float, float], width: float, colour: tuple[int, ...]
    ) -> None:
        pixels = max(1, round(width * self.scale))
        self.pen.line(self.at(start, end), fill=colour, width=pixels)


def _apron(random: np.random.Generator, side: int, metres: float) -> NDArray[np.uint8]:
    lines = _Lines(random, side, metres)
    slab, reach = random.uniform(4, 8), metres
    joint = (60, 58, 55, int(random.integers(30, 140)))
    for offset in np.arange(-reach, reach, slab):
        lines.line((offset, -reach), (offset, reach), 0.08, joint)
        lines.line((-reach, offset), (reach, offset), 0.08, joint)
    for _ in range(random.integers(0, 4)):  # lines to roll along
        offset = random.uniform(-metres / 2, metres / 2)
        along = (
            [(offset, -reach), (offset, reach)]
            if random.random() < 0.5
            else [(-reach, offset), (reach, offset)]
        )
        lines.line(along[0], along[1], random.uniform(0.2, 0.5), (*_YELLOW, 255))
    return np.asarray(lines.sheet)


def _runway(
    random: np.random.Generator, side: int, metres: float
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    from PIL import Image, ImageDraw

    lines = _Lines(random, side, metres)
    half, reach = random.uniform(0.2, 0.45) * metres, metres
    middle = random.uniform(-0.15, 0.15) * metres
    for offset in np.arange(-reach, reach, 50.0) + random.uniform(
        0, 50
    ):  # 30 m stripes, 20 m gaps (ICAO Annex 14)
        lines.line((middle, offset), (middle, offset + 30), 0.7, (*_WHITE, 255))
    for edge in (middle - 0.92 * half, middle + 0.92 * half):
        lines.line((edge, -reach), (edge, reach), 0.7, (*_WHITE, 255))
    asphalt = Image.new("1", (side, side))
    corners = [
        (middle - half, -reach),
        (middle - half, reach),
        (middle + half, reach),
        (middle + half, -reach),
    ]
    ImageDraw.Draw(asphalt).polygon(lines.at(*corners), fill=1)
    return np.asarray(lines.sheet), np.asarray(asphalt)


def _furrows(colour: Map, random: np.random.Generator, side: int, metres: float) -> Map:
    angle, period = random.uniform(0, np.pi), random.uniform(1.5, 4)
    place = np.linspace(0, metres, side, dtype=np.float32)
    wave = np.cos(2 * np.pi / period * (np.cos(angle) * place[:, None] + np.sin(angle) * place))
    return np.asarray(np.clip(colour * (1 + 0.08 * wave[..., None]), 0, 1))
