"""What a camera gives and what the model wants of it: the `camera` section of a recipe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from edgekit.errors import Problem

MOST_FRAME = 4096  # pixels a side: the sum over a picture stays within 32 bit
MOST_INPUT = 2048  # likewise of the model's input, with the weights of `bilinear`

Format = Literal["rgb565le", "rgb565be", "rgb888", "grey"]
Resize = Literal["area", "bilinear"]
Colour = Literal["rgb", "grey"]
Side = Annotated[int, Field(ge=1, le=MOST_FRAME)]
InputSide = Annotated[int, Field(ge=1, le=MOST_INPUT)]
Offset = Annotated[int, Field(ge=0, lt=MOST_FRAME)]
Level = Annotated[float, Field(ge=-1e6, le=1e6)]  # float32 holds what comes of it
Spread = Annotated[float, Field(ge=1e-6, le=1e6)]


class CameraConfig(BaseModel):
    """The way from a camera's frame to the model's input; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Format = Field(
        description="of a pixel: rgb565le (low byte first), rgb565be (high byte first), rgb888, grey"
    )
    width: Side = Field(description="of a frame, in pixels")
    height: Side = Field(description="of a frame, in pixels")
    crop: tuple[Offset, Offset, Side, Side] | None = Field(
        None, description="x, y, width, height of the part that is used; none = the whole frame"
    )
    size: tuple[InputSide, InputSide] = Field(description="width, height of the model's input")
    resize: Resize = Field("area", description="mean over a pixel's area, or between four neighbours")
    colour: Colour = Field("rgb", description="what the model sees; grey is BT.601 luma")
    mean: list[Level] = Field(
        [0.0], min_length=1, max_length=3, description="taken from pixel / 255; one, or one for each channel"
    )
    std: list[Spread] = Field([1.0], min_length=1, max_length=3, description="what the rest is divided by")

    @property
    def window(self) -> tuple[int, int, int, int]:
        """x, y, width and height of the part of a frame that is used."""
        return self.crop or (0, 0, self.width, self.height)

    @property
    def channels(self) -> int:
        """Values of one pixel of the model's input."""
        return 3 if self.colour == "rgb" else 1

    def problems(self) -> Iterator[Problem]:
        """Yields what is wrong between the values."""
        x, y, width, height = self.window
        for axis, start, extent, whole in (
            ("width", x, width, self.width),
            ("height", y, height, self.height),
        ):
            if start + extent > whole:
                yield Problem(
                    "camera.crop",
                    f"reaches beyond the frame's {axis}",
                    expected=f"at most {whole}",
                    found=f"{start} + {extent} = {start + extent}",
                )
        for axis, extent, wanted in (("width", width, self.size[0]), ("height", height, self.size[1])):
            if wanted > extent:
                yield Problem(
                    "camera.size",
                    f"would enlarge the picture's {axis}, which adds work and no detail",
                    expected=f"at most {extent}",
                    found=str(wanted),
                    hint="use a larger crop, or a smaller model input",
                )
        if self.format == "grey" and self.colour == "rgb":
            yield Problem("camera.colour", "a grey camera gives no colour", expected="grey", found="rgb")
        for name, values in (("mean", self.mean), ("std", self.std)):
            if len(values) not in (1, self.channels):
                yield Problem(
                    f"camera.{name}",
                    "does not fit the channels",
                    expected=" or ".join(dict.fromkeys(("1 value", f"{self.channels} values"))),
                    found=f"{len(values)} values",
                )
