"""Renders a camera to C: tables of taps and levels, and code for its pixel format."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from edgekit import paths
from edgekit.camera.pixels import LUMA
from edgekit.camera.taps import Taps
from edgekit.errors import InputError, Problem
from edgekit.quant import quantize

if TYPE_CHECKING:
    from edgekit.camera.camera import Camera

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_SIZES = {"int8": 1, "int16": 2, "float32": 4}
_COUNTERS = 12  # bytes of the state beside its rows
_TAP_BYTES = 8
_PER_LINE = 16


def render(camera: Camera, name: str, scale: float, zero_point: int, dtype: str) -> dict[str, str]:
    """Returns the C of a camera by file name; see `Camera.render_c`."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    _check(name, scale, zero_point, dtype)
    environment = Environment(
        loader=FileSystemLoader(paths.share("templates") / "camera"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    levels = _levels(camera, scale, zero_point, dtype)
    shift = _shift(levels)
    context = {
        "name": name,
        "upper": name.upper(),
        "camera": camera,
        "config": camera.config,
        "luma": LUMA,
        "ctype": "float" if dtype == "float32" else f"{dtype}_t",
        "dtype": dtype,
        "scale": _float(scale),
        "zero_point": zero_point,
        "state_bytes": state_bytes(camera, dtype),
        "columns": _taps(camera.columns),
        "rows": _taps(camera.rows),
        "shift": shift,
        "levels": [_values(row) for row in levels] if shift is None else [],
    }
    return {
        f"{name}_camera{suffix}": environment.get_template(f"camera{suffix}.j2").render(context)
        for suffix in (".h", ".c")
    }


def state_bytes(camera: Camera, dtype: str) -> int:
    """Returns the size of the C state: counters, a row of sums, a finished row."""
    width = camera.config.size[0] * camera.config.channels
    return _COUNTERS + 4 * width + -(-width * _SIZES[dtype] // 4) * 4


def table_bytes(camera: Camera, scale: float, zero_point: int, dtype: str) -> int:
    """Returns the size of the C constants."""
    levels = _levels(camera, scale, zero_point, dtype)
    return _TAP_BYTES * (sum(camera.config.size) + 1) + (levels.nbytes if _shift(levels) is None else 0)


def _check(name: str, scale: float, zero_point: int, dtype: str) -> None:
    problems = []
    if not _IDENTIFIER.fullmatch(name):
        problems.append(
            Problem("name", "is no C identifier", "a letter, then letters, digits and _", repr(name))
        )
    if dtype not in _SIZES:
        problems.append(Problem("camera", "cannot quantise to this type", " or ".join(_SIZES), dtype))
    elif dtype != "float32":
        if not (math.isfinite(scale) and np.float32(scale) > 0):
            problems.append(Problem("scale", "is no quantisation step", "above 0", repr(scale)))
        info = np.iinfo(dtype)
        if not info.min <= zero_point <= info.max:
            problems.append(
                Problem("zero_point", f"does not fit {dtype}", f"{info.min} to {info.max}", repr(zero_point))
            )
    if problems:
        raise InputError(problems)


def _levels(camera: Camera, scale: float, zero_point: int, dtype: str) -> NDArray[np.generic]:
    """Returns what each 8-bit value becomes: [channels, 256], or [1, 256] where channels do not differ."""
    levels = (
        camera.levels if dtype == "float32" else quantize(camera.levels, scale, zero_point, np.dtype(dtype))
    )
    return levels[:1] if (levels == levels[:1]).all() else levels


def _shift(levels: NDArray[np.generic]) -> int | None:
    """Returns what is added to an 8-bit value where that is all there is to do."""
    if levels.dtype.kind == "f" or len(levels) > 1:
        return None
    shifts = levels[0].astype(np.int64) - np.arange(256)
    return int(shifts[0]) if (shifts == shifts[0]).all() else None


def _taps(taps: Taps) -> str:
    made = [f"{{{tap.first}, {tap.last}, {tap.enter}, {tap.leave}}}" for tap in taps.taps]
    lines = [", ".join(made[i : i + 4]) for i in range(0, len(made), 4)]
    return ",\n".join("    " + line for line in lines)


def _values(values: NDArray[np.generic]) -> str:
    whole = values.dtype.kind != "f"
    made = [str(int(value)) if whole else _float(float(value)) for value in values]
    step = _PER_LINE if whole else _PER_LINE // 2
    lines = [", ".join(made[i : i + step]) for i in range(0, len(made), step)]
    return ",\n".join("     " + line for line in lines).strip()


def _float(value: float) -> str:
    text = str(np.float32(value))
    return (text if any(c in text for c in ".en") else text + ".0") + "f"
