"""What to prune and how far."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from edgekit.training.steps.base import StepParams


class PruneConfig(StepParams):
    """Settings of structured pruning, named as users of NVIDIA TAO know them where it has them."""

    pth: float = Field(
        0.1, ge=0, le=1, description="channels that score below it go; not used where a share is asked for"
    )
    keep_parameters: float | None = Field(
        None, gt=0, le=1, description="share of the parameters to keep at most, instead of pth"
    )
    keep_macs: float | None = Field(
        None, gt=0, le=1, description="share of the multiply-accumulates to keep at most, instead of pth"
    )
    criterion: Literal["l2", "l1", "gamma"] = Field(
        "l2", description="norm of a channel's kernel, or the scale of its batch normalisation"
    )
    normalizer: Literal["max", "l2"] = Field(
        "max", description="scores are divided by their largest, or by their L2 norm"
    )
    scope: Literal["layer", "global"] = Field(
        "layer", description="over which scores the normalizer is taken: those of one layer, or all"
    )
    equalization: Literal["union", "intersection", "arithmetic_mean", "geometric_mean"] = Field(
        "union", description="how layers that must keep the same channels agree"
    )
    granularity: int = Field(4, ge=1, le=256, description="layers keep a multiple of so many channels")
    min_channels: int = Field(4, ge=1, description="layers keep at least so many")
    exclude: list[str] = Field([], description="layers that keep all channels, by name or pattern (block1_*)")

    @model_validator(mode="after")
    def _one_target(self) -> PruneConfig:
        if self.keep_parameters is not None and self.keep_macs is not None:
            raise ValueError("keep_parameters and keep_macs exclude each other")
        return self
