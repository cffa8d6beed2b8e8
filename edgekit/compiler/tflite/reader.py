"""Reads a .tflite file, whoever made it, into a `graph.Model`; trusts no byte of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import Graph, Model, Node, Tensor
from edgekit.compiler.ops.base import Operator, operators
from edgekit.compiler.tflite import schema
from edgekit.compiler.tflite.flatbuffer import Flatbuffer, Table, damaged
from edgekit.compiler.verify import MAX_RANK, verify
from edgekit.errors import InputError, Problem
from edgekit.quant import Quantization

MAX_FILE_BYTES = 256 << 20
MAX_OBJECTS = 20_000  # elements of one list, e.g. tensors or buffers
MAX_OPERATORS = 4096  # of one subgraph
MAX_ARGUMENTS = 1024  # inputs or outputs of one operator
_MAX_REPORTED = 50
_MAX_NAME = 1024

_OPTION_CODES = {"bool": "?", "int8": "b", "int32": "i", "float32": "f"}


def read(data: bytes, name: str, known: Mapping[str, Operator] | None = None) -> Model:
    """Returns the model in a .tflite file, structurally sound.

    Args:
        data: The whole file.
        name: What messages call it.
        known: Operators whose options are read, by builtin name; default all there are. A node of
            any other operator has no options, and it is for the caller to accept or refuse it.

    Returns:
        The model; constant tensors are read-only views of `data`.

    Raises:
        InputError: It is no .tflite file, is damaged, or holds what edgekit cannot represent; every
            fault that was found, by place.
    """
    if len(data) > MAX_FILE_BYTES:
        raise InputError(where=name, what="is too large", expected=f"at most {MAX_FILE_BYTES} bytes")
    reader = _Reader(data, name, operators().by_name if known is None else known)
    try:
        return reader.model()
    except _Stopped:
        pass
    except InputError as error:
        reader.problems.extend(error.problems)
    problems = [
        Problem(f"{name}: {p.where}" if p.where else name, p.what, p.expected, p.found, p.hint)
        for p in reader.problems
    ]
    if len(problems) > _MAX_REPORTED:
        rest = len(problems) - _MAX_REPORTED
        problems = [*problems[:_MAX_REPORTED], Problem(name, f"and {rest} more faults")]
    raise InputError(problems)


class _Stopped(Exception):
    """Reading cannot go on; why stands in the reader's problems."""


class _Reader:
    """One pass over one file; faults are gathered in `problems` wherever reading can go on."""

    def __init__(self, data: bytes, name: str, known: Mapping[str, Operator]) -> None:
        self.data = data
        self.name = name
        self.known = known
        self.problems: list[Problem] = []
        self.buffers: list[NDArray[np.uint8] | None] = []
        self.codes: list[str] = []

    def model(self) -> Model:
        root = Flatbuffer(self.data).root(schema.IDENTIFIER, "model")
        self.codes = [self._code(table) for table in self._all(root, 1, "operator code")]
        self.buffers = [self._buffer(table) for table in self._all(root, 4, "buffer")]
        graphs = [self._graph(table, i) for i, table in enumerate(self._all(root, 2, "subgraph"))]
        if not graphs and not self.problems:
            raise InputError(where="model", what="holds no subgraph", hint="export the model again")
        self._stop_if_faulty()
        for graph in graphs:
            self.problems.extend(verify(graph))
        self._stop_if_faulty()
        main = graphs[0]
        names = {i: main.tensors[i].name for i in (*main.inputs, *main.outputs)}
        inputs, outputs = self._signature(root, main)
        return Model(
            name=self.name,
            sha256=hashlib.sha256(self.data).hexdigest(),
            size=len(self.data),
            graphs=graphs,
            input_names=[inputs.get(i, names[i]) for i in main.inputs],
            output_names=[outputs.get(i, names[i]) for i in main.outputs],
        )

    def _stop_if_faulty(self) -> None:
        if self.problems:
            raise _Stopped

    def _all(self, parent: Table, slot: int, name: str, limit: int = MAX_OBJECTS) -> Iterator[Table]:
        """Yields the sound tables of a list and notes the damaged ones."""
        where = name if parent.where == "model" else f"{parent.where}, {name}"
        for found in parent.tables(slot, where, limit):
            if isinstance(found, InputError):
                self.problems.extend(found.problems)
                if len(self.problems) > _MAX_REPORTED:
                    raise InputError(where=where, what="too many faults to go on")
            else:
                yield found

    def _code(self, table: Table) -> str:
        code = max(int(table.scalar(0, "b", 0)), int(table.scalar(3, "i", 0)))
        if code == schema.CUSTOM_CODE:
            return f"CUSTOM {table.string(1, limit=256)}"
        return schema.operator_name(code)

    def _buffer(self, table: Table) -> NDArray[np.uint8] | None:
        inside = table.array(0, np.uint8, len(self.data), free=True)
        if inside is not None and len(inside):
            return inside
        start, count = int(table.scalar(1, "Q", 0)), int(table.scalar(2, "Q", 0))
        if start <= 1 or count == 0:  # 1 marks a buffer that a converter has not placed yet
            return None
        if start + count > len(self.data):
            raise damaged(table.where, "its bytes run over the end of the file", f"{start} + {count}")
        return np.frombuffer(self.data, np.uint8, count, start)

    def _graph(self, table: Table, index: int) -> Graph:
        tensors: list[Tensor] = []
        for i, entry in enumerate(self._all(table, 0, "tensor")):
            try:
                tensors.append(self._tensor(entry, i))
            except InputError as error:
                self.problems.extend(error.problems)
        self._stop_if_faulty()  # everything below refers to tensors by number
        nodes: list[Node] = []
        for i, entry in enumerate(self._all(table, 3, "operator", MAX_OPERATORS)):
            try:
                nodes.append(self._node(entry, i))
            except InputError as error:
                self.problems.extend(error.problems)
        return Graph(
            name=table.string(4) or ("main" if index == 0 else f"subgraph {index}"),
            tensors=tensors,
            nodes=nodes,
            inputs=_indices(table, 1, MAX_ARGUMENTS),
            outputs=_indices(table, 2, MAX_ARGUMENTS),
        )

    def _tensor(self, table: Table, index: int) -> Tensor:
        name = table.string(3)
        where = f"{table.where} '{name[:80]}'"
        shape = tuple(_indices(table, 0, MAX_RANK))
        type_name = schema.type_name(int(table.scalar(1, "b", 0)))
        if type_name not in schema.DTYPES:
            raise InputError(
                where=where,
                what="has an element type that edgekit does not read",
                expected=", ".join(sorted(schema.DTYPES)),
                found=type_name,
                hint="convert the model with full integer quantisation",
            )
        if table.has(6):
            raise InputError(
                where=where, what="is stored sparse", hint="convert the model without sparsity encoding"
            )
        tensor = Tensor(
            index=index,
            name=name,
            shape=shape,
            dtype=schema.dtype(type_name),
            quantization=_quantization(table, where),
            variable=bool(table.scalar(5, "?", False)),
        )
        number = int(table.scalar(2, "I", 0))
        if number >= max(len(self.buffers), 1):
            raise InputError(
                where=where,
                what="refers to a buffer that is missing",
                expected=f"a number below {len(self.buffers)}",
                found=str(number),
                hint="the file is damaged; export it again",
            )
        content = self.buffers[number] if number else None
        if content is not None:
            if min(shape, default=1) < 0 or tensor.nbytes != len(content):
                raise InputError(
                    where=where,
                    what="its buffer has a wrong size",
                    expected=f"{type_name} {list(shape)}",
                    found=f"{len(content)} bytes in buffer {number}",
                    hint="the file is damaged; export it again",
                )
            tensor.data = content.view(tensor.dtype.newbyteorder("<")).reshape(shape)
        return tensor

    def _node(self, table: Table, index: int) -> Node:
        number = int(table.scalar(0, "I", 0))
        if number >= len(self.codes):
            raise InputError(
                where=table.where,
                what="refers to an operator code that is missing",
                expected=f"a number below {len(self.codes)}",
                found=str(number),
                hint="the file is damaged; export it again",
            )
        op = self.codes[number]
        return Node(
            index=index,
            op=op,
            inputs=_indices(table, 1, MAX_ARGUMENTS),
            outputs=_indices(table, 2, MAX_ARGUMENTS),
            options=self._options(table, op),
            intermediates=_indices(table, 8, MAX_ARGUMENTS),
        )

    def _options(self, table: Table, op: str) -> dict[str, object]:
        operator = self.known.get(op)
        if operator is None or not operator.options_type:
            return {}
        kind = int(table.scalar(3, "B", 0))
        where = f"{table.where} {op}"
        if kind not in (0, operator.options_type):
            raise damaged(where, f"its options are of kind {kind}, not {operator.options_type}")
        options = table.table(4, f"{where}, options") if kind else None
        found: dict[str, object] = {}
        for option in operator.options:
            if options is None:
                found[option.name] = option.default
            elif option.type == "int32[]":
                listed = options.array(option.slot, np.int32, MAX_ARGUMENTS)
                found[option.name] = option.default if listed is None else [int(v) for v in listed]
            elif option.type == "string":
                found[option.name] = options.string(option.slot, limit=_MAX_NAME)
            else:
                found[option.name] = options.scalar(option.slot, _OPTION_CODES[option.type], option.default)
        return found

    def _signature(self, root: Table, main: Graph) -> tuple[dict[int, str], dict[int, str]]:
        """Names that the first signature of the main graph gives to tensors at its borders."""
        for table in self._all(root, 7, "signature"):
            if int(table.scalar(4, "I", 0)) == 0:
                inputs, outputs = (
                    {int(m.scalar(1, "I", 0)): m.string(0) for m in self._all(table, slot, "name")}
                    for slot in (0, 1)
                )
                return inputs, outputs
        return {}, {}


def _indices(table: Table, slot: int, limit: int) -> list[int]:
    found = table.array(slot, np.int32, limit)
    return [] if found is None else [int(v) for v in found]


def _quantization(tensor: Table, where: str) -> Quantization | None:
    table = tensor.table(4, f"{where}, quantisation")
    if table is None:
        return None
    scales = table.array(2, np.float32, 1 << 20)
    points = table.array(3, np.int64, 1 << 20)
    if scales is None or len(scales) == 0:
        return None
    if points is None or len(points) == 0:
        points = np.zeros(len(scales), np.int64)
    elif len(points) == 1:
        points = np.broadcast_to(points, scales.shape)
    if len(points) != len(scales):
        raise damaged(
            table.where, "as many zero points as scales are needed", f"{len(points)}, {len(scales)}"
        )
    if not (np.isfinite(scales).all() and (scales > 0).all()):
        raise damaged(table.where, "every scale must be finite and above 0")
    return Quantization(scales, points, int(table.scalar(6, "i", 0)))
