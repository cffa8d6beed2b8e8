"""From light to the bytes of a picture: haze, exposure, blur, noise, the curve of sRGB."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

_HAZE = np.array([0.62, 0.68, 0.76], np.float32)  # linear RGB of scattered light


@dataclass(frozen=True)
class Sensor:
    """How one picture is taken.

    Args:
        exposure: Gain about that which makes the mean of the picture mid-grey, as a camera's automatic does.
        haze: Share of scattered light.
        blur_px: Standard deviation of the blur of optics and motion.
        noise: Standard deviation of the noise at mid-grey, of full scale.
    """

    exposure: float
    haze: float
    blur_px: float
    noise: float


def to_linear(colour: ArrayLike) -> NDArray[np.floating]:
    """Returns sRGB values 0..1 as linear ones (IEC 61966-2-1), float32 where they are."""
    value = np.asarray(colour, np.result_type(np.asarray(colour), np.float32))
    return np.where(value <= 0.04045, value / 12.92, ((np.maximum(value, 0) + 0.055) / 1.055) ** 2.4)


def to_srgb(colour: ArrayLike) -> NDArray[np.floating]:
    """Returns linear values 0..1 as sRGB ones (IEC 61966-2-1), float32 where they are."""
    value = np.clip(np.asarray(colour, np.result_type(np.asarray(colour), np.float32)), 0, 1)
    return np.asarray(np.where(value <= 0.0031308, 12.92 * value, 1.055 * value ** (1 / 2.4) - 0.055))


def take(light: NDArray[np.float32], sensor: Sensor, random: np.random.Generator) -> NDArray[np.uint8]:
    """Returns the picture that a sensor takes.

    Args:
        light: float32 [h, w, 3], linear RGB, of any scale.
        sensor: How.
        random: For the noise: shot noise grows with the square root of the light, half of it at mid-grey
            is read noise.

    Returns:
        uint8 [h, w, 3], sRGB.
    """
    from scipy.ndimage import gaussian_filter

    level = light / max(float(light.mean()), 1e-6) * np.float32(0.2 * sensor.exposure)
    level = level * np.float32(1 - sensor.haze) + np.float32(0.6 * sensor.haze) * _HAZE
    if sensor.blur_px > 0:
        level = gaussian_filter(level, (sensor.blur_px, sensor.blur_px, 0), mode="nearest", truncate=3)
    shown = to_srgb(level)
    spread = np.float32(sensor.noise) * np.sqrt(0.5 + 0.5 * shown / 0.5)
    shown = shown + spread * random.standard_normal(shown.shape, dtype=np.float32)
    return np.asarray(np.rint(np.clip(shown, 0, 1) * 255), np.uint8)
