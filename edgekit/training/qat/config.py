"""How a network is trained with fake quantisation."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class QatConfig(BaseModel):
    """Choices of quantisation-aware training; steps are batches that were trained on.

    Each activation's range starts as its least and largest calibrated value. "moving-average" follows every
    batch's extremes; "learned" trains both ends with the weights, as factors of their calibrated values
    (Esser et al., arXiv:1902.08153; Jain et al., arXiv:1903.08066: log domain, straight-through gradient).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False)

    ranges: Literal["moving-average", "learned"] = "moving-average"
    momentum: float = Field(0.99, ge=0, lt=1, description="of the moving averages")
    include: tuple[str, ...] = Field(("*",), description="layers that are trained so, by name pattern")
    skip: tuple[str, ...] = Field((), description="of those, layers that keep their calibrated range")
    observe_after: int = Field(0, ge=0, description="step from which ranges follow the activations")
    quantize_after: int = Field(0, ge=0, description="step from which training rounds")

    @model_validator(mode="after")
    def _observes_first(self) -> QatConfig:
        if self.observe_after > self.quantize_after:
            raise ValueError("observe_after must not be larger than quantize_after")
        return self
