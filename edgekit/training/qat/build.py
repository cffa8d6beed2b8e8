"""Makes a network ready for quantisation-aware training, and calibrates its ranges."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import InputError, Problem, did_you_mean
from edgekit.training.qat import fold, graph
from edgekit.training.qat.config import QatConfig
from edgekit.training.qat.kinds import Kind, kind_of
from edgekit.training.qat.place import Plan, Range, place
from edgekit.training.qat.split import split

if TYPE_CHECKING:
    import keras

_BATCH = 64


def quantize_aware(model: keras.Model, config: QatConfig, calibration: NDArray[np.float32]) -> keras.Model:
    """Returns a network that rounds in training and inference where LiteRT's int8 kernels do.

    Batch normalisation is folded first. The result is an ordinary functional Keras model: it trains with
    `fit`, saves to .keras, and `training.quantize.to_int8` converts it with the ranges it was trained with.

    Args:
        model: Trained, functional or Sequential, of one input; it stays as it is.
        config: How to train.
        calibration: float32 [n, *input_shape]; sets the first ranges.

    Raises:
        InputError: Layers whose int8 form is not known, patterns that fit no layer, or unusable examples.
    """
    _check_examples(model, calibration)
    if is_quantize_aware(model):
        raise InputError(where=f"model '{model.name}'", what="is in quantisation-aware training already")
    folded = fold.fold_batch_norm(model)
    chosen = _Chosen(config, [layer.name for layer in folded.layers])
    plain = split(folded)
    building = _Building(place(plain), config, chosen)
    made = graph.rebuild(plain, building.visit, building.enter)
    calibrate(made, calibration)
    return made


def is_quantize_aware(model: keras.Model) -> bool:
    """Whether `quantize_aware` made a model."""
    from edgekit.training.qat.layers import FakeQuant

    return any(isinstance(layer, FakeQuant) for layer in model.layers)


def calibrate(model: keras.Model, examples: NDArray[np.float32], skipped_only: bool = False) -> None:
    """Sets the ranges of a model to the extremes of its activations.

    Args:
        model: As `quantize_aware` returns it.
        examples: float32 [n, *input_shape].
        skipped_only: Leave trained ranges alone, as is right after training.
    """
    from edgekit.training.qat import layers

    for layer in model.layers:
        if isinstance(layer, layers.FakeQuant) and not (skipped_only and layer.trained):
            layer.clear()
    with layers.mode("observe-skipped" if skipped_only else "observe"):
        for start in range(0, len(examples), _BATCH):
            model(examples[start : start + _BATCH], training=False)


def exporting() -> AbstractContextManager[None]:
    """Makes a model that is traced in the block one that the converter understands, with its ranges."""
    from edgekit.training.qat import layers

    return layers.mode("export")


class _Chosen:
    """Which layers are trained with rounding."""

    def __init__(self, config: QatConfig, names: Sequence[str]) -> None:
        self.config = config
        problems = [
            Problem(f"qat.{key}", f"no layer is called '{pattern}'", hint=did_you_mean(pattern, names))
            for key, patterns in (("include", config.include), ("skip", config.skip))
            for pattern in patterns
            if not any(fnmatchcase(name, pattern) for name in names)
        ]
        if problems:
            raise InputError(problems)

    def __contains__(self, name: str) -> bool:
        included = any(fnmatchcase(name, pattern) for pattern in self.config.include)
        return included and not any(fnmatchcase(name, pattern) for pattern in self.config.skip)


class _Building:
    """Calls that make the new network, of the calls of the split one."""

    def __init__(self, plan: Plan, config: QatConfig, chosen: _Chosen) -> None:
        from edgekit.training.qat import layers

        self.plan, self.config, self.chosen, self.layers = plan, config, chosen, layers
        self.made: dict[Any, Any] = {}
        self.scales: dict[str, Any] = {}  # by name of a range
        self.units: dict[int, Any] = {}  # by id of a new tensor: what a sum of 1 stands for

    def enter(self, old: Any, new: Any) -> Any:
        return self.ranged(new, self.plan.after[id(old)])

    def visit(self, node: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        import keras

        op, kind = node.operation, kind_of(node.operation)
        flat = keras.tree.flatten(args)
        for i, x in enumerate(flat):
            if (id(node), i) in self.plan.before:
                unit = self.scales[self.plan.within[id(node.input_tensors[i])].name]
                flat[i] = self.ranged(x, self.plan.before[id(node), i], unit=unit, again=True)
        args = keras.tree.pack_sequence_as(args, flat)
        scales: list[Any] = [
            self.scales.get(self.plan.within[id(x)].name)
            for x in node.input_tensors
            if id(x) in self.plan.within
        ]
        extra: dict[str, Any] = {}
        if kind is Kind.WEIGHTS:
            outputs, unit = self.weighted(op, args[0], scales[0])
            if type(op).__name__ != "Dense":  # whose kernel rounds once
                extra["unit"] = unit
        else:
            outputs = op(*args, **kwargs)
            if kind is Kind.CLAMP:
                alone = scales and type(op).__name__ != "ShiftedRelu6"
                extra["unit"] = scales[0] if alone else self.units.get(id(flat[0]))
            elif type(op).__name__ == "Multiply" and len(scales) == 2:
                extra["unit"] = scales[0] * scales[1]
            elif kind is Kind.MEAN:
                extra = {"unit": scales[0], "count": _size(flat[0]) // _size(outputs)}
            elif kind is Kind.SWISH:
                extra = {"unit": scales[0], "source": flat[0]}
            elif kind is Kind.ROUNDED:
                extra = {"pooled": True}
        to = self.plan.after.get(id(node.outputs[0]))
        if to:
            return self.ranged(outputs, to, **extra)
        if "unit" in extra:
            self.units[id(outputs)] = extra["unit"]
        return outputs

    def ranged(self, x: Any, to: tuple[Range, int | None], **how: Any) -> Any:
        wanted, slot = to
        if wanted.name not in self.made:
            self.made[wanted.name] = self.layers.FakeQuant(
                name=wanted.name, slots=max(1, wanted.slots), fixed=wanted.fixed,
                learned=self.config.ranges == "learned", momentum=self.config.momentum,
                observe_after=self.config.observe_after, quantize_after=self.config.quantize_after,
                trained=all(name in self.chosen for name in wanted.layers),
            )  # fmt: skip
        rounded, self.scales[wanted.name] = self.made[wanted.name](x, slot=slot, **how)
        return rounded

    def weighted(self, op: Any, x: Any, scale: Any) -> Any:
        if id(op) in self.made:
            return self.made[id(op)](x, scale=scale)
        config = {"quantize_after": self.config.quantize_after, "trained": op.name in self.chosen}
        made = getattr(self.layers, f"Quant{type(op).__name__}").from_config({**op.get_config(), **config})
        outputs = made(x, scale=scale)
        made.kernel.assign(op.kernel)
        if op.use_bias:
            made.bias.assign(op.bias)
        self.made[id(op)] = made
        return outputs


def _size(x: Any) -> int:
    return math.prod(x.shape[1:])


def _check_examples(model: keras.Model, examples: NDArray[np.float32]) -> None:
    shape = model.input_shape[1:]
    if examples.shape[1:] != shape or not len(examples) or not np.isfinite(examples).all():
        raise InputError(
            where="split 'calibration'", what="does not fit the model",
            expected=f"one or more finite examples of shape {shape}", found=str(examples.shape),
        )  # fmt: skip
