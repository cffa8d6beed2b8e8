"""Reads the tensors of a PyTorch checkpoint (the form before 1.6) without PyTorch, and without running it.

Such a file is five pickles (magic number, protocol, properties of the machine, the object, the keys of its
storages), then each storage as an int64 count and its values. A pickle is a program; here a small machine
interprets it that knows the instructions of plain values and of two calls, an empty OrderedDict and a
tensor as a place in a storage, and carries both out itself. Anything else is refused by name; nothing is
imported or run.

Source of the form: torch.serialization._legacy_save of PyTorch.
"""

from __future__ import annotations

import io
import math
import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import InputError

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
_MOST_INSTRUCTIONS = 1 << 20
_MOST_PICKLE_BYTES = 1 << 24
_DTYPES = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "LongStorage": "<i8", "IntStorage": "<i4"}
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_VALUES = frozenset({"BINUNICODE", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"})
_EMPTY: dict[str, Callable[[], Any]] = {"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple}


@dataclass(frozen=True, slots=True)
class _Global:
    """A name that the pickle asks for."""

    name: str


@dataclass(frozen=True, slots=True)
class _Storage:
    key: str
    dtype: str
    count: int


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]


_MARK = object()
_DICT = _Global("collections OrderedDict")
_REBUILD = _Global("torch._utils _rebuild_tensor_v2")
_GLOBALS = {_DICT, _REBUILD, *(_Global(f"torch {name}") for name in _DTYPES)}


def read(data: bytes, section: str, where: str) -> dict[str, NDArray[Any]]:
    """Returns the tensors of one section of a checkpoint.

    Args:
        data: The file.
        section: Key of a dictionary of tensors in the checkpoint, e.g. "model_state".
        where: Name of the file for messages.

    Raises:
        InputError: It is no such file, is cut off, or asks for anything but tensors.
    """
    file = io.BytesIO(data)
    try:
        magic, protocol, machine, tree, keys = (_unpickle(file) for _ in range(5))
        if (magic, protocol) != (MAGIC, PROTOCOL):
            raise ValueError("is no PyTorch checkpoint of the form before 1.6")
        if not isinstance(machine, dict) or machine.get("little_endian") is not True:
            raise ValueError("was written on a big-endian machine")
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise ValueError("has no list of storages")
        chosen = tree.get(section) if isinstance(tree, dict) else None
        if not isinstance(chosen, dict):
            raise ValueError(f"has no section '{section}'")
        tensors = {str(name): one for name, one in chosen.items() if isinstance(one, _Tensor)}
        storages = {t.storage.key: t.storage for t in _tensors(tree)}
        places = _places(file, data, keys, storages)
        return {name: _array(data, places[t.storage.key], t) for name, t in tensors.items()}
    except (ValueError, KeyError, IndexError, TypeError, OverflowError) as error:
        raise InputError(
            where=where, what=f"cannot be read: {error}", expected="tensors alone, as PyTorch stored them"
        ) from error


def _unpickle(file: io.BytesIO) -> Any:
    machine = _Machine()
    begin = file.tell()
    for number, (opcode, argument, _) in enumerate(pickletools.genops(file)):
        if number > _MOST_INSTRUCTIONS or file.tell() - begin > _MOST_PICKLE_BYTES:
            raise ValueError("its description of the tensors is too long")
        if opcode.name == "STOP":
            return machine.pop()
        machine.step(opcode.name, argument)
    raise ValueError("is cut off")


class _Machine:
    """Interprets the instructions of plain values, of OrderedDict and of tensors."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def pop(self) -> Any:
        value = self.stack.pop()
        if value is _MARK:
            raise ValueError("its pickle is malformed")
        return value

    def to_mark(self) -> list[Any]:
        values = []
        while (value := self.stack.pop()) is not _MARK:
            values.append(value)
        return values[::-1]

    def step(self, op: str, argument: Any) -> None:
        push = self.stack.append
        if op in _CONSTANTS:
            push(_CONSTANTS[op])
        elif op in _VALUES:
            push(argument)
        elif op in _EMPTY:
            push(_EMPTY[op]())
        elif op == "MARK":
            push(_MARK)
        elif op in ("BINPUT", "LONG_BINPUT"):
            self.memo[argument] = self.stack[-1]
        elif op in ("BINGET", "LONG_BINGET"):
            push(self.memo[argument])
        elif op == "TUPLE":
            push(tuple(self.to_mark()))
        elif op in ("TUPLE1", "TUPLE2", "TUPLE3"):
            count = int(op[-1])
            push(tuple([self.pop() for _ in range(count)][::-1]))
        elif op in ("APPEND", "APPENDS"):
            values = [self.pop()] if op == "APPEND" else self.to_mark()
            self._top(list).extend(values)
        elif op in ("SETITEM", "SETITEMS"):
            values = [self.pop(), self.pop()][::-1] if op == "SETITEM" else self.to_mark()
            if not all(type(key) in (str, int) for key in values[::2]):
                raise ValueError("its pickle is malformed")
            self._top(dict).update(zip(values[::2], values[1::2], strict=True))
        elif op == "GLOBAL":
            if (name := _Global(argument)) not in _GLOBALS:
                raise ValueError(f"asks for '{argument.replace(' ', '.')}', which is not allowed")
            push(name)
        elif op == "BINPERSID":
            push(_storage(self.pop()))
        elif op == "REDUCE":
            arguments, function = self.pop(), self.pop()
            push(_call(function, arguments))
        elif op == "BUILD":  # attributes of a dictionary, which nobody reads
            self.pop()
            self._top(dict)
        elif op != "PROTO":
            raise ValueError(f"holds the instruction {op}, which is not allowed")

    def _top(self, kind: type) -> Any:
        if type(self.stack[-1]) is not kind:
            raise ValueError("its pickle is malformed")
        return self.stack[-1]


def _call(function: Any, arguments: Any) -> Any:
    if function == _DICT and arguments == ():
        return {}
    if function == _REBUILD and isinstance(arguments, tuple) and len(arguments) >= 4:
        storage, offset, shape, strides = arguments[:4]
        if isinstance(storage, _Storage) and _counts((offset,)) and _counts(shape) and _counts(strides):
            if len(shape) != len(strides) or not _contiguous(shape, strides):
                raise ValueError("holds a tensor that is not contiguous")
            if offset + math.prod(shape) > storage.count:
                raise ValueError("holds a tensor that is larger than its storage")
            return _Tensor(storage, offset, shape)
    raise ValueError("its pickle is malformed")


def _storage(found: Any) -> _Storage:
    if isinstance(found, tuple) and len(found) == 6 and found[5] is None:
        tag, kind, key, _, count, _ = found
        if tag == "storage" and isinstance(key, str) and isinstance(kind, _Global) and _counts((count,)):
            name = kind.name.removeprefix("torch ")
            if name in _DTYPES:
                return _Storage(key, _DTYPES[name], count)
    raise ValueError("its pickle is malformed")


def _counts(values: Any) -> bool:
    return isinstance(values, tuple) and all(type(v) is int and 0 <= v < 1 << 40 for v in values)


def _contiguous(shape: tuple[int, ...], strides: tuple[int, ...]) -> bool:
    expected = 1
    for extent, stride in zip(shape[::-1], strides[::-1], strict=True):
        if extent != 1 and stride != expected:
            return False
        expected *= extent
    return True


def _tensors(tree: Any) -> list[_Tensor]:
    """Returns all tensors in nested dictionaries, lists and tuples, each container gone through once."""
    found, pending, seen = [], [tree], set()
    while pending:
        value = pending.pop()
        if isinstance(value, _Tensor):
            found.append(value)
        elif isinstance(value, dict | list | tuple) and id(value) not in seen:
            seen.add(id(value))
            pending.extend(value.values() if isinstance(value, dict) else value)
    return found


def _places(file: io.BytesIO, data: bytes, keys: list[str], storages: dict[str, _Storage]) -> dict[str, int]:
    """Returns where the values of each storage begin."""
    places: dict[str, int] = {}
    position = file.tell()
    for key in keys:
        storage = storages[key]
        count = int.from_bytes(data[position : position + 8], "little")
        position += 8
        if count != storage.count:
            raise ValueError(f"storage {key} holds {count} values instead of {storage.count}")
        places[key] = position
        position += count * np.dtype(storage.dtype).itemsize
        if position > len(data):
            raise ValueError("is cut off")
    return places


def _array(data: bytes, place: int, tensor: _Tensor) -> NDArray[Any]:
    dtype = np.dtype(tensor.storage.dtype)
    begin = place + tensor.offset * dtype.itemsize
    return np.frombuffer(data, dtype, math.prod(tensor.shape), begin).reshape(tensor.shape)
