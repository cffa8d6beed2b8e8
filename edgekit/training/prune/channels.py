"""Channels of a network and which of them must go together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]  # a channel per place along an axis


class Channels:
    """A growing set of channels with couplings between them."""

    def __init__(self) -> None:
        self.count = 0
        self._pairs: list[tuple[Ids, Ids]] = []
        self._kept: list[Ids] = []
        self._gates: list[Ids] = []

    def fresh(self, n: int) -> Ids:
        """Returns `n` new channels."""
        self.count += n
        return np.arange(self.count - n, self.count)

    def join(self, a: Ids, b: Ids) -> None:
        """Couples two axes, place by place."""
        if a is not b:
            self._pairs.append((a, b))

    def keep(self, ids: Ids) -> None:
        """Says that these channels must stay."""
        self._kept.append(ids)

    def gate(self, ids: Ids) -> None:
        """Says that these channels only scale others: their own weights do not say what they are worth."""
        self._gates.append(ids)

    def groups(self) -> Groups:
        """Returns the channels that stay or go together."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        a, b = (_joined(pair[side] for pair in self._pairs) for side in (0, 1))
        edges = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(self.count, self.count))
        count, group = connected_components(edges, directed=False)
        kept, gates = np.zeros(count, bool), np.zeros(self.count, bool)
        kept[group[_joined(self._kept)]] = True
        gates[_joined(self._gates)] = True
        return Groups(group.astype(np.int64), kept, gates)


@dataclass(frozen=True, slots=True)
class Groups:
    """Sets of channels that stay or go together.

    Args:
        of: int64 [channels], each channel's group.
        kept: bool [groups], those that must stay.
        gates: bool [channels], those that only scale others.
    """

    of: Ids
    kept: NDArray[np.bool_]
    gates: NDArray[np.bool_]


def _joined(parts: Iterable[Any]) -> Ids:
    return np.concatenate([np.zeros(0, np.int64), *parts])
