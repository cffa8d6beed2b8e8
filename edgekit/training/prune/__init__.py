"""Structured pruning: whole channels leave a network, and what stays is a smaller dense network."""

from edgekit.training.prune.config import PruneConfig
from edgekit.training.prune.rebuild import Pruned, prune
from edgekit.training.prune.rounds import prune_in_rounds

__all__ = ["PruneConfig", "Pruned", "prune", "prune_in_rounds"]
