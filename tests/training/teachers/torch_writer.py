"""Writes checkpoints in PyTorch's form before 1.6, sound ones and others, from the instructions up."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Mapping

import numpy as np


def text(value: str) -> bytes:
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def number(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


def numbers(values: tuple[int, ...]) -> bytes:
    return b"(" + b"".join(map(number, values)) + b"t"


def name(module: str, attribute: str) -> bytes:
    return f"c{module}\n{attribute}\n".encode()


def empty_dict() -> bytes:
    return name("collections", "OrderedDict") + b")R"


def tensor(
    key: str,
    shape: tuple[int, ...],
    strides: tuple[int, ...] | None = None,
    offset: int = 0,
    count: int | None = None,
    kind: str = "FloatStorage",
) -> bytes:
    """Returns the instructions that make a tensor of a storage."""
    count = int(np.prod(shape)) if count is None else count
    if strides is None:
        strides = tuple(int(np.prod(shape[i + 1 :])) for i in range(len(shape)))
    storage = b"(" + text("storage") + name("torch", kind) + text(key) + text("cpu") + number(count) + b"NtQ"
    made = name("torch._utils", "_rebuild_tensor_v2") + b"(" + storage + number(offset)
    return made + numbers(shape) + numbers(strides) + b"\x89" + empty_dict() + b"tR"


def section(entries: Mapping[str, bytes], key: str = "model_state") -> bytes:
    """Returns the pickle of {"step": 1, key: OrderedDict(entries)}."""
    inside = b"".join(text(k) + v for k, v in entries.items())
    return b"\x80\x02}(" + text("step") + number(1) + text(key) + empty_dict() + b"(" + inside + b"uu."


def file(tree: bytes, storages: Mapping[str, np.ndarray]) -> bytes:
    """Returns a checkpoint of a pickle and the storages that it names."""
    machine = {
        "protocol_version": 1001,
        "little_endian": True,
        "type_sizes": {"short": 2, "int": 4, "long": 4},
    }
    head = [pickle.dumps(value, 2) for value in (0x1950A86A20F9469CFC6C, 1001, machine)]
    keys = sorted(storages)
    values = b"".join(struct.pack("<q", storages[key].size) + storages[key].tobytes() for key in keys)
    return b"".join(head) + tree + pickle.dumps(keys, 2) + values


def checkpoint(tensors: Mapping[str, np.ndarray]) -> bytes:
    """Returns a sound checkpoint with these tensors under "model_state"."""
    entries = {key: tensor(f"s{i:03}", array.shape) for i, (key, array) in enumerate(tensors.items())}
    storages = {f"s{i:03}": array.astype("<f4") for i, array in enumerate(tensors.values())}
    return file(section(entries), storages)
