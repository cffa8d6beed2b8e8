"""The contract of a scene: picture number i of a domain is a function of seed, i and settings alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from edgekit import validation
from edgekit.errors import InputError, did_you_mean
from edgekit.registry import Registry
from edgekit.scenes.mesh import Mesh


def _ordered(pair: tuple[float, float]) -> tuple[float, float]:
    if pair[0] > pair[1]:
        raise ValueError(f"the lower end {pair[0]} lies above the upper end {pair[1]}")
    return pair


_Unit = Annotated[float, Field(ge=0, le=1)]
_Few = Annotated[int, Field(ge=0, le=64)]
_Positive = Annotated[float, Field(gt=0, le=10_000)]
_Tilt = Annotated[float, Field(ge=0, le=85)]
_Elevation = Annotated[float, Field(ge=5, le=90)]
_Gain = Annotated[float, Field(ge=0.1, le=10)]
_Blur = Annotated[float, Field(ge=0, le=20)]
Shares = Annotated[tuple[_Unit, _Unit], AfterValidator(_ordered)]
Counts = Annotated[tuple[_Few, _Few], AfterValidator(_ordered)]
Tilts = Annotated[tuple[_Tilt, _Tilt], AfterValidator(_ordered)]
Lengths = Annotated[tuple[_Positive, _Positive], AfterValidator(_ordered)]
Ground = Literal["apron", "runway", "grass", "field", "sand"]


class SceneSettings(BaseModel):
    """What all scenes can be told; each range is drawn from anew for every picture."""

    model_config = ConfigDict(extra="forbid", validate_default=True, frozen=True, allow_inf_nan=False)

    domain: str = Field("A", description="name of the domain; another name gives other pictures")
    size: int = Field(160, ge=32, le=1024, description="width and height in pixels")
    things: Counts = Field((1, 4), description="things to find in a picture")
    clutter: Counts = Field((0, 4), description="things that are not to be found")
    field_m: Lengths = Field((60, 90), description="width of what the picture shows, in metres")
    tilt_deg: Tilts = Field((0, 3), description="line of sight, from the vertical")
    sun_deg: Annotated[tuple[_Elevation, _Elevation], AfterValidator(_ordered)] = Field(
        (35, 75), description="elevation of the sun"
    )
    sun: Shares = Field(
        (0.7, 0.9), description="share of the light that comes from the sun, the rest from the sky"
    )
    warmth: Shares = Field((0.0, 0.1), description="redness of the sun, blueness of the sky")
    softness_m: Annotated[float, Field(ge=0, le=10)] = Field(
        0.15, description="half width of a shadow's edge"
    )
    ground: tuple[Ground, ...] = Field(("apron", "runway", "grass"), min_length=1)
    photographs: str = Field(
        "none",
        description="backgrounds: none; a folder of photographs; deepforest (those of that package); "
        "auto (those where the package is installed)",
    )
    exposure: Annotated[tuple[_Gain, _Gain], AfterValidator(_ordered)] = Field((0.85, 1.15))
    haze: Shares = Field((0.0, 0.05), description="share of scattered light")
    blur_px: Annotated[tuple[_Blur, _Blur], AfterValidator(_ordered)] = Field(
        (0.3, 0.6), description="standard deviation of the blur"
    )
    noise: Shares = Field((0.002, 0.01), description="standard deviation of the sensor's noise at mid-grey")
    samples: int = Field(2, ge=1, le=4, description="samples along each side of a pixel")
    difficult_below: _Unit = Field(
        0.25, description="a thing of which less is visible is marked as difficult"
    )


@dataclass(frozen=True, slots=True)
class Instance:
    """One thing in a picture.

    Args:
        number: Its value in `Drawn.mask`, from 1.
        label: Name of its class.
        x, y, width, height: Bounds of its visible pixels; whole pixels, from the top left corner.
        area: Its visible pixels.
        visible: That, as a share of what would be seen were it alone and the picture without end.
        truncated: The share of it that lies outside of the picture.
        difficult: Less of it is visible than `difficult_below`.
        keypoints: By name: x, y and 2 = visible, 1 = hidden, 0 = outside the picture, as COCO has it.
    """

    number: int
    label: str
    x: int
    y: int
    width: int
    height: int
    area: int
    visible: float
    truncated: float
    difficult: bool
    keypoints: Mapping[str, tuple[float, float, int]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture and what is known of it.

    Args:
        picture: uint8 [size, size, 3], sRGB.
        mask: uint16 [size, size]: the number of the instance that the pixel's centre sees, else 0.
        depth: float32 [size, size]: metres from the plane of the camera; infinite for nothing.
        instances: The things with at least one visible pixel, by number.
    """

    picture: NDArray[np.uint8]
    mask: NDArray[np.uint16]
    depth: NDArray[np.float32]
    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing to find, in the world: x east, y north, z up, in metres, the ground at z = 0.

    Args:
        label: One of the scene's classes.
        mesh: Its surface.
        keypoints: By name, [3].
    """

    label: str
    mesh: Mesh
    keypoints: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Composition:
    """What stands where.

    Args:
        things: What is to be found.
        clutter: What is not.
        aim: [3], the point in the middle of the picture.
        shadow_m: Half width about `aim` of what casts and catches shadows.
    """

    things: tuple[Thing, ...]
    clutter: tuple[Mesh, ...]
    aim: tuple[float, float, float]
    shadow_m: float


S = TypeVar("S", bound=SceneSettings)
T = TypeVar("T")


def pick(random: np.random.Generator, choices: Sequence[T]) -> T:
    """Returns one of `choices`, each as likely."""
    return choices[int(random.integers(len(choices)))]


class Scene(ABC, Generic[S]):
    """A kind of scene with settings of type S; its module defines one instance named SCENE."""

    title: ClassVar[str]
    summary: ClassVar[str]
    classes: ClassVar[tuple[str, ...]]
    keypoints: ClassVar[tuple[str, ...]] = ()
    domains: ClassVar[Mapping[str, Mapping[str, Any]]]
    """Settings by the name of the domain: "A" is what one trains on, "B" stands in for the real world."""
    Settings: type[S]

    @abstractmethod
    def compose(self, random: np.random.Generator, settings: S, field_m: float) -> Composition:
        """Draws by lot what stands where in one picture.

        Args:
            random: The only source of chance.
            settings: An instance of this scene's `Settings`.
            field_m: Width of what the picture shows, in metres.
        """

    def labels(self, settings: S) -> tuple[str, ...]:
        """Returns the labels that pictures of these settings may have, in order."""
        return self.classes

    def parse(self, domain: str, changes: Mapping[str, Any], where: str = "--set") -> S:
        """Returns the settings of a domain with changes.

        Args:
            domain: A key of `domains`.
            changes: Keys and values that take the place of the domain's.
            where: Source of the changes, for messages.

        Raises:
            InputError: No such domain; unknown keys (with "did you mean") or wrong values, all at once; no
                such folder of photographs.
            EnvironmentFailed: The photographs are those of deepforest, which is not installed.
        """
        if domain not in self.domains:
            raise InputError(
                where=domain, what=f"no such domain of {self.title}", hint=did_you_mean(domain, self.domains)
            )
        from edgekit.scenes.photographs import resolve

        tree = {"domain": domain, **self.domains[domain], **changes}
        settings = validation.parse(self.Settings, tree, where)
        return settings.model_copy(update={"photographs": resolve(settings.photographs)})

    def draw(self, index: int, settings: S, seed: int = 0) -> Drawn:
        """Draws picture number `index`.

        Args:
            index: From 0.
            settings: As `parse` returns them.
            seed: Another seed gives other pictures.

        Raises:
            EnvironmentFailed: OpenGL cannot start, or a package is not installed.
            InputError: A folder of photographs holds none, or a thing is too large for the picture's scale.
        """
        from edgekit.scenes.drawing import draw

        return draw(self, index, settings, seed)


REGISTRY: Registry[Scene[Any]] = Registry(
    kind="scenes",
    attribute="SCENE",
    type=Scene,  # type: ignore[type-abstract]
    framework=frozenset(
        {
            "aircraft_shapes",
            "base",
            "drawing",
            "folder",
            "gl",
            "ground",
            "mesh",
            "photographs",
            "sensor",
            "shaders",
        }
    ),
)
