"""A .tflite run operator by operator: every example passes one before the next one begins.

So what an operator computes can be looked at, and the operator changed, before anything behind it runs.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.quant import dequantize, quantize
from edgekit.training.flatbuffer import pack


class Kernels:
    """A .tflite on LiteRT's kernels, one example at a time.

    Args:
        model: The file; a batch of 1.
    """

    def __init__(self, model: bytes) -> None:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        self._interpreter = Interpreter(
            model_content=model,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            num_threads=1,
        )
        self._interpreter.allocate_tensors()
        self.inputs: list[dict[str, Any]] = self._interpreter.get_input_details()
        self.outputs: list[dict[str, Any]] = self._interpreter.get_output_details()

    def __call__(self, *values: NDArray[Any]) -> list[NDArray[Any]]:
        """Returns every output, with its batch, for every input, with its batch."""
        for detail, value in zip(self.inputs, values, strict=True):
            self._interpreter.set_tensor(detail["index"], value)
        self._interpreter.reset_all_variables()
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(detail["index"]) for detail in self.outputs]

    def real(self, x: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Returns every output in real numbers for one example in real numbers, without batch."""
        (given,) = self.inputs
        answers = self(x[None] if given["dtype"] == np.float32 else _whole(x[None], given))
        return [
            (value if value.dtype == np.float32 else dequantize(value, *detail["quantization"]))[0]
            for value, detail in zip(answers, self.outputs, strict=True)
        ]


class Stepwise:
    """Examples on their way through a file.

    Args:
        model: The file as a tree; what is changed in an operator counts from its turn on.
        given: By number of an input tensor of the first graph: [n, *shape of the tensor].
    """

    def __init__(self, model: Any, given: Mapping[int, NDArray[Any]]) -> None:
        self._model, self.values = model, dict(given)
        graph = model.subgraphs[0]
        self._n = len(next(iter(self.values.values())))
        self._last = _last_reads(graph)

    def step(self, number: int) -> None:
        """Computes an operator's outputs into `values`, and forgets what is read no more.

        Args:
            number: Of the operator; those before it have been computed.
        """
        operator = self._model.subgraphs[0].operators[number]
        given = [t for t in dict.fromkeys(operator.inputs) if t in self.values]
        run = Kernels(self._alone(operator, given))
        answers = [run(*(self.values[t][i] for t in given)) for i in range(self._n)]
        for position, tensor in enumerate(operator.outputs):
            self.values[tensor] = np.stack([answer[position] for answer in answers])
        for tensor in [t for t in self.values if self._last.get(t, -1) <= number]:
            del self.values[tensor]

    def _alone(self, operator: Any, given: Sequence[int]) -> bytes:
        """Returns a file of one operator, with no more of the constants than it reads."""
        made, graph = copy.copy(self._model), copy.copy(self._model.subgraphs[0])
        graph.operators, graph.inputs, graph.outputs = [operator], list(given), list(operator.outputs)
        read = {graph.tensors[t].buffer for t in operator.inputs if t >= 0}
        empty = self._model.buffers[0]  # by the format's rule
        made.buffers = [buffer if i in read else empty for i, buffer in enumerate(self._model.buffers)]
        made.subgraphs, made.metadata = [graph, *self._model.subgraphs[1:]], None
        return pack(made)


def waiting_bytes(graph: Any) -> int:
    """Returns the most bytes of one example's tensors that wait to be read, at any operator.

    Args:
        graph: Of a file as a tree, with int8 or int16 activations; other types count as 4 bytes.
    """
    last = _last_reads(graph)
    sizes = {7: 2, 9: 1}  # by number of TensorType
    live: set[int] = set(graph.inputs)
    most = 0
    for number, operator in enumerate(graph.operators):
        live.update(operator.outputs)
        total = sum(int(np.prod(graph.tensors[t].shape)) * sizes.get(graph.tensors[t].type, 4) for t in live)
        most = max(most, total)
        live = {t for t in live if last.get(t, -1) > number}
    return most


def _whole(x: NDArray[np.float32], detail: Mapping[str, Any]) -> NDArray[Any]:
    scale, zero = detail["quantization"]
    return quantize(x, scale, zero, detail["dtype"])


def _last_reads(graph: Any) -> dict[int, int]:
    """Returns by tensor the number of the operator that reads it last; the graph's outputs are kept."""
    last = {t: i for i, operator in enumerate(graph.operators) for t in operator.inputs}
    return last | dict.fromkeys(graph.outputs, len(graph.operators))
