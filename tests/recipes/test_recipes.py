"""A recipe is declared, checked and overridden; a misspelt key never passes."""

import pytest

from edgekit.errors import InputError
from edgekit.recipes.base import REGISTRY, parse, resolve


@pytest.fixture
def recipe():
    return REGISTRY.get("ecg-rhythm")


def test_every_recipe_holds_with_each_of_its_presets():
    for key, recipe in REGISTRY.all().items():
        assert recipe.name == key
        for preset in ["", *recipe.presets]:
            resolved = resolve(recipe, preset)
            assert sum(resolved.data.splits.values()) == pytest.approx(1.0)
            assert parse(resolved.model_dump(), "copy") == resolved


def test_settings_override_a_preset(recipe):
    resolved = resolve(recipe, "quick", ["training.epochs=3", "data.options.subjects=50"])
    assert resolved.training.epochs == 3
    assert resolved.data.options["subjects"] == 50
    assert recipe.training.epochs != 3


def test_another_data_set_or_teacher_begins_without_the_options_of_the_last():
    speech = REGISTRY.get("speech-embedding")
    other = resolve(
        speech, "quick", ["teacher.name=saved-model", "teacher.options.path=trill", "data.dataset=x"]
    )
    assert other.teacher.options == {"path": "trill"} and other.data.options == {}
    same = resolve(speech, "", ["teacher.name=resemblyzer", "teacher.options.wheel=w"])
    assert same.teacher.options == {"pad": False, "wheel": "w"}


def test_unknown_keys_are_refused_all_at_once_with_the_nearest(recipe):
    with pytest.raises(InputError) as caught:
        resolve(recipe, "", ["training.epoch=3", "modle.name=x", "training.batch_size=none"])
    text = str(caught.value)
    assert "training.epoch: unknown key" in text and "did you mean 'epochs'?" in text
    assert "modle: unknown key" in text and "did you mean 'model'?" in text
    assert "training.batch_size" in text and "integer" in text


@pytest.mark.parametrize(
    "setting",
    [
        "training.learning_rate=.inf", "detection.min_radius=.inf", "detection.side=.inf",
        "detection.side=1e9", "detection.augment.noise=.inf", "detection.threshold=.nan",
        "data.splits.train=.inf", "data.splits.test=0",
    ],
)  # fmt: skip
def test_numbers_that_are_none_are_refused(setting):
    with pytest.raises(InputError) as caught:
        resolve(REGISTRY.get("aircraft-detect"), "", [setting])
    assert setting.partition("=")[0] in str(caught.value)


@pytest.mark.parametrize("setting", ["training.epochs", "=3", "training.epochs=[1"])
def test_a_malformed_setting_is_named(recipe, setting):
    with pytest.raises(InputError, match=r"--set"):
        resolve(recipe, "", [setting])


def test_a_class_is_named_once(recipe):
    with pytest.raises(InputError, match="names a class twice: a"):
        resolve(recipe, "", ["classes=[a,b,a]"])


def test_an_unknown_preset_offers_the_nearest(recipe):
    with pytest.raises(InputError, match="did you mean 'quick'"):
        resolve(recipe, "quik")
