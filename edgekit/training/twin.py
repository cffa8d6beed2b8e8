"""A float twin of a quantised model, in which chosen layers compute with quantised weights and activations.

The converter makes the same operators of a network with and without quantisation. The twin is the float
file; where a layer is to be quantised, its constants become those of the quantised file, dequantised, and its
output passes QUANTIZE and DEQUANTIZE with the quantised file's scale. So it runs on LiteRT, and knows no
operator by name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import InputError
from edgekit.training.flatbuffer import (
    DEQUANTIZE,
    FLOAT,
    QUANTIZE,
    QUANTIZED,
    Builder,
    op_name,
    pack,
    parse,
    tensor_name,
)
from edgekit.training.stepwise import Kernels

_DTYPES = {0: np.float32, 2: np.int32, 4: np.int64, 7: np.int16, 9: np.int8}
INPUT = -1  # number of the layer that stands for the model's input


@dataclass(frozen=True)
class Layer:
    """A node of the quantised model with those that only move what it writes (reshapes, max pools).

    Args:
        node: Its number in the quantised file; `INPUT` for the model's input.
        op: Builtin name; "INPUT" for the model's input.
        name: Of the tensor that it writes.
        shape: Of that tensor.
        parameters: Elements of its constants that are quantised.
        members: Numbers of its nodes in the float file.
    """

    node: int
    op: str
    name: str
    shape: tuple[int, ...]
    parameters: int
    members: tuple[int, ...]


class Twin:
    """Pairs the nodes of two files of one network.

    Args:
        exact: The float .tflite.
        quantized: The quantised .tflite.

    Raises:
        InputError: Their operators differ.
    """

    def __init__(self, exact: bytes, quantized: bytes) -> None:
        self._exact = exact
        self._float, self._int = parse(exact), parse(quantized)
        self._pairs = [twin for _, twin in paired(self._float, self._int)]
        graph = self._float.subgraphs[0]
        self._outputs = [tensor_name(graph.tensors[i]) for i in graph.outputs]
        self.layers = list(self._layers())

    def runner(
        self,
        weights: Collection[int] = (),
        activations: Collection[int] = (),
        watched: Collection[int] = (),
    ) -> Runner:
        """Returns the network with chosen layers quantised.

        Args:
            weights: Numbers of the layers whose constants are quantised.
            activations: Numbers of the layers whose outputs are.
            watched: Numbers of the layers whose outputs are told, too, behind those of the network.
        """
        return Runner(self._build(weights, activations, watched), self._outputs)

    def _build(
        self, weights: Collection[int], activations: Collection[int], watched: Collection[int]
    ) -> bytes:
        made = Builder(parse(self._exact))
        graph, source = made.graph, self._int.subgraphs[0]
        new: dict[int, int] = {}  # by tensor of the float file: what its readers read instead
        added: list[tuple[int, Any]] = []  # behind the node of this number
        outputs: dict[int, int] = {}
        for layer in self.layers:
            spots = [(-1, graph.inputs[0], source.inputs[0])] if layer.node == INPUT else []
            for i in layer.members:
                written = zip(graph.operators[i].outputs, self._pairs[i].outputs, strict=True)
                spots += [(i, tensor, quantized) for tensor, quantized in written]
            for position, tensor, quantized in spots:
                if layer.node in activations:
                    steps, new[tensor] = _rounded(made, tensor, source.tensors[quantized].quantization,
                                                      source.tensors[quantized].type)  # fmt: skip
                    added += [(position, step) for step in steps]
            outputs[layer.node] = spots[0][1]
            if layer.node in weights:
                for i in layer.members:
                    _replace_constants(made, graph.operators[i], self._pairs[i], self._int)
        for operator in graph.operators:
            operator.inputs = [new.get(i, i) for i in operator.inputs]
        ends = [*graph.outputs, *(outputs[node] for node in watched)]
        graph.outputs = [new.get(i, i) for i in ends]
        order = [step for position, step in added if position == -1]
        for i, operator in enumerate(graph.operators):
            order += [operator, *(step for position, step in added if position == i)]
        graph.operators = order
        return pack(made.model)

    def _layers(self) -> Iterator[Layer]:
        """Yields the model's input and every node that quantises anew, with the moves behind it."""
        graph, source = self._float.subgraphs[0], self._int.subgraphs[0]
        given = source.tensors[source.inputs[0]]
        owner = {graph.inputs[0]: INPUT}  # the layer that a tensor of the float file belongs to
        quantization = {graph.inputs[0]: given.quantization}
        members: dict[int, list[int]] = {INPUT: []}
        heads: list[tuple[int, int]] = []
        for i, operator in enumerate(graph.operators):
            twin = self._pairs[i]
            made = source.tensors[twin.outputs[0]].quantization
            if source.tensors[twin.outputs[0]].type not in QUANTIZED:
                continue  # works on shapes
            known = [t for t in operator.inputs if t in owner]
            constants = [t for t in operator.inputs if t >= 0 and t not in owner]
            moves = (
                bool(known)
                and all(_same(quantization[t], made) for t in known)
                and not any(graph.tensors[t].type == FLOAT for t in constants)
            )
            head = owner[known[0]] if moves else i
            if not moves:
                heads.append((i, source.operators.index(twin)))
                members[i] = []
            members[head].append(i)
            for tensor in operator.outputs:
                owner[tensor], quantization[tensor] = head, made
        yield Layer(INPUT, "INPUT", tensor_name(given), _shape(given), 0, tuple(members[INPUT]))
        for i, node in heads:
            twin = source.operators[node]
            tensor = source.tensors[twin.outputs[0]]
            parameters = sum(
                int(np.prod(source.tensors[t].shape))
                for t, exact in zip(twin.inputs, graph.operators[i].inputs, strict=True)
                if t >= 0 and exact not in owner and graph.tensors[exact].type == FLOAT
            )
            op = op_name(self._int, twin)
            yield Layer(node, op, tensor_name(tensor), _shape(tensor), parameters, tuple(members[i]))


class Runner:
    """A .tflite on LiteRT, example by example.

    Args:
        model: float32 in and out, batch of 1.
        names: Of its first outputs.
    """

    def __init__(self, model: bytes, names: Sequence[str]) -> None:
        self._run, self._names = Kernels(model), names

    def __call__(self, x: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Returns every output for one example, without batch; whole where it leads with another extent."""
        return [value[0] if len(value) == 1 else value for value in self._run(x[None])]

    def predict(self, x: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Returns the named outputs for examples [n, ...]."""
        answers = [self(one) for one in x]
        return {name: np.stack([answer[i] for answer in answers]) for i, name in enumerate(self._names)}


def _rounded(builder: Builder, tensor: int, quantization: Any, kind: int) -> tuple[list[Any], int]:
    """Returns the operators that quantise a tensor and go back, and the tensor behind them."""
    shape = builder.graph.tensors[tensor].shape
    whole = builder.tensor(shape, kind, quantization, None, f"edgekit/{tensor}/whole")
    back = builder.tensor(shape, FLOAT, None, None, f"edgekit/{tensor}/back")
    steps = [builder.operator(QUANTIZE, tensor, whole), builder.operator(DEQUANTIZE, whole, back)]
    return steps, back


def _replace_constants(builder: Builder, operator: Any, twin: Any, source: Any) -> None:
    """Gives an operator the constants of its twin, dequantised."""
    tensors, inputs = source.subgraphs[0].tensors, list(operator.inputs)
    for position, (mine, other) in enumerate(zip(operator.inputs, twin.inputs, strict=True)):
        if mine < 0 or other < 0 or source.buffers[tensors[other].buffer].data is None:
            continue
        if builder.graph.tensors[mine].type == FLOAT:
            values = dequantized(tensors[other], source.buffers[tensors[other].buffer].data)
            shape = builder.graph.tensors[mine].shape
            inputs[position] = builder.tensor(shape, FLOAT, None, values, f"edgekit/{mine}/constant")
    operator.inputs = inputs


def _shape(tensor: Any) -> tuple[int, ...]:
    return tuple(int(extent) for extent in tensor.shape)


def paired(first: Any, second: Any) -> list[tuple[Any, Any]]:
    """Returns the operators of two files of one network side by side.

    QUANTIZE and DEQUANTIZE, which the converter puts where scales or types differ, are left out.

    Raises:
        InputError: The operators differ.
    """
    kept = [
        [
            operator
            for operator in model.subgraphs[0].operators
            if op_name(model, operator) not in ("QUANTIZE", "DEQUANTIZE")
        ]
        for model in (first, second)
    ]
    ops = [[op_name(model, o) for o in each] for model, each in zip((first, second), kept, strict=True)]
    if ops[0] != ops[1]:
        at = next((i for i, (a, b) in enumerate(zip(*ops, strict=False)) if a != b), min(map(len, ops)))
        raise InputError(
            where=f"operator {at}",
            what="two files of the network are not of the same operators",
            expected=", ".join(ops[0][at : at + 3]) or "the end",
            found=", ".join(ops[1][at : at + 3]) or "the end",
            hint="edgekit quantize RUN",
        )
    return list(zip(*kept, strict=True))


def _same(first: Any, second: Any) -> bool:
    def numbers(q: Any) -> tuple[list[float], list[int]]:
        return ([], []) if q is None or q.scale is None else (list(q.scale), list(q.zeroPoint))

    return numbers(first) == numbers(second)


def dequantized(tensor: Any, data: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Returns the real values of a constant, by channel where its scales are."""
    values = np.frombuffer(bytes(data), _DTYPES[tensor.type]).reshape(tensor.shape)
    q = tensor.quantization
    shape = [1] * values.ndim
    if len(q.scale) > 1:
        shape[q.quantizedDimension] = -1
    scale, zero = np.reshape(q.scale, shape), np.reshape(q.zeroPoint, shape)
    real: NDArray[np.float32] = ((values.astype(np.float64) - zero) * scale).astype(np.float32)
    return real
