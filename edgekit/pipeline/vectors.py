"""Test vectors: `vectors.npz` with in/<name>; out/<name>, label, target, signal, frames where they are."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import InputError, Problem
from edgekit.manifest import TensorInfo

MAX_BYTES = 1 << 30
MAX_VECTORS = 1_000_000


@dataclass(frozen=True)
class Vectors:
    """Inputs of a model, and what is known of them.

    Args:
        inputs: By name: [n, *shape] of the tensor's own dtype.
        outputs: Reference outputs by name, or empty.
        labels: int64 [n], or None.
        targets: float32 [n, ...]: what the output should be, in its unit, or None.
        signal: float32 [m]: raw samples for the preprocessing, or None.
        frames: uint8 [k, height, row bytes]: of the camera in front of the model, or None; the first
            are of the first vectors.
        of: Vectors in the file that these are the first of; 0 = they are of none.
    """

    inputs: Mapping[str, NDArray[Any]]
    outputs: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    labels: NDArray[np.int64] | None = None
    targets: NDArray[np.float32] | None = None
    signal: NDArray[np.float32] | None = None
    frames: NDArray[np.uint8] | None = None
    of: int = 0

    @property
    def count(self) -> int:
        """Number of vectors."""
        return len(next(iter(self.inputs.values())))

    def to_npz(self) -> bytes:
        """Returns the content of a vectors.npz."""
        arrays: dict[str, NDArray[Any]] = {f"in/{name}": value for name, value in self.inputs.items()}
        arrays |= {f"out/{name}": value for name, value in self.outputs.items()}
        if self.labels is not None:
            arrays["label"] = self.labels
        if self.targets is not None:
            arrays["target"] = self.targets
        if self.signal is not None:
            arrays["signal"] = self.signal
        if self.frames is not None:
            arrays["frames"] = self.frames
        buffer = io.BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, **arrays)
        return buffer.getvalue()


def random(inputs: Sequence[TensorInfo], count: int, seed: int) -> Vectors:
    """Returns random vectors over the whole range of each input's type.

    Floats are normal, each vector with a standard deviation between 0.01 and 100: which of them fill or
    leave the range that the model quantises to, the file does not say.

    Args:
        inputs: The model's inputs.
        count: Number of vectors.
        seed: Of the generator.

    Raises:
        InputError: An input is neither an integer nor a float tensor, or there would be too many.
    """
    if not 0 < count <= MAX_VECTORS:
        raise InputError(
            where="--random", what="is out of range", expected=f"1 to {MAX_VECTORS}", found=str(count)
        )
    generator = np.random.default_rng(seed)
    made = {}
    for tensor in inputs:
        dtype = np.dtype(tensor.dtype)
        shape = (count, *_unbatched(tensor))
        if dtype.kind == "f":
            spread = 10.0 ** generator.uniform(-2, 2, (count, *(1 for _ in shape[1:])))
            made[tensor.name] = (generator.standard_normal(shape) * spread).astype(dtype)
        elif dtype.kind in "iu":
            info = np.iinfo(dtype)
            made[tensor.name] = generator.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
        else:
            raise InputError(where=f"input '{tensor.name}'", what=f"cannot be random: it is {tensor.dtype}")
    return Vectors(made)


def load(path: Path, inputs: Sequence[TensorInfo], limit: int = 0) -> Vectors:
    """Reads a vectors.npz and checks it against the model.

    Args:
        path: The file.
        inputs: The model's inputs.
        limit: At most so many vectors; 0 = all.

    Raises:
        InputError: It is absent, damaged, or does not fit; all faults at once.
    """
    if not path.is_file():
        raise InputError(where=str(path), what="no such file", expected="an .npz with in/<name> arrays")
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(item.file_size for item in archive.infolist())
        if size > MAX_BYTES:
            raise ValueError(f"unpacks to {size} bytes, more than {MAX_BYTES}")
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise InputError(where=str(path), what=f"cannot be read: {error}") from error
    found = {name.removeprefix("in/"): value for name, value in arrays.items() if name.startswith("in/")}
    problems = [*_faults(path, inputs, found)]
    labels = arrays.get("label")
    counts = {len(value) for value in found.values() if value.ndim}
    if labels is not None and (labels.dtype.kind not in "iu" or labels.ndim != 1 or {len(labels)} != counts):
        problems.append(
            Problem(f"{path}: label", "does not fit", "one integer per vector", str(labels.shape))
        )
    targets = arrays.get("target")
    if targets is not None and (targets.dtype != np.float32 or {len(targets)} != counts):
        problems.append(
            Problem(f"{path}: target", "does not fit", "float32 [n, ...]", f"{targets.dtype} {targets.shape}")
        )
    signal = arrays.get("signal")
    if signal is not None and (signal.dtype != np.float32 or signal.ndim != 1):
        problems.append(
            Problem(f"{path}: signal", "does not fit", "float32 [n]", f"{signal.dtype} {signal.shape}")
        )
    frames = arrays.get("frames")
    if frames is not None and (frames.dtype != np.uint8 or frames.ndim != 3):
        problems.append(
            Problem(
                f"{path}: frames",
                "do not fit",
                "uint8 [n, height, row bytes]",
                f"{frames.dtype} {frames.shape}",
            )
        )
    if len(counts) > 1 or counts == {0}:
        problems.append(
            Problem(str(path), "the inputs differ in number, or are none", found=str(sorted(counts)))
        )
    if problems:
        raise InputError(problems)
    end = limit or None
    return Vectors(
        {tensor.name: _shaped(found[tensor.name], tensor)[:end] for tensor in inputs},
        {name.removeprefix("out/"): value[:end] for name, value in arrays.items() if name.startswith("out/")},
        labels.astype(np.int64)[:end] if labels is not None else None,
        targets[:end] if targets is not None else None,
        signal,
        frames,
        max(counts),
    )


def _faults(path: Path, inputs: Sequence[TensorInfo], found: Mapping[str, NDArray[Any]]) -> list[Problem]:
    problems = []
    for tensor in inputs:
        value = found.get(tensor.name)
        expected = f"{tensor.dtype} [n, {', '.join(map(str, _unbatched(tensor)))}]"
        if value is None:
            there = ", ".join(f"in/{name}" for name in found) or "no in/<name>"
            problems.append(Problem(f"{path}: in/{tensor.name}", "is missing", expected, there))
        elif (
            value.dtype != np.dtype(tensor.dtype)
            or value.ndim == 0
            or value[:1].size not in (0, tensor.elements)
        ):
            problems.append(
                Problem(
                    f"{path}: in/{tensor.name}",
                    "does not fit the model",
                    expected,
                    f"{value.dtype} {value.shape}",
                )
            )
        elif value.dtype.kind == "f" and not np.isfinite(value).all():
            problems.append(Problem(f"{path}: in/{tensor.name}", "holds NaN or infinity"))
    return problems


def _shaped(value: NDArray[Any], tensor: TensorInfo) -> NDArray[Any]:
    return value.reshape(len(value), *_unbatched(tensor))


def _unbatched(tensor: TensorInfo) -> tuple[int, ...]:
    shape = tuple(tensor.shape)
    return shape[1:] if len(shape) > 1 and shape[0] == 1 else shape
