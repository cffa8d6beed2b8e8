"""A plan of compression steps is checked before anything slow begins, all faults at once."""

import subprocess
import sys

import pytest
from pydantic import Field

from edgekit.errors import InputError, Problem
from edgekit.recipes.base import REGISTRY as RECIPES
from edgekit.training.steps import base


class Halve(base.Step):
    summary = "Halves."

    class Params(base.StepParams):
        share: float = Field(0.5, gt=0, lt=1)
        epochs: int = 2

    def check(self, params, recipe):
        if params.epochs > recipe.training.epochs:
            yield Problem("epochs", "more than training has")

    def apply(self, model, params, context):
        return base.Applied(model)


@pytest.fixture
def recipe(monkeypatch):
    monkeypatch.setitem(base.REGISTRY._loaded, "halve", Halve())
    monkeypatch.setattr(base.REGISTRY, "_builtin", lambda: ["halve"])
    return RECIPES.get("ecg-rhythm")


def test_a_plan_is_its_steps_with_their_defaults(recipe):
    one, two = base.plan([{"step": "halve"}, {"step": "halve", "share": 0.25}], recipe)
    assert (one.params.share, two.params.share) == (0.5, 0.25)
    assert two.entry == {"step": "halve", "share": 0.25, "epochs": 2}
    assert base.plan([one.entry], recipe) == [one]


def test_all_faults_of_a_plan_are_named_with_the_nearest_known(recipe):
    entries = [
        {"step": "havle"},
        {"step": "halve", "shar": 0.1},
        {"step": "halve", "share": 2},
        {"share": 0.5},
        {"step": "halve", "epochs": 1000},
    ]
    with pytest.raises(InputError) as caught:
        base.plan(entries, recipe)
    text = str(caught.value)
    assert "compress.0.step: unknown step 'havle'" in text and "did you mean 'halve'?" in text
    assert "compress.1 (halve): shar: unknown key" in text and "did you mean 'share'?" in text
    assert "compress.2 (halve): share" in text and "less than 1" in text
    assert "compress.3: names no step" in text
    assert "compress.4.epochs: more than training has" in text


def test_every_step_is_listed_and_checked_without_tensorflow():
    code = (
        "import sys; from edgekit.training.steps import base; base.REGISTRY.all(); "
        "from edgekit.pipeline.train import resolve; resolve('ecg-rhythm'); "
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
