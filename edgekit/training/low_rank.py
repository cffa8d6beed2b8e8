"""Low rank: a dense layer, or a convolution of one pixel, becomes two with few channels between.

The two are the truncated singular value decomposition of the layer's weights, the closest matrix of that
rank (Eckart and Young, Psychometrika 1, 1936); for convolutional networks see Denton et al.,
arXiv:1404.0736, and for the last layer of a speech embedding FRILL (Peplinski et al., arXiv:2011.04609).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from edgekit.errors import InputError, did_you_mean
from edgekit.training import cost, network
from edgekit.training.cost import ModelCost
from edgekit.training.steps.base import StepParams

if TYPE_CHECKING:
    import keras

Matrix = NDArray[np.float64]


class LowRankConfig(StepParams):
    """Settings of the decomposition."""

    energy: float = Field(
        0.95, gt=0, le=1, description="share of the squared singular values to keep; not used with rank"
    )
    rank: int | None = Field(None, ge=1, le=8192, description="channels between the two layers")
    granularity: int = Field(4, ge=1, le=256, description="the rank is rounded up to a multiple of it")
    include: list[str] = Field(["*"], min_length=1, description="layers, by name or pattern")
    exclude: list[str] = Field([], description="layers to leave, by name or pattern")
    min_saving: float = Field(
        0.1, ge=0, lt=1, description="least share of a layer's multiply-accumulates that it must save"
    )
    always: bool = Field(False, description="also where it costs more multiply-accumulates than it saves")

    @model_validator(mode="after")
    def _rank_is_a_multiple(self) -> LowRankConfig:
        if self.rank is not None and self.rank % self.granularity:
            raise ValueError(f"rank {self.rank} is no multiple of granularity {self.granularity}")
        return self


@dataclass(frozen=True, slots=True)
class Decomposed:
    """A layer that became two.

    Args:
        name: Of the second layer, that of the one before; the first is called `<name>_reduce`.
        inputs, outputs, rank: Channels before, after and between.
        energy: Share of the squared singular values that is kept.
        error: Frobenius norm of the difference over that of the weights.
        macs_before, macs_after: Multiply-accumulates of one example.
    """

    name: str
    inputs: int
    outputs: int
    rank: int
    energy: float
    error: float
    macs_before: int
    macs_after: int

    @property
    def saving(self) -> float:
        """Share of the multiply-accumulates that is saved; below 0 where it costs more."""
        return 1 - self.macs_after / self.macs_before


@dataclass(frozen=True, slots=True)
class LowRankReport:
    """What became of a model.

    Args:
        before, after: Costs of the two models.
        layers: Those that became two.
    """

    before: ModelCost
    after: ModelCost
    layers: list[Decomposed]

    def as_json(self) -> dict[str, Any]:
        """Returns the report as JSON values."""
        return {
            "before": self.before.totals,
            "after": self.after.totals,
            "layers": [asdict(layer) for layer in self.layers],
        }


@dataclass(frozen=True, slots=True)
class LowRank:
    """A model with decomposed layers, and what they cost and lost."""

    model: keras.Model
    report: LowRankReport


@dataclass(frozen=True, slots=True)
class _Factors:
    """Weights [inputs, outputs] as `first` [inputs, rank] times `second` [rank, outputs]."""

    first: Matrix
    second: Matrix
    found: Decomposed


def low_rank(model: keras.Model, config: LowRankConfig) -> LowRank:
    """Decomposes dense layers and convolutions of one pixel where that saves work.

    Args:
        model: Functional or sequential, built; it is left as it is.
        config: Which layers, and how much of them is kept.

    Returns:
        The model, its other layers as they were, and the report.

    Raises:
        InputError: The model's graph cannot be seen, or a pattern names no layer that could be decomposed.
    """
    model = network.functional(model)
    factors = _decomposed(model, config)
    firsts: dict[str, Any] = {}
    names = {layer.name for layer in model.layers}

    def replace(op: Any) -> Any:
        settings = op.get_config()
        if op.name in factors:
            firsts[op.name] = _first(op, factors[op.name].found.rank, names)
            settings |= {"strides": 1} if "strides" in settings else {}  # the first layer takes the stride
        return type(op).from_config(settings)

    def call(op: Any, *args: Any, **settings: Any) -> Any:
        if op.name in firsts:
            return op(firsts[op.name](*args, **settings))
        return op(*args, **settings)

    made = network.rebuilt(model, replace, call)
    for layer in model.layers:
        weights = layer.get_weights()
        if layer.name in factors:
            found = factors[layer.name]
            taps = weights[0].shape[:-2]
            firsts[layer.name].set_weights([found.first.reshape(*taps, *found.first.shape)])
            weights[0] = found.second.reshape(*taps, *found.second.shape)
        made.get_layer(layer.name).set_weights(weights)
    report = LowRankReport(cost.of(model), cost.of(made), [found.found for found in factors.values()])
    return LowRank(made, report)


def _decomposed(model: keras.Model, config: LowRankConfig) -> dict[str, _Factors]:
    uses: dict[str, int] = {}
    layers: dict[str, Any] = {}
    for call in network.calls(model):
        if _matrix_like(call):
            layers[call.op.name] = call.op
            uses[call.op.name] = uses.get(call.op.name, 0) + cost.positions(call)
    for pattern in (*config.include, *config.exclude):
        if not any(fnmatchcase(name, pattern) for name in layers):
            raise InputError(
                where="low-rank", what=f"'{pattern}' names no dense layer and no convolution of one pixel",
                hint=did_you_mean(pattern, layers),
            )  # fmt: skip
    found = {}
    for name, layer in layers.items():
        if _matches(name, config.include) and not _matches(name, config.exclude):
            factors = _factorised(layer, uses[name], config)
            if config.always or factors.found.saving >= max(config.min_saving, 1e-9):
                found[name] = factors
    return found


def _matrix_like(call: network.Call) -> bool:
    if call.kind == "Dense":
        return not call.op.lora_enabled and not call.op.quantization_mode
    if not call.kind.startswith("Conv") or call.kind.endswith("Transpose") or call.kind == "Concatenate":
        return False
    return set(call.op.kernel_size) == {1} and call.op.groups == 1 and call.op.data_format == "channels_last"


def _factorised(layer: Any, uses: int, config: LowRankConfig) -> _Factors:
    kernel = layer.kernel.numpy().astype(np.float64)
    weights = kernel.reshape(kernel.shape[-2:])
    left, values, right = np.linalg.svd(weights, full_matrices=False)
    energy = np.cumsum(values**2) / max(float((values**2).sum()), np.finfo(np.float64).tiny)
    rank = config.rank or int(np.searchsorted(energy, config.energy - 1e-12)) + 1
    rank = min(len(values), math.ceil(rank / config.granularity) * config.granularity)
    kept = float(energy[rank - 1])
    inputs, outputs = weights.shape
    root = np.sqrt(values[:rank])  # halves of the same size, as int8 likes
    found = Decomposed(
        layer.name, inputs, outputs, rank, kept, math.sqrt(max(0.0, 1 - kept)),
        uses * inputs * outputs, uses * rank * (inputs + outputs),
    )  # fmt: skip
    return _Factors(left[:, :rank] * root, root[:, None] * right[:rank], found)


def _first(op: Any, rank: int, names: set[str]) -> Any:
    settings, name = op.get_config(), f"{op.name}_reduce"
    while name in names:  # a layer that was decomposed before
        name += "_reduce"
    names.add(name)
    settings |= {"name": name, "activation": None, "use_bias": False}
    settings["units" if "units" in settings else "filters"] = rank
    return type(op).from_config(settings)


def _matches(name: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
