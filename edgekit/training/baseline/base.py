"""The contract of a baseline: features in the field's own terms and a linear classifier on them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from edgekit.registry import Registry


class Baseline(ABC):
    """One set of features.

    Class attributes:
        title: What the method is, in a few words.
        names: The features, in order.
    """

    title: ClassVar[str]
    names: ClassVar[tuple[str, ...]]

    @abstractmethod
    def features(self, x: NDArray[np.float32], rate_hz: float) -> NDArray[np.float64]:
        """Returns finite features [n, len(names)].

        Args:
            x: float32 [n, samples, 1], preprocessed as for the network.
            rate_hz: Samples per second.
        """


REGISTRY: Registry[Baseline] = Registry(
    kind="training.baseline",
    attribute="BASELINE",
    type=Baseline,  # type: ignore[type-abstract]
)


def predict(
    name: str,
    train_x: NDArray[np.float32],
    train_y: NDArray[np.int64],
    test_x: NDArray[np.float32],
    rate_hz: float,
) -> NDArray[np.float32]:
    """Fits a logistic regression on a baseline's features and predicts.

    Args:
        name: Registry key, e.g. "rr-statistics".
        train_x: float32 [n, samples, 1], frames of the training subjects.
        train_y: int64 [n], their classes 0 to k - 1; every class occurs.
        test_x: float32 [m, samples, 1].
        rate_hz: Samples per second.

    Returns:
        float32 [m, k] log-probabilities, to be read as logits.

    Raises:
        InputError: Unknown baseline.
        EnvironmentFailed: A package that it needs is not installed.
    """
    baseline = REGISTRY.get(name)
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    classifier = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=2000))
    classifier.fit(baseline.features(train_x, rate_hz), train_y)
    return np.asarray(classifier.predict_log_proba(baseline.features(test_x, rate_hz)), np.float32)
