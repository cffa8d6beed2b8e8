"""One network of two quantised files: some layers with int16 activations, the others with int8.

The converter makes the same operators with int8 and with int16 activations. Each layer is taken from the
one or the other file, and where a tensor passes between layers of two kinds, QUANTIZE stands between.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from edgekit.errors import InputError, Problem, did_you_mean
from edgekit.training.flatbuffer import QUANTIZE, QUANTIZED, Builder, pack, parse, tensor_name
from edgekit.training.twin import INPUT, Layer, Twin, paired


def chosen(layers: Sequence[Layer], patterns: Sequence[str]) -> set[int]:
    """Returns the numbers of the layers that patterns name.

    Args:
        layers: Of the network.
        patterns: Each the number of a node, or a shell pattern for a part of its name, as
            `edgekit sensitivity` shows them; "input" is the network's input.

    Raises:
        InputError: A pattern names no layer; all such at once.
    """
    words = {layer.node: _words(layer) for layer in layers}
    problems = []
    found: set[int] = set()
    for pattern in patterns:
        named = {node for node, known in words.items() if fnmatch.filter(known, pattern)}
        if not named:
            every = sorted({word for known in words.values() for word in known if not word.isdigit()})
            problems.append(
                Problem("quantize.int16_layers", f"'{pattern}' names no layer", "a node's number or name",
                        hint=did_you_mean(pattern, every) or "edgekit sensitivity RUN shows them")
            )  # fmt: skip
        found |= named
    if problems:
        raise InputError(problems)
    return found


def mix(exact: bytes, narrow: bytes, wide: bytes, patterns: Sequence[str]) -> bytes:
    """Returns a .tflite whose layers are of `narrow`, but those that patterns name of `wide`.

    Args:
        exact: The float .tflite of the network.
        narrow: The same network with int8 activations.
        wide: With int16 activations.
        patterns: As for `chosen`.

    Raises:
        InputError: A pattern names no layer, or the files differ in operators.
    """
    layers = Twin(exact, narrow).layers
    nodes = chosen(layers, patterns)
    members = {i for layer in layers if layer.node in nodes for i in layer.members}
    return _Mix(parse(narrow), parse(wide), members, INPUT in nodes).build(Builder(parse(wide)))


class _Mix:
    def __init__(self, narrow: Any, wide: Any, members: Collection[int], wide_input: bool) -> None:
        self._files = (narrow, wide)
        self._pairs = paired(narrow, wide)
        self._from = [int(i in members) for i in range(len(self._pairs))]
        self._input = int(wide_input)
        self._moved: dict[tuple[int, int], int] = {}  # by file and tensor there: tensor of the new file
        self._writers = [self._written(0), self._written(1)]

    def build(self, builder: Builder) -> bytes:
        """Returns the new file, built in the shell of one of the two."""
        self._made, graph = builder, builder.graph
        builder.clear()
        first = self._files[self._input].subgraphs[0].inputs[0]
        graph.inputs = [self._tensor(self._input, first)]
        for pair, source in zip(self._pairs, self._from, strict=True):
            operator = pair[source]
            inputs = [self._read(source, t) if t >= 0 else t for t in operator.inputs]
            outputs = [self._tensor(source, t) for t in operator.outputs]
            builder.copy(self._files[source], operator, inputs, outputs)
        ends = [file.subgraphs[0].outputs for file in self._files]
        graph.outputs = [self._output(pair) for pair in zip(*ends, strict=True)]
        return pack(builder.model)

    def _written(self, source: int) -> dict[int, tuple[int, int]]:
        """Returns, by tensor of a file, the pair and the output that it is; pair -1 is the input."""
        found = {self._files[source].subgraphs[0].inputs[0]: (-1, 0)}
        for i, pair in enumerate(self._pairs):
            found |= {tensor: (i, k) for k, tensor in enumerate(pair[source].outputs)}
        return found

    def _origin(self, source: int, tensor: int) -> tuple[int, int] | None:
        """Returns in which file a tensor is computed, and its number there; None for a constant."""
        if tensor not in self._writers[source]:
            return None
        at, output = self._writers[source][tensor]
        if at < 0:
            return self._input, self._files[self._input].subgraphs[0].inputs[0]
        return self._from[at], self._pairs[at][self._from[at]].outputs[output]

    def _read(self, source: int, tensor: int) -> int:
        """Returns what stands for a tensor of a file; converts what the other file computes."""
        file = self._files[source]
        origin = self._origin(source, tensor)
        if origin is None:  # a constant, or requantised by an operator that has no pair
            maker = next((o for o in file.subgraphs[0].operators if tensor in o.outputs), None)
            if maker is None or (source, tensor) in self._moved:
                return self._tensor(source, tensor)
            given = [self._read(source, t) for t in maker.inputs]
            made = self._tensor(source, tensor)
            self._made.copy(file, maker, given, [made])
            return made
        if origin == (source, tensor) or file.subgraphs[0].tensors[tensor].type not in QUANTIZED:
            return self._tensor(*origin)
        if (source, tensor) not in self._moved:
            made = self._tensor(source, tensor)
            self._made.graph.operators.append(self._made.operator(QUANTIZE, self._tensor(*origin), made))
        return self._moved[source, tensor]

    def _output(self, pair: tuple[int, int]) -> int:
        origin = self._origin(0, pair[0])
        return self._tensor(*origin) if origin is not None else self._read(0, pair[0])

    def _tensor(self, source: int, tensor: int) -> int:
        if (source, tensor) not in self._moved:
            file = self._files[source]
            given = file.subgraphs[0].tensors[tensor]
            itself = self._origin(source, tensor) in (None, (source, tensor))
            name = tensor_name(given) + ("" if itself else "/converted")
            self._moved[source, tensor] = self._made.tensor(
                given.shape, given.type, given.quantization, file.buffers[given.buffer].data, name
            )
        return self._moved[source, tensor]


def _words(layer: Layer) -> list[str]:
    parts: Iterable[str] = re.split("[;/]", layer.name)
    return ["input" if layer.node == INPUT else str(layer.node), layer.op, *(part for part in parts if part)]
