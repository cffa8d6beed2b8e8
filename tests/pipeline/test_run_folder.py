"""Same recipe and settings, same folder; what is damaged or missing is named."""

from __future__ import annotations

import json

import pytest

from edgekit.errors import InputError
from edgekit.pipeline.run_folder import RunFolder
from edgekit.recipes.base import REGISTRY, resolve


def recipe(*settings: str):
    return resolve(REGISTRY.get("ecg-rhythm"), "quick", settings)


def test_the_folder_is_a_function_of_the_settings(tmp_path):
    first = RunFolder.create(recipe(), tmp_path, "quick")
    assert RunFolder.create(recipe(), tmp_path, "quick") == first
    assert RunFolder.create(recipe("training.seed=9"), tmp_path, "quick") != first
    assert first.path.parent == tmp_path / "ecg-rhythm"


def test_a_key_that_the_schema_did_not_have_changes_no_folder(tmp_path):
    today = RunFolder.create(recipe(), tmp_path, "quick")
    before = today.path.with_name("quick-0123abcd")
    today.path.rename(before)
    text = before.joinpath("config.yaml").read_text()
    before.joinpath("config.yaml").write_text(text.replace("  pad: false\n", ""))
    assert before.joinpath("config.yaml").read_text() != text
    assert RunFolder.create(recipe(), tmp_path, "quick").path == before
    assert RunFolder.create(recipe("data.pad=true"), tmp_path, "quick").path != before


def test_other_settings_and_derived_or_damaged_runs_are_not_taken_for_it(tmp_path):
    def augmented(**strengths):
        training = recipe().training.model_copy(update={"augment": strengths})
        return recipe().model_copy(update={"training": training})

    run = RunFolder.create(augmented(noise=0.1, shift=2), tmp_path, "quick")
    turned = RunFolder.create(augmented(shift=2, noise=0.1), tmp_path, "quick")
    assert turned != run  # augmentations are applied in their order
    run.path.rename(run.path.with_name("quick-0123abcd+int16-012345"))
    turned.config.write_text("task: [")
    again = RunFolder.create(augmented(noise=0.1, shift=2), tmp_path, "quick")
    assert again == run and again.config.is_file()


def test_the_resolved_recipe_is_kept(tmp_path):
    run = RunFolder.create(recipe("training.epochs=3"), tmp_path)
    kept = RunFolder.open(run.path).recipe
    assert kept.training.epochs == 3
    assert kept == recipe("training.epochs=3").model_copy(update={"presets": {}})


def test_stages_note_their_time(tmp_path):
    run = RunFolder.create(recipe(), tmp_path)
    with run.stage("data"):
        pass
    run.note(answer=42)
    known = json.loads(run.provenance.read_text())
    assert set(known["seconds"]) == {"data"} and known["answer"] == 42
    assert known["seeds"]["training"] == recipe().training.seed


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputError, match="not a run folder"):
        RunFolder.open(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        RunFolder.open(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("text", "message"),
    [("a: [", "is not YAML"), ("- 1", "holds no settings"), ("nam: x", "did you mean 'name'")],
)
def test_a_damaged_config_is_named(tmp_path, text, message):
    run = RunFolder.create(recipe(), tmp_path)
    run.config.write_text(text)
    with pytest.raises(InputError, match=message):
        _ = RunFolder.open(run.path).recipe


def test_a_stage_that_has_not_run_is_named_with_its_command(tmp_path):
    run = RunFolder.create(recipe(), tmp_path)
    with pytest.raises(InputError, match="edgekit quantize"):
        run.need(run.tflite, f"quantize {run.path}")


def test_a_damaged_provenance_is_named(tmp_path):
    run = RunFolder.create(recipe(), tmp_path)
    run.provenance.write_text("{")
    with pytest.raises(InputError, match=r"provenance.json: cannot be read[\s\S]*train again"):
        run.note(answer=42)
