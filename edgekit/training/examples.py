"""Labelled examples as arrays, checked before anything slow begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import InputError, Problem


class Examples(NamedTuple):
    """Inputs and their classes.

    Args:
        x: float32 [n, ...]: one example per row.
        y: int64 [n]: index of the class.
    """

    x: NDArray[np.float32]
    y: NDArray[np.int64]


def check(
    splits: Mapping[str, Examples], shape: tuple[int, ...], classes: int, complete: tuple[str, ...] = ()
) -> None:
    """Checks that examples can be used.

    Args:
        splits: Examples by the name of their split.
        shape: Of one example, as the model takes it.
        classes: Number of classes.
        complete: Names of the splits in which every class must occur.

    Raises:
        InputError: Empty, unequal, not finite, of another shape or with unknown classes; all faults at once.
    """
    problems = [
        p for name, split in splits.items() for p in _faults(name, split, shape, classes, name in complete)
    ]
    if problems:
        raise InputError(problems)


def _faults(
    name: str, split: Examples, shape: tuple[int, ...], classes: int, complete: bool
) -> Iterator[Problem]:
    where = f"split '{name}'"
    if not len(split.x):
        yield Problem(where, "holds no examples", hint="take more subjects or another share of them")
        return
    if len(split.x) != len(split.y):
        yield Problem(where, "examples and labels differ in number", str(len(split.x)), str(len(split.y)))
    if split.x.shape[1:] != shape:
        yield Problem(where, "examples do not fit the model", str(shape), str(split.x.shape[1:]))
    if not np.isfinite(split.x).all():
        bad = int(np.count_nonzero(~np.isfinite(split.x).reshape(len(split.x), -1).all(axis=1)))
        yield Problem(where, f"{bad} of {len(split.x)} examples hold NaN or infinity")
    if split.y.min() < 0 or split.y.max() >= classes:
        yield Problem(
            where, "a label is out of range", f"0 to {classes - 1}", f"{split.y.min()} to {split.y.max()}"
        )
    elif complete and (absent := sorted(set(range(classes)) - set(split.y.tolist()))):
        yield Problem(
            where,
            f"no example of class {', '.join(map(str, absent))}",
            hint="take more subjects of that class",
        )
