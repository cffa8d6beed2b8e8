"""Training from another run's weights, with a share of the data, and runs across test sets."""

import json
import shutil

import numpy as np
import pytest
from typer.testing import CliRunner

from edgekit.cli.main import build_app
from edgekit.errors import InputError
from edgekit.pipeline import data, domains
from edgekit.pipeline import train as training
from edgekit.pipeline.run_folder import RunFolder
from edgekit.report.base import load_json
from edgekit.training.runtime import load_model

from .conftest import SMALL

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("domains")]
SETTINGS = [*SMALL, "model={name: mlp, params: {hidden: [8, 8]}}", "data.max_frames_per_record=1"]
OTHER = "data.options.seed=5"  # other subjects stand in for another domain


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def trained(folder):
    def train(*settings):
        return RunFolder.open(
            training.train("ecg-rhythm", "quick", [*SETTINGS, *settings], None, folder)["run"]
        )

    return train


@pytest.fixture(scope="module")
def first(trained):
    return trained()


@pytest.fixture(scope="module")
def tuned(trained, first):
    return trained(
        OTHER, "data.share=0.5", f"training.start_from={first.path}", "training.learning_rate=1.0e-9"
    )


@pytest.fixture(scope="module")
def alone(trained):
    return trained(OTHER, "training.learning_rate=1.0e-9", "training.seed=9")


def weights(run):
    variables = load_model(run.keras_model).trainable_variables  # batch statistics follow the data
    return np.concatenate([variable.numpy().ravel() for variable in variables])


def test_training_begins_with_the_weights_of_the_other_run(first, tuned, alone):
    start = tuned.noted()["start"]
    assert start["run"] == first.path.name and start["layers_taken"] > 2 and start["begun_anew"] == []
    assert weights(tuned) == pytest.approx(weights(first), abs=1e-5)
    assert np.abs(weights(alone) - weights(first)).max() > 0.05


def test_a_share_leaves_test_and_calibration_whole(tuned, alone):
    for split in ("train", "validation", "calibration", "test"):
        some, whole = data.load(tuned, split), data.load(alone, split)
        assert set(some.subjects) <= set(whole.subjects)
        ratio = 0.5 if split in ("train", "validation") else 1
        assert len(some.y) == pytest.approx(ratio * len(whole.y), abs=2)
        if ratio == 1:
            assert np.array_equal(some.x, whole.x)


def test_a_training_that_was_cut_goes_on_from_there(trained, first, tuned, capsys):
    expected = weights(tuned)
    tuned.keras_model.unlink()
    again = trained(
        OTHER, "data.share=0.5", f"training.start_from={first.path}", "training.learning_rate=1.0e-9"
    )
    assert "resuming after epoch 1" in capsys.readouterr().err
    assert again == tuned and np.array_equal(weights(tuned), expected)


def test_where_the_first_run_is_another_than_before_training_starts_anew(
    trained, first, alone, folder, capsys
):
    start = RunFolder(shutil.copytree(first.path, folder / "copy"))
    settings = (OTHER, f"training.start_from={start.path}")
    made = trained(*settings)
    before = made.keras_model.stat().st_mtime_ns
    assert trained(*settings).keras_model.stat().st_mtime_ns == before
    shutil.copy(alone.keras_model, start.keras_model)
    assert trained(*settings) == made and made.keras_model.stat().st_mtime_ns != before
    assert "copy is another model than before" in capsys.readouterr().err


def test_a_run_of_another_architecture_is_refused_by_its_layers(trained, first):
    with pytest.raises(InputError) as caught:
        trained("model.params.hidden=[8, 12]", f"training.start_from={first.path}")
    begin, *layers = caught.value.problems
    assert begin.where == str(first.keras_model)
    assert begin.found.startswith(f"{len(layers)} layers that differ; ")
    assert any("(8, 12)" in layer.expected and "(8, 8)" in layer.found for layer in layers)


def test_a_run_to_start_from_that_is_none_is_refused_before_anything_is_written(tmp_path):
    command = ["train", "ecg-rhythm", "--runs", str(tmp_path / "runs"), "--start-from", str(tmp_path / "a b")]
    done = CliRunner().invoke(build_app(), command, standalone_mode=False)
    assert done.return_value == 2
    assert "a b: is not a run folder" in done.stderr and not (tmp_path / "runs").exists()


def test_every_run_on_every_test_set(first, tuned, alone, tmp_path, capsys):
    made = domains.compare([f"A={first.path}", f"half of B={tuned.path}", f"B={alone.path}"], [], tmp_path)
    record = made["domains"]
    assert [(test["name"], test["synthetic"]) for test in record["tests"]] == [
        ("A", True),
        ("half of B", True),
    ]
    assert [run["start_from"] for run in record["runs"]] == ["", str(first.path), ""]
    assert record["runs"][1]["train"] < record["runs"][2]["train"]
    for row, column, run in ((0, 0, first), (1, 1, tuned), (2, 1, alone)):
        score, own = record["runs"][row]["scores"][column], load_json(run.metrics)["task"]
        assert (score["value_float"], score["value_quantized"]) == (
            own["float"]["value"],
            own["int8"]["value"],
        )
    frames = data.load(alone, "test")
    said = load_model(first.keras_model).predict(frames.x, verbose=0).argmax(axis=1)
    right = int((said == frames.y).sum())
    crossed = record["runs"][0]["scores"][1]
    assert crossed["counts_float"] == f"{right} of {len(said)} right"
    assert crossed["value_float"] == pytest.approx(right / len(said))
    assert json.loads((tmp_path / "domains.json").read_text()) == record
    assert "| half of B |" in (tmp_path / "domains.md").read_text()
    assert "A (synthetic), float" in (tmp_path / "domains.svg").read_text()
    page = (tmp_path / "domains.html").read_text()
    assert "the weights of A" in page and "seed 5" in page
    assert page.count('src="data:image/') == 1 and not list(tmp_path.glob("*.png"))  # it has no boxes
    assert "A (synthetic)" in capsys.readouterr().out


def test_a_test_subject_that_was_trained_on_is_refused(first, tuned, trained, tmp_path):
    mixed = trained("data.seed=3")  # the subjects of the first run, split in another way
    with pytest.raises(InputError) as caught:
        domains.compare([f"first={first.path}", f"tuned={tuned.path}"], [f"mixed={mixed.path}"], tmp_path)
    problems = caught.value.problems
    assert [problem.where for problem in problems] == ["first", "tuned"]  # tuned began with the first
    assert all("'mixed'" in problem.what for problem in problems) and not list(tmp_path.iterdir())


def test_runs_that_do_not_suit_each_other_are_refused(first, tuned, trained, tmp_path):
    with pytest.raises(InputError) as caught:
        domains.compare([str(first.path), f"{tmp_path}/none", f"{tuned.path.name}={first.path}",
                         str(tuned.path)], [], tmp_path)  # fmt: skip
    assert ["is not a run folder", f"the name '{tuned.path.name}' is given twice"] == [
        problem.what for problem in caught.value.problems
    ]
    copy = RunFolder(shutil.copytree(first.path, tmp_path / "other"))
    copy.config.write_text(copy.config.read_text().replace("rate_hz: 360.0", "rate_hz: 250.0"))
    with pytest.raises(InputError, match="preproc: is another than that of"):
        domains.compare([str(first.path), str(copy.path)], [], tmp_path)
