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

_DTYPES = {0: np.float32, 2: np.int32, 4: np.int64, 7: np.int16, 9: np.int8}
_FLOAT, _INT16, _INT8 = 0, 7, 9
_QUANTIZED = (_INT16, _INT8)
_QUANTIZE, _DEQUANTIZE = 114, 6
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
        self._float, self._int = _parse(exact), _parse(quantized)
        self._pairs = _pairs(self._float, self._int)
        graph = self._float.subgraphs[0]
        self._outputs = [_name(graph.tensors[i]) for i in graph.outputs]
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
        made = _Surgery(_parse(self._exact))
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
                    steps, new[tensor] = made.rounded(tensor, source.tensors[quantized].quantization,
                                                      source.tensors[quantized].type)  # fmt: skip
                    added += [(position, step) for step in steps]
            outputs[layer.node] = spots[0][1]
            if layer.node in weights:
                for i in layer.members:
                    made.replace_constants(graph.operators[i], self._pairs[i], self._int)
        for operator in graph.operators:
            operator.inputs = [new.get(i, i) for i in operator.inputs]
        ends = [*graph.outputs, *(outputs[node] for node in watched)]
        graph.outputs = [new.get(i, i) for i in ends]
        order = [step for position, step in added if position == -1]
        for i, operator in enumerate(graph.operators):
            order += [operator, *(step for position, step in added if position == i)]
        graph.operators = order
        return made.pack()

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
            if source.tensors[twin.outputs[0]].type not in _QUANTIZED:
                continue  # works on shapes
            known = [t for t in operator.inputs if t in owner]
            constants = [t for t in operator.inputs if t >= 0 and t not in owner]
            moves = (
                bool(known)
                and all(_same(quantization[t], made) for t in known)
                and not any(graph.tensors[t].type == _FLOAT for t in constants)
            )
            head = owner[known[0]] if moves else i
            if not moves:
                heads.append((i, source.operators.index(twin)))
                members[i] = []
            members[head].append(i)
            for tensor in operator.outputs:
                owner[tensor], quantization[tensor] = head, made
        yield Layer(INPUT, "INPUT", _name(given), _shape(given), 0, tuple(members[INPUT]))
        for i, node in heads:
            twin = source.operators[node]
            tensor = source.tensors[twin.outputs[0]]
            parameters = sum(
                int(np.prod(source.tensors[t].shape))
                for t, exact in zip(twin.inputs, graph.operators[i].inputs, strict=True)
                if t >= 0 and exact not in owner and graph.tensors[exact].type == _FLOAT
            )
            op = _op(self._int, twin)
            yield Layer(node, op, _name(tensor), _shape(tensor), parameters, tuple(members[i]))


class Runner:
    """A .tflite on LiteRT, example by example.

    Args:
        model: float32 in and out, batch of 1.
        names: Of its first outputs.
    """

    def __init__(self, model: bytes, names: Sequence[str]) -> None:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        self._interpreter = Interpreter(
            model_content=model,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            num_threads=1,
        )
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = [detail["index"] for detail in self._interpreter.get_output_details()]
        self._names = names

    def __call__(self, x: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Returns every output for one example, without batch."""
        self._interpreter.set_tensor(self._input, x[None])
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index)[0] for index in self._outputs]

    def predict(self, x: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Returns the named outputs for examples [n, ...]."""
        answers = [self(one) for one in x]
        return {name: np.stack([answer[i] for answer in answers]) for i, name in enumerate(self._names)}


class _Surgery:
    """Additions to a parsed file."""

    def __init__(self, model: Any) -> None:
        self.model, self.graph = model, model.subgraphs[0]
        self._codes: dict[int, int] = {}

    def rounded(self, tensor: int, quantization: Any, kind: int) -> tuple[list[Any], int]:
        """Returns the operators that quantise a tensor and go back, and the tensor behind them."""
        shape = self.graph.tensors[tensor].shape
        whole = self._tensor(shape, kind, quantization, 0)
        back = self._tensor(shape, _FLOAT, None, 0)
        return [self._operator(_QUANTIZE, tensor, whole), self._operator(_DEQUANTIZE, whole, back)], back

    def replace_constants(self, operator: Any, twin: Any, source: Any) -> None:
        """Gives an operator the constants of its twin, dequantised."""
        tensors, inputs = source.subgraphs[0].tensors, list(operator.inputs)
        for position, (mine, other) in enumerate(zip(operator.inputs, twin.inputs, strict=True)):
            if mine < 0 or other < 0 or source.buffers[tensors[other].buffer].data is None:
                continue
            if self.graph.tensors[mine].type == _FLOAT:
                values = _dequantized(tensors[other], source.buffers[tensors[other].buffer].data)
                buffer = self._new("BufferT")
                buffer.data = np.frombuffer(values.tobytes(), np.uint8)
                self.model.buffers.append(buffer)
                shape = self.graph.tensors[mine].shape
                inputs[position] = self._tensor(shape, _FLOAT, None, len(self.model.buffers) - 1)
        operator.inputs = inputs

    def pack(self) -> bytes:
        """Returns the file."""
        import flatbuffers

        self.model.signatureDefs = None  # they name the old outputs
        builder = flatbuffers.Builder(1 << 16)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    def _new(self, kind: str) -> Any:
        from ai_edge_litert import schema_py_generated as schema

        return getattr(schema, kind)()

    def _tensor(self, shape: Sequence[int], kind: int, quantization: Any, buffer: int) -> int:
        tensor = self._new("TensorT")
        tensor.shape, tensor.type, tensor.buffer = shape, kind, buffer
        tensor.quantization, tensor.name = quantization, f"edgekit/{len(self.graph.tensors)}".encode()
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def _operator(self, code: int, given: int, made: int) -> Any:
        if code not in self._codes:
            entry = self._new("OperatorCodeT")
            entry.builtinCode = entry.deprecatedBuiltinCode = code
            entry.version = 3  # int16 as well
            self.model.operatorCodes.append(entry)
            self._codes[code] = len(self.model.operatorCodes) - 1
        operator = self._new("OperatorT")
        operator.opcodeIndex, operator.inputs, operator.outputs = self._codes[code], [given], [made]
        return operator


def _parse(data: bytes) -> Any:
    from ai_edge_litert import schema_py_generated as schema

    return schema.ModelT.InitFromPackedBuf(data, 0)


def _op(model: Any, operator: Any) -> str:
    from ai_edge_litert import schema_py_generated as schema

    names = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}
    code = model.operatorCodes[operator.opcodeIndex]
    return str(names[max(code.builtinCode, code.deprecatedBuiltinCode)])


def _name(tensor: Any) -> str:
    return str(tensor.name.decode(errors="replace")) if tensor.name else ""


def _shape(tensor: Any) -> tuple[int, ...]:
    return tuple(int(extent) for extent in tensor.shape)


def _pairs(exact: Any, quantized: Any) -> list[Any]:
    """Returns the operator of the quantised file for each of the float file."""
    graph, source = exact.subgraphs[0], quantized.subgraphs[0]
    twins = [
        operator
        for operator in source.operators
        if not (
            _op(quantized, operator) == "QUANTIZE"
            and source.tensors[operator.inputs[0]].type in _QUANTIZED
        )
    ]  # fmt: skip
    ops = [[_op(model, operator) for operator in list_] for model, list_ in
           ((exact, graph.operators), (quantized, twins))]  # fmt: skip
    if ops[0] != ops[1]:
        at = next((i for i, (a, b) in enumerate(zip(*ops, strict=False)) if a != b), min(map(len, ops)))
        raise InputError(
            where=f"operator {at}",
            what="the float and the quantised model are not of the same operators",
            expected=", ".join(ops[0][at : at + 3]) or "the end",
            found=", ".join(ops[1][at : at + 3]) or "the end",
            hint="edgekit quantize RUN",
        )
    return twins


def _same(first: Any, second: Any) -> bool:
    def numbers(q: Any) -> tuple[list[float], list[int]]:
        return ([], []) if q is None or q.scale is None else (list(q.scale), list(q.zeroPoint))

    return numbers(first) == numbers(second)


def _dequantized(tensor: Any, data: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Returns the real values of a constant, by channel where its scales are."""
    values = np.frombuffer(bytes(data), _DTYPES[tensor.type]).reshape(tensor.shape)
    q = tensor.quantization
    shape = [1] * values.ndim
    if len(q.scale) > 1:
        shape[q.quantizedDimension] = -1
    scale, zero = np.reshape(q.scale, shape), np.reshape(q.zeroPoint, shape)
    real: NDArray[np.float32] = ((values.astype(np.float64) - zero) * scale).astype(np.float32)
    return real
