"""Damages .tflite files: bytes anywhere, and single fields of what is otherwise a sound file."""

from __future__ import annotations

import random
import struct
from typing import Any

import flatbuffers
from ai_edge_litert import schema_py_generated as schema

_NUMBERS = (-(1 << 31), -129, -128, -2, -1, 0, 1, 2, 3, 127, 128, 255, 256, 65536, (1 << 31) - 1)
_REALS = (0.0, -1.0, 1e-30, 1e-6, 1.0, 1e6, 1e30, float("inf"), float("nan"))


def damaged(source: random.Random, data: bytes) -> bytes:
    """Returns a file with some of its bytes changed, removed or cut off.

    Args:
        source: Decides what happens.
        data: A .tflite file.
    """
    made = bytearray(data)
    for _ in range(source.choice([1, 1, 2, 8, 64])):
        kind = source.randrange(4)
        # the structure lies at both ends of large files, the weights between
        at = source.choice([source.randrange(len(made)), source.randrange(min(2000, len(made))), -1])
        at = at if at >= 0 else len(made) - 1 - source.randrange(min(12000, len(made)))
        if kind == 0:
            made[at] ^= 1 << source.randrange(8)
        elif kind == 1:
            words = [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, len(made), source.randrange(2**32)]
            struct.pack_into("<I", made, min(at, len(made) - 4), source.choice(words))
        elif kind == 2 and len(made) > 100:
            del made[at : at + source.randrange(1, 64)]
        elif source.random() < 0.2:
            del made[max(9, at) :]
    return bytes(made)


def altered(source: random.Random, data: bytes) -> bytes:
    """Returns a file that can be read, in which some fields hold something else.

    Args:
        source: Decides which fields, and what.
        data: A small .tflite file.
    """
    for _ in range(20):  # some values do not fit their fields
        model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data, 0))
        places: list[tuple[Any, Any]] = []
        for graph in model.subgraphs:
            _collect(graph, places)
        for _ in range(source.choice([1, 1, 2, 3])):
            holder, key = source.choice(places)
            _put(holder, key, _other(source, _get(holder, key)))
        builder = flatbuffers.Builder(1024)
        try:
            builder.Finish(model.Pack(builder), b"TFL3")
        except (struct.error, TypeError, OverflowError):
            continue
        return bytes(builder.Output())
    return damaged(source, data)


def _collect(tree: Any, places: list[tuple[Any, Any]]) -> None:
    """Finds every number below a table, as the object or list that holds it and its name or position."""
    keys = range(len(tree)) if isinstance(tree, list) else list(vars(tree))
    for key in keys:
        value = _get(tree, key)
        if hasattr(value, "tolist"):  # an array of NumPy: fields of vectors
            value = value.tolist()
            _put(tree, key, value)
        if isinstance(value, bool | int | float):
            places.append((tree, key))
        elif isinstance(value, list) or hasattr(value, "Pack"):
            _collect(value, places)


def _get(holder: Any, key: Any) -> Any:
    return holder[key] if isinstance(holder, list) else getattr(holder, key)


def _put(holder: Any, key: Any, value: Any) -> None:
    if isinstance(holder, list):
        holder[key] = value
    else:
        setattr(holder, key, value)


def _other(source: random.Random, value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, float):
        return source.choice([*_REALS, value * 2, -value, value * 10 ** source.uniform(-8, 8)])
    return source.choice([*_NUMBERS, value + 1, value - 1, value * 2, -value, source.randrange(16)])
