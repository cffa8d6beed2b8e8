"""Prunes a little, trains, prunes more: what is lost at once is often kept so."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from edgekit.training import cost
from edgekit.training.prune.config import PruneConfig
from edgekit.training.prune.rebuild import Pruned, prune
from edgekit.training.prune.report import PruneReport

if TYPE_CHECKING:
    import keras


def prune_in_rounds(
    model: keras.Model,
    config: PruneConfig,
    rounds: int,
    fine_tune: Callable[[keras.Model, int], keras.Model],
) -> tuple[keras.Model, list[PruneReport]]:
    """Prunes in `rounds` equal steps with training after each.

    A threshold rises linearly to `config.pth`; a share to keep falls geometrically to what was asked for, in
    parameters or multiply-accumulates of `model` itself.

    Args:
        model: Functional or sequential, built.
        config: What the last round reaches.
        rounds: At least 1.
        fine_tune: Takes a pruned model and the round from 0; returns it trained.

    Returns:
        The model after the last training, and a report per round.

    Raises:
        InputError, CheckFailed: See `prune`.
    """
    first, reports = cost.of(model), []
    for number in range(rounds):
        done = (number + 1) / rounds
        now = cost.of(model)
        update = {"pth": config.pth * done}
        if config.keep_parameters is not None:
            wanted = first.parameters * config.keep_parameters**done
            update["keep_parameters"] = min(1.0, wanted / now.parameters)
        if config.keep_macs is not None:
            update["keep_macs"] = min(1.0, first.macs * config.keep_macs**done / now.macs)
        pruned: Pruned = prune(model, config.model_copy(update=update))
        model = fine_tune(pruned.model, number)
        reports.append(pruned.report)
    return model, reports
