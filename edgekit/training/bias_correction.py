"""Biases of a quantised network corrected, so that rounding does not shift the mean of what a layer sums.

Rounding does not average out: where many small activations become 0, and in weights, the mean over data
of a layer's sums moves, channel by channel, and so does all that follows. A bias takes that back. With
float weights W and input x, quantised W' and x', it becomes

    b' - (W' E[x'] + b' - W E[x] - b),

layer by layer, so that x' is what the layers before give when they are corrected. The sums are those in
front of the clamp (ReLU), as the shift that a clamp hides or makes is no longer one of the bias alone.

Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction", arXiv:1906.04721,
section 4.2, with E[x] and E[x'] measured on data as in its appendix; Finkelstein et al., arXiv:1906.03193.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import InputError
from edgekit.quant import quantize
from edgekit.training.flatbuffer import (
    FLOAT,
    INT8,
    INT16,
    QUANTIZED,
    Builder,
    op_name,
    pack,
    parse,
    tensor_name,
)
from edgekit.training.sensitivity import sqnr
from edgekit.training.stepwise import Kernels, Stepwise, waiting_bytes
from edgekit.training.twin import dequantized, paired

# Sums of products: which input holds the data, and which the bias. Input 1 is the weights; channels are last.
_PLACES = {
    "CONV_2D": (0, 2),
    "DEPTHWISE_CONV_2D": (0, 2),
    "FULLY_CONNECTED": (0, 2),
    "TRANSPOSE_CONV": (2, 3),
}
_BIASES: dict[int, type] = {2: np.int32, 4: np.int64}  # by number of TensorType
# Half of int32, as the converter has it, so that sums have room; 16x8 rescales sums of 48 bits.
_LIMITS = {2: 1 << 30, 4: 1 << 46}

_FRAMES = 64  # at most, that means are measured on
_JUDGES = 256  # at most, of the others, that say whether it helped; few say it by chance
_MOST_BYTES = 256 << 20  # of activations that wait to be read, over all frames


@dataclass(frozen=True, slots=True)
class Corrected:
    """A corrected network, and what was gained.

    Args:
        data: The .tflite; the one that was given where no correction helps.
        layers, channels: So many got another bias.
        unbiased: Layers with weights and without a bias, which stay.
        before, after: SQNR of the network's outputs in dB, as of `sensitivity.sqnr`, on frames that no mean
            was measured on; on the same where there is but one.
        kept: Whether the correction was kept.
    """

    data: bytes
    layers: int
    channels: int
    unbiased: int
    before: float | None
    after: float | None
    kept: bool

    def __str__(self) -> str:
        """Says it in a sentence."""
        without = f"; {self.unbiased} layers have no bias" if self.unbiased else ""
        if not self.channels:
            return f"Bias correction: nothing to correct{without}"
        gain = f"SQNR of the outputs {_db(self.before)} -> {_db(self.after)}"
        if not self.kept:
            return f"Bias correction: left out, as it does not help ({gain})"
        return f"Bias correction: {self.channels} channels of {self.layers} layers{without}; {gain}"


@dataclass(frozen=True, slots=True)
class _Layer:
    quantized: Any
    exact: Any
    data: int  # the inputs' places
    bias: int
    values: NDArray[Any]  # of the bias, in whole numbers; empty where there is none


def correct(exact: bytes, quantized: bytes, frames: NDArray[np.float32]) -> Corrected:
    """Returns a quantised network with corrected biases; no other bit of what it computes with changes.

    Args:
        exact: The float .tflite of the network.
        quantized: The same network, int8, 16x8 or mixed.
        frames: float32 [n, *input_shape] for calibration, n > 0. Two thirds of them, 64 at most, give the
            means; others judge.

    Raises:
        InputError: There are no frames, or the files differ in operators or shapes.
    """
    if not len(frames):
        raise InputError(where="split 'calibration'", what="has no frames to correct biases with")
    model = parse(quantized)
    most = min(_FRAMES, _MOST_BYTES // max(1, waiting_bytes(model.subgraphs[0])))
    n = max(1, min(most, 2 * len(frames) // 3))
    chosen = _spread(len(frames), n)
    others = np.setdiff1d(np.arange(len(frames)), chosen)
    changed, unbiased = _correct(parse(exact), model, frames[chosen])
    made = Corrected(quantized, len(changed), sum(changed), unbiased, None, None, kept=False)
    if not made.channels:
        return made
    data = pack(model)
    judges = frames[others[_spread(len(others), _JUDGES)]] if len(others) else frames
    truth = _answers(exact, judges)
    before, after = (sqnr(truth, _answers(each, judges)) for each in (quantized, data))
    kept = after is None or (before is not None and after > before)
    return replace(made, data=data if kept else quantized, before=before, after=after, kept=kept)


def _spread(count: int, most: int) -> NDArray[np.int64]:
    """Returns the places of at most so many of so many frames, evenly: neighbours are of one subject."""
    return np.linspace(0, count - 1, min(count, most)).round().astype(np.int64)


def _correct(floating: Any, model: Any, frames: NDArray[np.float32]) -> tuple[list[int], int]:
    """Corrects a file in place; returns the channels changed by layer, and the layers without a bias."""
    every = list(_layers(floating, model))
    layers = [layer for layer in every if layer.values.size]
    unbiased = len(every) - len(layers)
    if not layers:
        return [], unbiased
    means = _float_means(floating, layers, frames)
    graph = model.subgraphs[0]
    by_operator = {id(layer.quantized): layer for layer in layers}
    walk = Stepwise(model, {graph.inputs[0]: _quantized(frames, graph.tensors[graph.inputs[0]])})
    changed = []
    for number, operator in enumerate(graph.operators):
        if layer := by_operator.get(id(operator)):
            data = operator.inputs[layer.data]
            tensor = graph.tensors[data]
            scale, zero = tensor.quantization.scale[0], tensor.quantization.zeroPoint[0]
            mean = ((walk.values[data].mean(0, dtype=np.float64) - zero) * scale).astype(np.float32)
            unit = _unit(graph, layer)
            shift = _sums(model, operator, layer, mean, layer.values * unit)
            shift -= _sums(floating, layer.exact, layer, means[layer.exact.inputs[layer.data]])
            changed.append(_write(model, layer, shift / unit))
        walk.step(number)
    return [count for count in changed if count], unbiased


def _layers(floating: Any, model: Any) -> Iterator[_Layer]:
    """Yields the layers with constant weights, in the order of execution."""
    for exact, operator in paired(floating, model):
        op = op_name(model, operator)
        if op not in _PLACES:
            continue
        data, bias = _PLACES[op]
        tensors, twins = model.subgraphs[0].tensors, floating.subgraphs[0].tensors
        kinds = {tensors[t].type for t in (operator.inputs[data], *operator.outputs)}
        fixed = _constant(model, operator.inputs[1]) and _constant(floating, exact.inputs[1])
        if not fixed or _constant(model, operator.inputs[data]) or not kinds <= set(QUANTIZED):
            continue
        for pair in ((operator.inputs[data], exact.inputs[data]), (operator.outputs[0], exact.outputs[0])):
            tensor, twin = tensors[pair[0]], twins[pair[1]]
            if list(tensor.shape) != list(twin.shape):
                raise InputError(
                    where=tensor_name(tensor), what="has another shape in the float network",
                    expected=str(list(twin.shape)), found=str(list(tensor.shape)),
                )  # fmt: skip
        yield _Layer(operator, exact, data, bias, _bias(model, operator, bias))


def _float_means(
    floating: Any, layers: list[_Layer], frames: NDArray[np.float32]
) -> dict[int, NDArray[np.float32]]:
    """Returns the mean over frames of what each layer reads, by number of the tensor in the float file."""
    graph, given = floating.subgraphs[0], floating.subgraphs[0].inputs[0]
    means = {given: frames.mean(0, dtype=np.float64)[None]}
    read = dict.fromkeys(layer.exact.inputs[layer.data] for layer in layers)
    if watched := [tensor for tensor in read if tensor != given]:
        watching, watched_graph = copy.copy(floating), copy.copy(graph)
        watched_graph.outputs, watching.subgraphs = watched, [watched_graph, *floating.subgraphs[1:]]
        run = Kernels(pack(watching))
        means |= {tensor: np.zeros(graph.tensors[tensor].shape) for tensor in watched}
        for frame in frames:
            for tensor, value in zip(watched, run(frame[None]), strict=True):
                means[tensor] += value / len(frames)
    return {tensor: mean.astype(np.float32) for tensor, mean in means.items()}


def _sums(
    source: Any, operator: Any, layer: _Layer, x: NDArray[np.float32], bias: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Returns what a layer sums in real numbers and without its clamp, the mean of each channel.

    Args:
        source: The file that the operator is of.
        operator: One of the layer's two.
        layer: Says where its inputs are.
        x: The data.
        bias: [channels]; None = as in the file.
    """
    shell, tensors = copy.copy(source), source.subgraphs[0].tensors
    shell.subgraphs, shell.operatorCodes = [copy.copy(source.subgraphs[0])], list(source.operatorCodes)
    made = Builder(shell)
    made.clear()
    made.graph.inputs = [made.tensor(x.shape, FLOAT, None, None, "data")]
    inputs = []
    for place, number in enumerate(operator.inputs):
        if place == layer.data or number < 0:
            inputs.append(made.graph.inputs[0] if place == layer.data else -1)
            continue
        tensor = tensors[number]
        kind, values = tensor.type, source.buffers[tensor.buffer].data
        if place == layer.bias and bias is not None:
            kind, values = FLOAT, bias.astype(np.float32)
        elif kind in QUANTIZED:
            kind, values = FLOAT, dequantized(tensor, values)
        inputs.append(made.tensor(tensor.shape, kind, None, values, f"constant {place}"))
    made.graph.outputs = [made.tensor(tensors[operator.outputs[0]].shape, FLOAT, None, None, "sums")]
    plain = copy.copy(operator)
    plain.builtinOptions = copy.copy(operator.builtinOptions)
    plain.builtinOptions.fusedActivationFunction = 0
    made.copy(source, plain, inputs, made.graph.outputs)
    (sums,) = Kernels(pack(shell))(x)
    return np.asarray(sums.reshape(-1, sums.shape[-1]).mean(0, dtype=np.float64))


def _write(model: Any, layer: _Layer, steps: NDArray[np.float64]) -> int:
    """Takes steps [channels] off a layer's bias, within its range; returns how many channels changed."""
    operator, bias, graph = layer.quantized, layer.values, model.subgraphs[0]
    number = operator.inputs[layer.bias]
    tensor = graph.tensors[number]
    limit = _LIMITS[tensor.type]
    whole = np.rint(np.clip(np.nan_to_num(steps, nan=0.0), -limit, limit)).astype(np.int64)
    # what the converter put beyond the limit may stay there
    made = np.clip(bias - whole, np.minimum(bias, -limit), np.maximum(bias, limit)).astype(bias.dtype)
    changed = int((made != bias).sum())
    if not changed:
        return 0
    if sum(list(each.inputs).count(number) for each in graph.operators) > 1:  # another layer reads it
        tensor = copy.copy(tensor)
        graph.tensors.append(tensor)
        operator.inputs = list(operator.inputs)
        operator.inputs[layer.bias] = len(graph.tensors) - 1
    if sum(each.buffer == tensor.buffer for each in graph.tensors) > 1:  # equal constants are kept once
        model.buffers.append(copy.copy(model.buffers[tensor.buffer]))
        tensor.buffer = len(model.buffers) - 1
    model.buffers[tensor.buffer].data = np.frombuffer(made.tobytes(), np.uint8)
    return changed


def _bias(model: Any, operator: Any, place: int) -> NDArray[Any]:
    """Returns an operator's bias, empty where it has no constant one in whole numbers."""
    if len(operator.inputs) > place and _constant(model, operator.inputs[place]):
        tensor = model.subgraphs[0].tensors[operator.inputs[place]]
        if tensor.type in _BIASES:
            return np.frombuffer(bytes(model.buffers[tensor.buffer].data), _BIASES[tensor.type])
    return np.empty(0, np.int32)


def _unit(graph: Any, layer: _Layer) -> NDArray[np.float64]:
    """Returns what one step of a layer's bias is worth in its sums, by channel: the two scales' product."""
    data, weights = (graph.tensors[layer.quantized.inputs[place]] for place in (layer.data, 1))
    return float(data.quantization.scale[0]) * np.asarray(weights.quantization.scale, np.float64)


def _constant(model: Any, number: int) -> bool:
    return number >= 0 and model.buffers[model.subgraphs[0].tensors[number].buffer].data is not None


def _answers(data: bytes, frames: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Returns a network's outputs in real numbers, by their place."""
    run = Kernels(data)
    answers = [run.real(frame) for frame in frames]
    return {str(i): np.stack(values) for i, values in enumerate(zip(*answers, strict=True))}


def _quantized(frames: NDArray[np.float32], tensor: Any) -> NDArray[Any]:
    """Returns frames as the network's input tensor, each with its batch."""
    scale, zero = tensor.quantization.scale[0], tensor.quantization.zeroPoint[0]
    kind = {INT16: np.int16, INT8: np.int8}[tensor.type]
    return quantize(frames, float(scale), int(zero), kind)[:, None]


def _db(value: float | None) -> str:
    return "exact" if value is None else f"{value:.1f} dB"
