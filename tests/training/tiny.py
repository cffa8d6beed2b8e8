"""A tiny problem that a tiny network learns in a second: is the bump early, in the middle or late?

Run as a program it trains on it in the folder that is named, for tests that kill it.
"""

import sys
from pathlib import Path

import numpy as np

from edgekit.recipes.base import TrainingConfig
from edgekit.training.examples import Examples

CLASSES = ["early", "middle", "late"]
SAMPLES = 48
NETWORK = {
    "stem_filters": 4,
    "stem_kernel": 5,
    "blocks": [{"filters": 8, "kernel": 5}, {"filters": 8, "kernel": 5, "stride": 1}],
    "dropout": 0.1,
}
CONFIG = TrainingConfig(
    epochs=4,
    batch_size=16,
    learning_rate=1e-2,
    weight_decay=1e-3,
    label_smoothing=0.05,
    augment={"amplitude": 0.2, "noise": 0.1, "shift": 2},
    seed=3,
)


def bumps(n, seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, len(CLASSES), n)
    centre = (y + 0.5) * SAMPLES / len(CLASSES) + rng.uniform(-4, 4, n)
    time = np.arange(SAMPLES)
    x = np.exp(-(((time - centre[:, None]) / 3) ** 2)) * 3 + 0.3 * rng.standard_normal((n, SAMPLES))
    return Examples(x[..., None].astype(np.float32), y.astype(np.int64))


def train(folder, config=CONFIG, examples=None):
    from edgekit.training import fit, runtime
    from edgekit.training.tasks.classification import cross_entropy

    model = runtime.build_model("efficientnetv2-1d", NETWORK, (SAMPLES, 1), len(CLASSES), config.seed)
    examples = examples or bumps(192, seed=1)
    objective = cross_entropy(config, len(CLASSES), examples)
    return fit.fit(model, objective, config, examples, bumps(60, seed=2), Path(folder))


if __name__ == "__main__":
    train(sys.argv[1], CONFIG.model_copy(update={"epochs": int(sys.argv[2])}))
