"""Examples as arrays, checked before anything slow begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import InputError, Problem


class Examples(NamedTuple):
    """Inputs and their classes.

    Args:
        x: float32 [n, ...]: one example per row.
        y: int64 [n]: index of the class.
        extras: More arrays by name, one row per example: the record that it is from, tags, targets.
    """

    x: NDArray[np.float32]
    y: NDArray[np.int64]
    extras: Mapping[str, NDArray[Any]] = MappingProxyType({})


def check(
    splits: Mapping[str, Examples], shape: tuple[int, ...], classes: int, complete: tuple[str, ...] = ()
) -> None:
    """Checks that labelled examples can be used.

    Args:
        splits: Examples by the name of their split.
        shape: Of one example, as the model takes it.
        classes: Number of classes.
        complete: Names of the splits in which every class must occur.

    Raises:
        InputError: Empty, unequal, not finite, of another shape or with unknown classes; all faults at once.
    """
    problems = [*faults(splits, shape), *label_faults(splits, classes, complete)]
    if problems:
        raise InputError(problems)


def faults(splits: Mapping[str, Examples], shape: tuple[int, ...]) -> Iterator[Problem]:
    """Yields what is wrong with inputs: none, another shape, not finite, rows without a counterpart.

    Args:
        splits: Examples by the name of their split.
        shape: Of one example, as the model takes it.
    """
    for name, split in splits.items():
        where = f"split '{name}'"
        if not len(split.x):
            yield Problem(where, "holds no examples", hint="take more subjects or another share of them")
            continue
        if len(split.x) != len(split.y):
            yield Problem(where, "examples and labels differ in number", str(len(split.x)), str(len(split.y)))
        for key, values in split.extras.items():
            if len(values) != len(split.x):
                yield Problem(
                    where, f"examples and '{key}' differ in number", str(len(split.x)), str(len(values))
                )
        if split.x.shape[1:] != shape:
            yield Problem(where, "examples do not fit the model", str(shape), str(split.x.shape[1:]))
        if not np.isfinite(split.x).all():
            bad = int(np.count_nonzero(~np.isfinite(split.x).reshape(len(split.x), -1).all(axis=1)))
            yield Problem(where, f"{bad} of {len(split.x)} examples hold NaN or infinity")


def label_faults(
    splits: Mapping[str, Examples], classes: int, complete: tuple[str, ...] = ()
) -> Iterator[Problem]:
    """Yields what is wrong with labels: out of range, or a class that never occurs.

    Args:
        splits: Examples by the name of their split.
        classes: Number of classes.
        complete: Names of the splits in which every class must occur.
    """
    for name, split in splits.items():
        where = f"split '{name}'"
        if not len(split.x) or not len(split.y):
            continue
        if split.y.min() < 0 or split.y.max() >= classes:
            yield Problem(
                where, "a label is out of range", f"0 to {classes - 1}", f"{split.y.min()} to {split.y.max()}"
            )
        elif name in complete and (absent := sorted(set(range(classes)) - set(split.y.tolist()))):
            yield Problem(
                where,
                f"no example of class {', '.join(map(str, absent))}",
                hint="take more subjects of that class",
            )
