"""What each node of a model costs on a board."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.device.boards import Board
from edgekit.errors import CheckFailed
from edgekit.hil import run as hil
from edgekit.hil.messages import Result
from edgekit.manifest import Manifest
from edgekit.pipeline import build
from edgekit.report.parts import NodeCost

_VECTORS = 10


def profile(
    folder: Path,
    board: Board,
    target: str,
    results: Sequence[Result],
    packed: Sequence[bytes],
    timeout: float,
) -> list[NodeCost]:
    """Runs some vectors on firmware that tells nodes apart; an emulated board's figures are exact.

    Args:
        folder: The export.
        board, target: What to run on, and how the user named it.
        results: What the firmware that does not tell nodes apart gave.
        packed: All inputs of each invocation as bytes.
        timeout: Seconds without progress after which every wait ends.

    Raises:
        CheckFailed: The results are others.
        EnvironmentFailed: Build, board or link failed.
    """
    built = build.make(folder, target, profile=True)
    with hil.connect(built, board, deadline=timeout) as session:
        found = session.run(packed[:_VECTORS])
        if any(a.outputs != b.outputs for a, b in zip(found, results, strict=False)):
            raise CheckFailed(where=board.key, what="gives other results when it tells nodes apart")
        return nodes(built.manifest, session.profile())


def nodes(exported: Manifest, ticks: NDArray[np.float64]) -> list[NodeCost]:
    """Returns the cost of each node that has code.

    Args:
        exported: What runs on the board.
        ticks: By number of the node, as `Session.profile` gives them.
    """
    total = max(float(ticks.sum()), 1.0)
    return [
        NodeCost(
            node=node.index,
            op=node.op,
            name=node.name,
            ticks=round(float(ticks[node.index]), 1),
            share=float(ticks[node.index]) / total,
        )
        for node in exported.nodes
        if node.index < len(ticks) and ticks[node.index] > 0
    ]
