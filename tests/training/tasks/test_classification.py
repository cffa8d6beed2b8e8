"""A classifier's weights and scores."""

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.recipes.base import REGISTRY as RECIPES
from edgekit.training.tasks import base
from edgekit.training.tasks.classification import class_weights
from tests.hil import toy_model


def test_rare_classes_weigh_more_and_the_mean_stays_one():
    y = np.array([0] * 6 + [1] * 3 + [2])
    weights = class_weights(y, 3)
    np.testing.assert_allclose(weights, [10 / 18, 10 / 9, 10 / 3], rtol=1e-6)
    assert weights[y].mean() == pytest.approx(1)


def test_a_second_output_beside_the_logits_does_not_count():
    exported = toy_model.manifest().model_copy(update={"labels": ["a", "b"]})
    logits, embedding = np.array([[1, 2], [3, 0], [5, 9]], np.int8), np.zeros((3, 7), np.int8)
    measured = base.REGISTRY.get("classification").measure(
        exported, np.array([1, 0, 0]), None, {"embedding": embedding, "logits": logits}
    )
    assert measured.value == pytest.approx(2 / 3) and measured.confusion.tolist() == [[1, 1], [0, 1]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"task": "clasification"}, "unknown task 'clasification'[^?]*did you mean 'classification'?"),
        ({"classes": ["one"]}, "classes: too few to tell apart"),
    ],
)
def test_a_recipe_that_does_not_suit_its_task_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        base.of(RECIPES.get("ecg-rhythm").model_copy(update=change))
