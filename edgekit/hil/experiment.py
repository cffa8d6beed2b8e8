"""Two firmwares measured beside each other, in random order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.hil.session import Session

_WARM = 4  # vectors before each block that are not counted

Arm = Callable[[], AbstractContextManager[Session]]  # gives a session with the firmware of that arm


@dataclass(frozen=True, slots=True)
class Measured:
    """What an experiment measured.

    Args:
        ticks: int64 [blocks, 2, vectors]: time of `_invoke` of arm A and B.
        first: int64 [blocks, turns]: which arm came first in each turn.
        differing: Vectors whose outputs the two arms do not agree on.
        units: Of the ticks, per arm.
    """

    ticks: NDArray[np.int64]
    first: NDArray[np.int64]
    differing: list[int]
    units: tuple[str, str]


def run(
    arms: tuple[Arm, Arm],
    vectors: Sequence[bytes],
    blocks: int,
    seed: int,
    *,
    apart: bool = False,
    on_block: Callable[[], None] = lambda: None,
) -> Measured:
    """Measures both arms over all vectors, block by block.

    A block reaches both arms anew, in random order, and takes the vectors in random order; before each
    vector a coin decides which arm computes it first. Nothing is sent while a board computes. Some
    vectors before each block are not counted: they warm caches and branch predictors.

    That a process starts anew matters: where its memory happens to lie changes its speed by more than
    the noise within it (Mytkowicz et al., "Producing wrong data without doing anything obviously
    wrong", ASPLOS 2009), so only new processes show the noise of the whole.

    Args:
        arms: How to reach A and B.
        vectors: All inputs of each invocation, as bytes.
        blocks: Passes over both arms.
        seed: Of the order.
        apart: Whether only one arm can be reached at a time; a block is then one arm after the other.
        on_block: Called after each block.
    """
    generator = np.random.default_rng(seed)
    ticks = np.zeros((blocks, 2, len(vectors)), np.int64)
    turns = 1 if apart else len(vectors)
    first = generator.integers(0, 2, (blocks, turns))
    outputs: list[dict[int, bytes]] = [{}, {}]
    units = ["", ""]

    def measure(session: Session, block: int, arm: int, chosen: Sequence[int]) -> None:
        results = session.run([vectors[i] for i in chosen], pipelined=False)
        for i, result in zip(chosen, results, strict=True):
            outputs[arm].setdefault(i, result.outputs)
            ticks[block, arm, i] = result.ticks

    @contextmanager
    def warm(arm: int) -> Iterator[Session]:
        with arms[arm]() as session:
            units[arm] = session.hello.timer_unit
            session.run(vectors[:_WARM], pipelined=False)
            yield session

    for block in range(blocks):
        order = [int(i) for i in generator.permutation(len(vectors))]
        lead = int(first[block, 0])
        if apart:
            for arm in (lead, 1 - lead):
                with warm(arm) as session:
                    measure(session, block, arm, order)
        else:
            with warm(lead) as one, warm(1 - lead) as other:
                for turn, i in enumerate(order):
                    leads = first[block, turn] == lead
                    for arm, session in ((lead, one), (1 - lead, other))[:: 1 if leads else -1]:
                        measure(session, block, arm, [i])
        on_block()
    differing = [i for i in range(len(vectors)) if outputs[0][i] != outputs[1][i]]
    return Measured(ticks, first, differing, (units[0], units[1]))


def by_group(
    ticks: NDArray[np.int64], groups: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Returns (float64 [blocks, 2, groups] median time per group, float64 [groups] share of the vectors).

    The median within a group keeps one interrupted vector from standing for its block.

    Args:
        ticks: int64 [blocks, 2, vectors].
        groups: int64 [vectors]: the group of each.
    """
    names, counts = np.unique(groups, return_counts=True)
    medians = np.stack([np.median(ticks[:, :, groups == name], axis=2) for name in names], axis=2)
    return medians, counts / counts.sum()
