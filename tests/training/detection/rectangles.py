"""Drawn rectangles: bright squares and dark bars on a noisy ground, and a narrow detector of them."""

import numpy as np

from edgekit.recipes.base import (
    DataConfig,
    DetectionConfig,
    ModelConfig,
    Recipe,
    TrainingConfig,
)
from edgekit.training.detection.boxes import padded
from edgekit.training.examples import Examples

SIDE = 64
NETWORK = {"stride": 8, "backbone_params": {"depth": 10, "filters": [8, 16, 24], "stem_kernel": 3,
                                            "batch_norm_momentum": 0.9}}  # fmt: skip
RECIPE = Recipe(
    name="rectangles",
    title="Rectangles",
    description="drawn",
    task="detection",
    classes=["square", "bar"],
    data=DataConfig(dataset="drawn"),
    camera={"format": "grey", "width": SIDE, "height": SIDE, "size": [SIDE, SIDE], "colour": "grey"},
    model=ModelConfig(name="detectnet-v2", params=NETWORK),
    training=TrainingConfig(epochs=8, batch_size=16, learning_rate=6e-3, seed=1),
    detection=DetectionConfig(augment={"flip": 0.5, "shift": 0.1, "brightness": 0.1}),
)


def pictures(count: int, seed: int) -> Examples:
    """Returns grey pictures in 0 to 1 with one to three rectangles that do not touch."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0.45, 0.06, (count, SIDE, SIDE, 1)).astype(np.float32)
    rows = []
    for picture in x:
        row = []
        for quarter in rng.permutation(4)[: rng.integers(1, 4)]:
            label = int(rng.integers(2))
            width, height = (int(rng.integers(12, 22)),) * 2 if label == 0 else (24, int(rng.integers(8, 12)))
            left = int(quarter % 2 * 32 + rng.integers(0, 32 - width))
            upper = int(quarter // 2 * 32 + rng.integers(0, 32 - height))
            picture[upper : upper + height, left : left + width] += 0.4 if label == 0 else -0.35
            row.append([left, upper, left + width, upper + height, label, 0])
        rows.append(row)
    return Examples(x.clip(0, 1), np.zeros(count, np.int64), {"boxes": padded(rows)})
