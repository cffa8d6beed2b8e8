"""`sensitivity.json` (`edgekit.sensitivity/1`): what each layer costs when it is quantised."""

from __future__ import annotations

from pydantic import Field

from edgekit.report.base import Part
from edgekit.report.parts import Count

MAX_LAYERS = 20_000
_LABEL = 40  # characters of a name


class LayerSensitivity(Part):
    """One layer: quantised alone, spared while all others are quantised, and with int16 activations.

    Ratios are signal-to-quantisation-noise in dB; null where there is no noise, or no signal.
    """

    node: int = Field(ge=-1, description="its number in the model file; -1: the model's input")
    op: str
    name: str
    shape: list[Count]
    parameters: Count = Field(description="its weights and biases")
    own_sqnr_db: float | None = Field(description="of its output, only this layer quantised")
    sqnr_db: float | None = Field(description="of its output, every layer quantised")
    alone_metric: float = Field(description="only this layer quantised")
    alone_sqnr_db: float | None = Field(description="of the network's output, only this layer quantised")
    spared_metric: float = Field(description="every layer but this one quantised")
    spared_sqnr_db: float | None = Field(description="of the network's output, likewise")
    wide_metric: float = Field(description="every layer quantised, but this one's output left fine")
    wide_sqnr_db: float | None = Field(description="of the network's output, likewise")

    @property
    def label(self) -> str:
        """The layer in few words: converters put the model in front of a name and the operation behind."""
        parts = self.name.split(";")[0].split("/")
        name = "/".join(parts[1:-1]) or self.name
        name = name if len(name) <= _LABEL else "..." + name[3 - _LABEL :]
        return f"input {name}" if self.node < 0 else f"{self.node} {self.op} {name}"


class SensitivityRecord(Part):
    """All layers of a run, or those that are measured so far."""

    key: str = Field(description="SHA-256 of what was measured: both models and the frames")
    metric: str
    higher_is_better: bool = True
    frames: Count = Field(description="validation frames of the metric")
    noise_frames: Count = Field(description="calibration frames of the ratios")
    scheme: str = Field(description='"int8" or "16x8"')
    float_metric: float
    int8_metric: float = Field(description="of the quantised model itself, on the same frames")
    simulated_metric: float = Field(description="every layer quantised, in the simulation")
    int8_sqnr_db: float | None = Field(description="of the quantised model's output")
    simulated_sqnr_db: float | None = Field(description="of the network's output in the simulation")
    total: Count = Field(description="layers to measure")
    layers: list[LayerSensitivity] = Field(max_length=MAX_LAYERS)

    @property
    def worst(self) -> list[LayerSensitivity]:
        """The layers, those first whose noise alone harms the network's output most."""
        return sorted(
            self.layers, key=lambda layer: (layer.alone_sqnr_db is None, layer.alone_sqnr_db or 0.0)
        )
