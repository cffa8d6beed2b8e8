"""Augmentation of pictures together with their boxes: functions by name, drawn from a given generator.

Each takes pictures, float32 [n, height, width, channels], their boxes, [n, most, 6], a strength and a
generator, and returns both. Pictures are taken as normalised: brightness and noise are in their unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import Problem, did_you_mean
from edgekit.training.detection.boxes import Boxes, clipped

Pictures = NDArray[np.float32]
Augmentation = Callable[[Pictures, Boxes, float, np.random.Generator], tuple[Pictures, Boxes]]


def flip(x: Pictures, boxes: Boxes, strength: float, rng: np.random.Generator) -> tuple[Pictures, Boxes]:
    """Mirrors left and right with the probability `strength`."""
    return _mirror(x, boxes, _chance(len(x), strength, rng), axis=2)


def overturn(x: Pictures, boxes: Boxes, strength: float, rng: np.random.Generator) -> tuple[Pictures, Boxes]:
    """Mirrors top and bottom with the probability `strength`, for pictures from above."""
    return _mirror(x, boxes, _chance(len(x), strength, rng), axis=1)


def turn(x: Pictures, boxes: Boxes, strength: float, rng: np.random.Generator) -> tuple[Pictures, Boxes]:
    """Swaps the axes of a square picture with the probability `strength`: a quarter turn and a mirror."""
    chosen = _chance(len(x), strength, rng)
    x, boxes = x.copy(), boxes.copy()
    x[chosen] = x[chosen].swapaxes(1, 2)
    boxes[chosen, :, :4] = boxes[chosen][..., [1, 0, 3, 2]]
    return x, boxes


def zoom(x: Pictures, boxes: Boxes, strength: float, rng: np.random.Generator) -> tuple[Pictures, Boxes]:
    """Enlarges about a random point by a factor between 1 / (1 + strength) and 1 + strength."""
    factor = (1 + strength) ** rng.uniform(-1, 1, len(x))
    size = np.array([x.shape[2], x.shape[1]])
    fixed = rng.uniform(0, 1, (len(x), 2)) * size
    return _moved(x, boxes, factor, fixed * (1 - factor[:, None]))


def shift(x: Pictures, boxes: Boxes, strength: float, rng: np.random.Generator) -> tuple[Pictures, Boxes]:
    """Moves along both axes by up to the share `strength` of the picture; its mean comes in."""
    size = np.array([x.shape[2], x.shape[1]])
    return _moved(x, boxes, np.ones(len(x)), rng.uniform(-strength, strength, (len(x), 2)) * size)


def brightness(
    x: Pictures, boxes: Boxes, strength: float, rng: np.random.Generator
) -> tuple[Pictures, Boxes]:
    """Adds a number in +- strength."""
    return x + _each(rng.uniform(-strength, strength, len(x))), boxes


def contrast(x: Pictures, boxes: Boxes, strength: float, rng: np.random.Generator) -> tuple[Pictures, Boxes]:
    """Scales the distance from the picture's mean by a factor in 1 +- strength."""
    mean = x.mean(axis=(1, 2, 3), keepdims=True)
    return mean + (x - mean) * _each(rng.uniform(1 - strength, 1 + strength, len(x))), boxes


def colour(x: Pictures, boxes: Boxes, strength: float, rng: np.random.Generator) -> tuple[Pictures, Boxes]:
    """Scales each channel by a factor of its own in 1 +- strength."""
    gains = rng.uniform(1 - strength, 1 + strength, (len(x), 1, 1, x.shape[3]))
    return x * gains.astype(np.float32), boxes


def noise(x: Pictures, boxes: Boxes, strength: float, rng: np.random.Generator) -> tuple[Pictures, Boxes]:
    """Adds white noise with a standard deviation between 0 and strength."""
    white = rng.standard_normal(x.shape, np.float32)
    return x + _each(rng.uniform(0, strength, len(x))) * white, boxes


AUGMENTATIONS: dict[str, Augmentation] = {
    function.__name__: function
    for function in (flip, overturn, turn, zoom, shift, brightness, contrast, colour, noise)
}
_SHARES = ("flip", "overturn", "turn", "shift", "contrast", "colour")


def faults(strengths: Mapping[str, float], width: int, height: int) -> Iterator[Problem]:
    """Yields what is wrong with a recipe's `detection.augment`.

    Args:
        strengths: Strength by name.
        width, height: Of the model's input.
    """
    for name, strength in strengths.items():
        where = f"detection.augment.{name}"
        if name not in AUGMENTATIONS:
            yield Problem(where, "unknown augmentation", hint=did_you_mean(name, AUGMENTATIONS))
            continue
        limit = 1 if name in _SHARES else np.inf
        if not 0 <= strength <= limit:
            yield Problem(where, "out of range", f"0 to {limit:g}", f"{strength:g}")
        if name == "turn" and width != height:
            yield Problem(where, "needs square pictures", found=f"{width} x {height}")


def apply(
    x: Pictures, boxes: Boxes, strengths: Mapping[str, float], rng: np.random.Generator
) -> tuple[Pictures, Boxes]:
    """Returns pictures and boxes after each named augmentation in turn.

    Args:
        x: float32 [n, height, width, channels].
        boxes: float32 [n, most, 6].
        strengths: Strength by name, in the order of use; 0 = not used.
        rng: Where all randomness comes from.
    """
    for name, strength in strengths.items():
        if strength:
            x, boxes = AUGMENTATIONS[name](x, boxes, strength, rng)
    return x, boxes


def _chance(count: int, probability: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    return rng.uniform(0, 1, count) < probability


def _each(values: NDArray[np.float64]) -> Pictures:
    return values.astype(np.float32)[:, None, None, None]


def _mirror(x: Pictures, boxes: Boxes, chosen: NDArray[np.bool_], axis: int) -> tuple[Pictures, Boxes]:
    size, low, high = x.shape[axis], 2 - axis, 4 - axis
    x, made = x.copy(), boxes.copy()
    x[chosen] = np.flip(x[chosen], axis)
    made[chosen, :, low], made[chosen, :, high] = size - boxes[chosen, :, high], size - boxes[chosen, :, low]
    made[boxes[..., 4] < 0, :4] = boxes[boxes[..., 4] < 0, :4]  # rows that hold no box
    return x, made


def _moved(
    x: Pictures, boxes: Boxes, factor: NDArray[np.float64], offset: NDArray[np.float64]
) -> tuple[Pictures, Boxes]:
    """Maps the point p of a picture to factor * p + offset; [n] and [n, 2], x before y."""
    mean = x.mean(axis=(1, 2), keepdims=True)
    made = x
    for axis in (1, 2):
        made = _resampled(made, factor, offset[:, 2 - axis], axis, mean)
    moved = boxes.copy()
    shift = np.tile(offset, 2)[:, None, :]
    moved[..., :4] = boxes[..., :4] * factor[:, None, None] + shift
    return made, clipped(moved, x.shape[2], x.shape[1])


def _resampled(
    x: Pictures, factor: NDArray[np.float64], offset: NDArray[np.float64], axis: int, outside: Pictures
) -> Pictures:
    """Returns pictures stretched along an axis, linearly between the centres of pixels."""
    size = x.shape[axis]
    place = (np.arange(size) + 0.5 - offset[:, None]) / factor[:, None] - 0.5
    low = np.floor(place).astype(np.int64)
    share = (place - low).astype(np.float32)
    shape = (len(x), size, 1, 1) if axis == 1 else (len(x), 1, size, 1)

    def taken(indices: NDArray[np.int64]) -> Pictures:
        there: Pictures = np.take_along_axis(x, indices.clip(0, size - 1).reshape(shape), axis)
        return there

    between = taken(low) + (taken(low + 1) - taken(low)) * share.reshape(shape)
    inside = ((place > -0.5) & (place < size - 0.5)).reshape(shape)
    return np.where(inside, between, outside)
