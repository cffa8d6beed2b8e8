"""Networks here have random weights, and scores are made of them: the same ones in every run."""

import pytest


@pytest.fixture(autouse=True)
def seeded():
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(1)
