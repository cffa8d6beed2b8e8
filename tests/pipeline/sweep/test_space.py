"""Spaces: what they hold, and what is wrong with them, before anything runs."""

from __future__ import annotations

import pytest
import yaml

from edgekit.errors import InputError
from edgekit.pipeline.sweep import space as spaces
from edgekit.recipes.base import REGISTRY, resolve
from edgekit.training.steps import base as steps

ECG = REGISTRY.get("ecg-rhythm")


def parse(text: str) -> spaces.Space:
    return spaces.parse(yaml.safe_load(text), "my.yaml")


def faults(text: str) -> str:
    with pytest.raises(InputError) as caught:
        spaces.check(parse(text), ECG, "my.yaml")
    return str(caught.value)


def test_the_grid_is_every_combination_the_last_choice_changing_fastest():
    space = parse(
        "{choices: {training.seed: [1, 2], training.class_weights: [true, false]},"
        " ranges: {training.epochs: {low: 5, high: 15, step: 5}}}"
    )
    points = list(spaces.grid(space))
    assert len(points) == space.grid_size == 12
    labels = {"training.seed": "1", "training.class_weights": "on", "training.epochs": "5"}
    assert points[0].labels == labels
    assert points[1].labels == {**labels, "training.epochs": "10"}
    assert points[-1].settings == ("training.seed=2", "training.class_weights=false", "training.epochs=15")


def test_values_reach_the_recipe_as_they_are_written():
    space = parse(
        "choices: {training.learning_rate: [1.0e-5], training.augment: {some: {noise: 0.5}},"
        " model.params.pooling: [stride]}"
    )
    (point,) = spaces.grid(space)
    made = resolve(ECG, settings=point.settings)
    assert made.training.learning_rate == 1e-5
    assert made.training.augment["noise"] == 0.5 and made.model.params == {"pooling": "stride"}
    assert point.labels["training.augment"] == "some"


def test_steps_become_the_plan_in_their_order_each_a_choice_of_its_own(monkeypatch):
    space = parse("steps: {low-rank: [null, {rank: 8}], qat: [null, {}]}")
    plans = [dict(s.split("=", 1) for s in p.settings)["compress"] for p in spaces.grid(space)]
    assert plans == [
        "[]",
        "[{step: qat}]",
        "[{step: low-rank, rank: 8}]",
        "[{step: low-rank, rank: 8}, {step: qat}]",
    ]
    assert [p.labels["low-rank"] for p in spaces.grid(space)] == ["off", "off", "rank 8", "rank 8"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("choises: {training.seed: [1]}", "did you mean 'choices'"),
        ("choices: {trainin.seed: [1]}", "did you mean 'training'"),
        ("choices: {training.sed: [1]}", "did you mean 'seed'"),
        ("choices: {model.params.stem_filter: [8]}", "did you mean 'stem_filters'"),
        ("choices: {training.seed.x: [1]}", "lies within a value"),
        ("choices: {training.epochs: [5, many]}", "choices.training.epochs: many"),
        ("choices: {model.params.stem_filters: [8, -1]}", "choices.model.params.stem_filters: -1"),
        ("choices: {compress: {some: [{step: prun}]}}", "unknown step"),
        ("choices: {training.seed: []}", "needs at least one value"),
        ("steps: {prun: [null]}", "unknown step"),
        ("ranges: {training.learning_rate: {low: 1, high: 0.1}}", "not below high"),
        ("ranges: {training.learning_rate: {low: 0, high: 1, log: true}}", "numbers above 0"),
        ("ranges: {training.epochs: {low: 0, high: 3, step: 1}}", "ranges.training.epochs.low"),
        ("budget: {ram_bytes: 5}", "there are none"),
        ("{recipe: other, choices: {training.seed: [1]}}", "is another one"),
        ("{choices: {training.seed: [1]}, budget: {ram_byte: 5}}", "did you mean 'ram_bytes'"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text, said):
    assert said in faults(text)


def test_all_faults_are_listed_at_once():
    said = faults("choices: {training.sed: [1], model.nam: [mlp], data.seeed: [1]}")
    assert said.count("did you mean") == 3


def test_a_range_without_step_has_no_grid():
    with pytest.raises(InputError, match="--search optuna"):
        next(spaces.grid(parse("ranges: {training.learning_rate: {low: 0.001, high: 0.1, log: true}}")))


def test_a_space_is_found_by_name_and_one_that_is_not_there_is_named(tmp_path):
    space, name = spaces.load("ecg-small")
    assert name == "ecg-small" and space.grid_size == 8
    with pytest.raises(InputError, match="did you mean 'ecg-small'"):
        spaces.load("ecg-smal")
    with pytest.raises(InputError, match="cannot be read"):
        spaces.load(str(tmp_path / "none.yaml"))
    (tmp_path / "bad.yaml").write_text("a: [")
    with pytest.raises(InputError, match="is not YAML"):
        spaces.load(str(tmp_path / "bad.yaml"))


@pytest.mark.parametrize("name", spaces.known())
def test_every_space_that_edgekit_carries_fits_its_recipe(name):
    space, _ = spaces.load(name)
    if space.recipe not in REGISTRY.keys() or not set(space.steps) <= set(steps.REGISTRY.keys()):
        pytest.skip(f"needs the recipe {space.recipe} and the steps {', '.join(space.steps)}")
    spaces.check(space, REGISTRY.get(space.recipe), name)
    assert len({point.settings for point in spaces.grid(space)}) == space.grid_size >= 8


def test_frill_has_as_many_points_as_the_paper():
    assert spaces.load("frill")[0].grid_size == 144
