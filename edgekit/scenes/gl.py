"""The renderer: orthographic pictures of triangles over a ground by OpenGL, without a screen.

OpenGL runs through moderngl and EGL, on Mesa's software rasteriser (llvmpipe) where there is no GPU.
Each picture takes three passes: the scene seen from the sun (the shadow map of Williams, "Casting curved
shadows on curved surfaces", SIGGRAPH 1978), the numbers and depths of what each pixel's centre sees, and
the lit colours (Lambert's diffuse term and the highlight of Blinn, SIGGRAPH 1977) at several samples a pixel.
"""

from __future__ import annotations

import functools
import os
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import EnvironmentFailed
from edgekit.scenes import shaders

GROUND, NOTHING = -1.0, 0.0  # numbers of what is no instance; instances count from 1
_FAR = 1e30
_GRID = (
    256  # corners lie on this part of a pixel, as rasterisers snap them: a shift by pixels changes nothing
)
INSTALL = "pip install 'edgekit[scenes]'; Debian, Ubuntu: apt install libegl1 libgl1 libgl1-mesa-dri"


@dataclass(frozen=True)
class Camera:
    """An orthographic camera.

    Args:
        axes: [3, 3], rows: right, up, and towards the camera, of length 1.
        aim: [3], what lies in the middle of the picture.
        metres_per_pixel: Scale.
        size: Width and height of the picture in pixels.
        distance_m: From the plane of the camera to the aim, the zero of depths.
    """

    axes: NDArray[np.float64]
    aim: NDArray[np.float64]
    metres_per_pixel: float
    size: int
    distance_m: float = 500.0

    def project(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Returns x and y in pixels from the top left corner and the depth in metres of points [..., 3]."""
        seen = (points - self.aim) @ self.axes.T
        x = self.size / 2 + seen[..., 0] / self.metres_per_pixel
        y = self.size / 2 - seen[..., 1] / self.metres_per_pixel
        x, y = np.round(x * _GRID) / _GRID, np.round(y * _GRID) / _GRID
        return np.stack([x, y, self.distance_m - seen[..., 2]], axis=-1)


@dataclass(frozen=True)
class Light:
    """Sun and sky.

    Args:
        direction: [3], towards the sun, of length 1.
        sun: [3], linear RGB.
        sky: [3], linear RGB.
        softness: Half width of the edge of a shadow in metres.
    """

    direction: NDArray[np.float64]
    sun: NDArray[np.float64]
    sky: NDArray[np.float64]
    softness: float


@dataclass(frozen=True)
class Triangles:
    """What is to be drawn.

    Args:
        corners: [n, 3, 3] in metres.
        normals: [n, 3].
        paint: [n, 4], linear RGB and gloss.
        numbers: [n]: GROUND, NOTHING or the number of an instance.
    """

    corners: NDArray[np.float64]
    normals: NDArray[np.float64]
    paint: NDArray[np.float64]
    numbers: NDArray[np.float64]


def axes_towards(direction: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns rows right, up and `direction` [3] (of length 1): north is up from above, z from the side."""
    hint = np.array([0.0, 1.0, 0.0] if direction[2] > 0.7 else [0.0, 0.0, 1.0])
    right = np.cross(hint, direction)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(direction, right), direction])


def renderer() -> Renderer:
    """Returns this process's renderer.

    Raises:
        EnvironmentFailed: moderngl is not installed, OpenGL cannot start, or the process holds TensorFlow.
    """
    if "tensorflow" in sys.modules:  # its LLVM takes the place of llvmpipe's, which then crashes
        raise EnvironmentFailed(
            where="scenes",
            what="OpenGL's software renderer and TensorFlow cannot share a process",
            hint="draw with edgekit.scenes.folder.render or `edgekit data render`, in processes of their own",
        )
    return _made()


@functools.cache
def _made() -> Renderer:
    return Renderer()


class Renderer:
    """An OpenGL context with its shaders."""

    def __init__(self) -> None:
        try:
            import moderngl
            import PIL  # noqa: F401 (used further on)
            import scipy  # noqa: F401
        except ModuleNotFoundError as error:
            raise EnvironmentFailed(
                where="scenes",
                what=f"needs the package '{error.name}', which is not installed",
                hint=INSTALL,
            ) from error
        os.environ.setdefault("LP_NUM_THREADS", "1")  # llvmpipe's; processes share the cores instead
        try:
            create: Any = moderngl.create_context  # its annotations know nothing of these
            self._gl = create(
                standalone=True, backend="egl", libgl="libGL.so.1", libegl="libEGL.so.1", require=330
            )
        except Exception as error:  # moderngl raises bare Exceptions
            raise EnvironmentFailed(
                where="scenes", what=f"OpenGL does not start without a screen: {error}", hint=INSTALL
            ) from error
        self.name = str(self._gl.info["GL_RENDERER"])
        self._numbers = self._gl.program(vertex_shader=shaders.VERTEX, fragment_shader=shaders.NUMBERS)
        self._colours = self._gl.program(vertex_shader=shaders.VERTEX, fragment_shader=shaders.COLOURS)
        self._gl.enable(moderngl.DEPTH_TEST)
        self._targets: dict[tuple[int, int, int], tuple[Any, Any]] = {}

    def numbers(
        self, camera: Camera, triangles: Triangles, window: tuple[int, int, int, int] | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Draws what the centre of each pixel sees.

        Args:
            camera: Where from.
            triangles: What.
            window: x, y, width and height in pixels, in the picture or beside it; None = the picture.

        Returns:
            Numbers int32 [height, width], 0 where there is no instance, and depths float32 in metres,
            infinite where there is nothing at all.
        """
        x, y, width, height = window or (0, 0, camera.size, camera.size)
        target, _ = self._target(width, height, 2)
        reach = 2 * camera.distance_m
        _set(self._numbers, origin=(x, y), window=(width, height), reach=reach, from_sun=False)
        self._draw(self._numbers, camera, triangles)
        seen = _read(target, width, height, 2)
        depths = np.where(seen[..., 1] < _FAR, seen[..., 1], np.float32(np.inf))
        return np.maximum(seen[..., 0], 0).astype(np.int32), depths

    def colours(
        self,
        camera: Camera,
        triangles: Triangles,
        light: Light,
        ground: NDArray[np.float32],
        ground_at: tuple[float, float, float],
        samples: int,
        shadow_m: float,
    ) -> NDArray[np.float32]:
        """Draws the lit scene.

        Args:
            camera: Where from.
            triangles: What.
            light: Sun and sky.
            ground: float32 [t, t, 3], linear RGB of the ground; row 0 lies in the south.
            ground_at: x and y of its middle, and its width, in metres.
            samples: Samples along each side of a pixel.
            shadow_m: Half width of what casts and catches shadows about the aim.

        Returns:
            float32 [size, size, 3], linear RGB: each pixel the mean of its samples.
        """
        turn = axes_towards(light.direction)
        shadow, texel = self._shadow(camera, triangles, turn, shadow_m)
        side = camera.size * samples
        target, _ = self._target(side, side, 4)
        picture = self._gl.texture((ground.shape[1], ground.shape[0]), 3, ground.tobytes(), dtype="f4")
        picture.use(0)
        shadow.use(1)
        _set(
            self._colours,
            origin=(0, 0), window=(camera.size, camera.size), reach=2 * camera.distance_m, from_sun=False,
            ground=0, shadow=1, ground_at=ground_at, turn=_columns(turn), centre=tuple(camera.aim),
            sun_reach=shadow_m, softness=light.softness / shadow_m, texel=texel,
            sun=tuple(light.direction), view=tuple(camera.axes[2]),
            sun_colour=tuple(light.sun), sky_colour=tuple(light.sky),
        )  # fmt: skip
        self._draw(self._colours, camera, triangles)
        picture.release()
        seen = _read(target, side, side, 4).reshape(camera.size, samples, camera.size, samples, 4)
        within = range(samples)
        total = sum(seen[:, i, :, j, :3] for i in within for j in within)
        return np.asarray(total / np.float32(samples**2))

    def _shadow(
        self, camera: Camera, triangles: Triangles, turn: NDArray[np.float64], reach: float
    ) -> tuple[Any, float]:
        side = 512 if camera.size <= 256 else 1024
        _, texture = self._target(side, side, 2)
        _set(self._numbers, turn=_columns(turn), centre=tuple(camera.aim), reach=reach, from_sun=True)
        self._draw(self._numbers, camera, triangles)
        return texture, 2 * reach / side

    def _draw(self, program: Any, camera: Camera, triangles: Triangles) -> None:
        count = len(triangles.corners)
        if not count:
            return
        each = {
            "pixel": camera.project(triangles.corners),
            "world": triangles.corners,
            "normal": triangles.normals[:, None].repeat(3, axis=1),
            "paint": triangles.paint[:, None].repeat(3, axis=1),
            "number": triangles.numbers[:, None, None].repeat(3, axis=1),
        }
        used = [name for name in each if name in program]
        data = np.concatenate([each[name] for name in used], axis=-1).astype(np.float32)
        buffer = self._gl.buffer(data.tobytes())
        layout = " ".join(f"{each[name].shape[-1]}f" for name in used)
        array = self._gl.vertex_array(program, [(buffer, layout, *used)])
        array.render()
        array.release()
        buffer.release()

    def _target(self, width: int, height: int, components: int) -> tuple[Any, Any]:
        """Clears and uses a framebuffer of at least that size, one of a few that are kept."""
        key = (_power_of_two(width), _power_of_two(height), components)
        if key not in self._targets:
            texture = self._gl.texture(key[:2], components, dtype="f4")
            self._targets[key] = (
                self._gl.framebuffer([texture], self._gl.depth_renderbuffer(key[:2])),
                texture,
            )
        target, texture = self._targets[key]
        target.use()
        target.viewport = (0, 0, width, height)
        target.clear(0.0, _FAR, 0.0, 0.0)
        return target, texture


def _power_of_two(length: int) -> int:
    return max(64, 1 << (length - 1).bit_length())


def _read(target: Any, width: int, height: int, components: int) -> NDArray[np.float32]:
    data = target.read(viewport=(0, 0, width, height), components=components, dtype="f4")
    return np.frombuffer(data, np.float32).reshape(height, width, components)


def _columns(matrix: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(matrix.T.ravel())  # OpenGL's order


def _set(program: Any, **values: Any) -> None:
    for name, value in values.items():
        if name in program:  # the compiler drops what a shader does not use
            program[name].value = value
