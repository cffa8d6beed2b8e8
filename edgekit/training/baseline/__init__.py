"""Simple methods that stand beside a network in the report: what it must beat to be worth its cost."""

from edgekit.training.baseline.base import REGISTRY, Baseline, predict

__all__ = ["REGISTRY", "Baseline", "predict"]
