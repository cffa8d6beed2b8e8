"""An embedding, from records to the board's C: distilled, probed, quantised, with two outputs."""

import json

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.files import write_text
from edgekit.manifest import TensorInfo
from edgekit.pipeline import data, train
from edgekit.pipeline.run_folder import RunFolder
from edgekit.recipes.base import REGISTRY as RECIPES
from edgekit.recipes.base import parse
from edgekit.training.tasks import base as tasks
from edgekit.training.tasks import embedding
from tests.hil import toy_model

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.xdist_group("embedding")  # one training for all of them

DATASET = """
import numpy as np
from edgekit.data.base import Dataset, DatasetOptions, Record

class Voices(Dataset):
    title, summary, licence, source, synthetic = "tones", "tones of 24 subjects", "none", "none", True
    Options = DatasetOptions

    def records(self, options, root, classes, skipped):
        for subject in range(24):
            random = np.random.default_rng(subject)
            voice = ("female", "male")[subject % 2]
            pitch = random.uniform(200, 260) if voice == "female" else random.uniform(90, 130)
            for clip in range(14):
                t = np.arange(random.integers(5000, 9000)) / 16000
                kind = "sound" if clip % 4 == 3 else "speech"
                tones = sum(np.sin(2 * np.pi * pitch * k * t) / k for k in range(1, 20))
                wave = 0.05 * (tones if kind == "speech" else random.standard_normal(len(t)))
                tags = {"kind": kind, "file_rate_hz": "16000"}
                if kind == "speech":
                    tags |= {"voice": voice, "speaker": f"s{subject}"}
                yield Record(f"s{subject}", f"{subject}-{clip}", wave.astype(np.float32), 16000.0, kind, tags)

DATASET = Voices()
"""
TEACHER = """
import numpy as np
from edgekit.training.teachers.base import Loaded, Teacher

class Spectrum(Teacher):
    title = "energies of 12 bands, of norm 1"

    def load(self, options):
        def bands(waves):
            power = [np.abs(np.fft.rfft(w, 1024)) for w in waves]
            sums = np.array([[part.sum() for part in np.array_split(p[:200], 12)] for p in power])
            return sums / np.linalg.norm(sums, axis=1, keepdims=True)
        return Loaded("spectrum", "1", 16000.0, 12, bands)

TEACHER = Spectrum()
"""
NETWORK = """
import keras
from keras import layers
from edgekit.models.base import Model, ModelParams

class Params(ModelParams):
    embedding: int = 12

class Tiny(Model):
    title = "two convolutions"
    Params = Params

    def build(self, params, input_shape, classes):
        inputs = keras.Input(input_shape, name="picture")
        x = layers.Conv2D(12, (5, 3), (4, 2), activation="relu", name="one")(inputs)
        x = layers.Conv2D(24, 3, 2, activation="relu", name="two")(x)
        x = layers.Flatten(name="flat")(x)
        x = layers.Dense(params.embedding, name="embedding")(x)
        return keras.Model(inputs, layers.Dense(classes, name="logits")(x), name="tiny")

MODEL = Tiny()
"""
ROWS, BANDS = 32, 24


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("embedding")
    write_text(folder / "voices.py", DATASET)
    write_text(folder / "spectrum.py", TEACHER)
    write_text(folder / "tiny.py", NETWORK)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EDGEKIT_CACHE", str(folder / "cache"))
        yield folder


def recipe(place, **changes):
    tree = RECIPES.get("speech-embedding").model_dump()
    tree["data"] |= {"dataset": str(place / "voices.py"), "options": {}, "copies": 1}
    tree["preproc"]["steps"][3]["bands"] = BANDS
    tree["preproc"]["steps"][5] |= {"samples": ROWS, "hop": ROWS // 2}
    tree["model"] = {"name": str(place / "tiny.py"), "params": {"embedding": 12}}
    tree["training"] |= {"epochs": 6, "batch_size": 32, "learning_rate": 3e-3, "augment": {"loudness": 3}}
    tree["teacher"] = {"name": str(place / "spectrum.py"), "mse": 1, "cosine": 0.5}
    tree["evaluation"] |= {"probes": ["voice", "same-speaker", "language"], "probe_seconds": 0.335}
    tree |= {"compress": [], "presets": {}}
    for key, value in changes.items():
        tree[key] = {**tree[key], **value}
    return parse(tree, "test")


@pytest.fixture(scope="module")
def run(place):
    made = RunFolder.create(recipe(place), place / "runs")
    data.prepare(made)
    train.fit(made)
    return made


def test_probes_are_of_test_subjects_with_their_truth_and_the_teacher(run):
    splits = data.examples(run)
    probes, test = splits("probes"), splits("test")
    tags = {name: probes.extras[f"tag/{name}"] for name in ("probe", "truth", "group", "trial", "fold")}
    assert set(tags["probe"]) == {"voice", "same-speaker"}  # all are of one language
    assert set(tags["group"]) <= set(test.extras["subject"])
    assert set(tags["truth"][tags["probe"] == "voice"]) == {"female", "male"}
    pairs = tags["probe"] == "same-speaker"
    assert np.unique(tags["trial"][pairs], return_counts=True)[1].tolist() == [2] * (pairs.sum() // 2)
    assert probes.x.shape[1:] == test.x.shape[1:] == (ROWS, BANDS, 1)
    assert probes.extras["teacher"].shape == (len(probes.x), 12)
    for name in ("train", "validation", "calibration"):
        assert not set(splits(name).extras["subject"]) & set(tags["group"])


def test_copies_are_of_training_records_alone_and_the_teacher_heard_them(run):
    train = data.examples(run)("train")
    names = train.extras["record"]
    copied = np.char.endswith(names, "#0")
    assert {name.removesuffix("#0") for name in names[copied]} == set(names[~copied])
    targets = train.extras["teacher"]
    own, copy = (
        dict(zip(np.char.replace(names[part], "#0", ""), targets[part], strict=True))
        for part in (~copied, copied)
    )
    assert min(np.linalg.norm(own[name] - copy[name]) for name in own) > 1e-3
    for split in ("validation", "calibration", "test", "probes"):
        assert not np.char.endswith(data.examples(run)(split).extras["record"], "#0").any()


def test_the_student_comes_near_the_teacher_and_the_probe_works(run):
    from edgekit.training.evaluate import predict_float
    from edgekit.training.runtime import load_model

    rows = (run.path / "history.csv").read_text().splitlines()
    nearness = [float(row.split(",")[rows[0].split(",").index("val_cosine")]) for row in rows[1:]]
    assert nearness[-1] > 0.9 and nearness[-1] > nearness[0]
    model = load_model(run.keras_model)
    test = data.examples(run)("test")
    found = predict_float(model, test.x)
    assert (found["logits"].argmax(axis=1) == test.y).mean() > 0.9
    layer = model.get_layer("logits")
    np.testing.assert_allclose(
        found["logits"], found["embedding"] @ layer.kernel.numpy() + layer.bias.numpy(), atol=1e-4
    )


def test_scores_stand_beside_the_teachers(run):
    from edgekit.training.evaluate import predict_float
    from edgekit.training.runtime import load_model

    settings, model = run.recipe, load_model(run.keras_model)
    splits = data.examples(run)
    score = tasks.of(settings).score(settings, lambda x: predict_float(model, x), splits)
    rows = {row["task"]: row for row in score.rows}
    assert list(rows)[:2] == ["same-speaker", "voice"] and rows["voice"]["counts"] == "yes"
    assert rows["voice"]["speakers"] == len(set(splits("test").extras["subject"]))
    (mean,) = (row for name, row in rows.items() if "mean" in name)
    assert mean["student"] == pytest.approx(score.value, abs=1e-4) and score.value > 0.7
    same = tasks.of(settings).score(
        settings, lambda x: {"embedding": splits("probes").extras["teacher"]}, splits
    )
    assert all(row["student"] == row["teacher"] for row in same.rows)


def test_a_task_with_too_few_speakers_is_left_out_and_told(run, capsys):
    trials = data.examples(run)("probes")
    voice = trials.extras["tag/probe"] == "voice"
    group = np.where(voice, "of one", trials.extras["tag/group"])
    few = trials._replace(extras={**trials.extras, "tag/group": group})
    score = tasks.of(run.recipe).score(
        run.recipe, lambda x: {"embedding": trials.extras["teacher"] + 1e-3}, lambda name: few
    )
    assert {row["task"] for row in score.rows} >= {"same-speaker"}
    assert "voice" not in {row["task"] for row in score.rows}
    assert "voice is left out: has too few groups (1)" in "".join(capsys.readouterr())


def test_a_training_that_was_cut_goes_on_with_the_frames_that_are_there(place, run, monkeypatch, capsys):
    from edgekit.pipeline.framing import _Framing
    from edgekit.training.fit import _Run

    cut = RunFolder.create(recipe(place), place / "cut")
    save = _Run._save

    def killed(self):
        save(self)
        if len(self.history) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(_Run, "_save", killed)
        data.prepare(cut)
        train.fit(cut)
    assert not cut.keras_model.exists()
    monkeypatch.setattr(_Framing, "add", lambda self, record: pytest.fail("prepared again"))
    again = RunFolder.create(recipe(place), place / "cut")
    data.prepare(again)
    capsys.readouterr()
    train.fit(again)
    assert "resuming after epoch 2 of 6" in "".join(capsys.readouterr())
    assert (again.path / "history.csv").read_bytes() == (run.path / "history.csv").read_bytes()


def test_data_that_allow_no_probe_are_named(run):
    settings = run.recipe
    bare = data.examples(run)("test")._replace(extras={})
    with pytest.raises(InputError, match="allows none of the probes"):
        tasks.of(settings).score(settings, lambda x: {}, lambda name: bare)


@pytest.mark.slow
def test_int8_and_export_keep_both_outputs(run):
    from edgekit.pipeline import compress, evaluate
    from edgekit.pipeline.export import export
    from edgekit.pipeline.validate import Source, validate
    from edgekit.report import terminal

    compress.quantize(run, enforce=False)
    evaluate.evaluate(run)
    measured = json.loads(run.metrics.read_text())["task"]
    assert measured["metric"] == "probe accuracy" and len(measured["int8"]["rows"]) == 3
    export(run.path, "host", run.export("host"))
    (record,) = validate(run.export("host"), ["host"], Source())
    assert (record.status, record.mismatched_elements) == ("held", 0)
    assert record.task.metric == "accuracy" and record.task.value > 0.8
    figures = {one.metric: one for one in record.task.more}
    assert list(figures) == ["cosine to the float network", "cosine to the teacher"]
    assert all(one.value == one.pc_value for one in figures.values())
    assert figures["cosine to the float network"].value > 0.99
    assert 0.9 < figures["cosine to the teacher"].value < 0.999
    assert any("cosine to the teacher 0.9" in line for line in terminal.details([record]))
    header = (run.export("host") / "src" / "speech_embedding.h").read_text()
    assert "speech_embedding_output_embedding" in header and "speech_embedding_output_logits" in header


def test_an_answered_embedding_is_compared_with_the_float_networks_and_the_teachers():
    tensor = TensorInfo(name="embedding", dtype="int8", shape=[1, 3], scale=0.5, zero_point=1)
    exported = toy_model.manifest().model_copy(update={"labels": [], "outputs": [tensor]})
    answers = {"embedding": np.array([[3, 1, 5], [1, 5, 1]], np.int8)}  # [1, 0, 2], [0, 2, 0]
    own, teacher = np.array([[1, 0, 2], [0, 4, 0]]), np.array([[0, 1], [0, 1]])
    targets = np.concatenate([own, teacher], axis=1).astype(np.float32)
    found = embedding.TASK.measure(exported, None, targets, answers)
    assert found is not None and (found.metric, found.value) == ("cosine to the float network", 1.0)
    assert found.more == {"cosine to the teacher": 0.5}  # of the first two values
    alone = embedding.TASK.measure(exported, None, targets[:, :3], answers)
    assert alone is not None and (alone.value, alone.more) == (1.0, {})
    assert embedding.TASK.measure(exported, None, targets[:, :2], answers) is None


def test_a_smaller_embedding_follows_the_teachers_principal_directions():
    rng = np.random.default_rng(0)
    targets = (rng.standard_normal((200, 3)) @ rng.standard_normal((3, 10))).astype(np.float32)
    basis = embedding.principal(targets, 3)
    np.testing.assert_allclose(basis.T @ basis, np.eye(3), atol=1e-6)
    np.testing.assert_allclose((targets @ basis) @ basis.T, targets, atol=1e-4)
    np.testing.assert_array_equal(embedding.principal(targets, 10), np.eye(10))
    with pytest.raises(InputError, match="larger than what the teacher gives"):
        embedding.principal(targets, 11)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"teacher": {"name": ""}}, r"teacher.name: is needed"),
        ({"teacher": {"mse": 0, "cosine": 0}}, "nothing would be learnt"),
    ],
)
def test_recipes_that_cannot_work_are_refused(place, change, message):
    with pytest.raises(InputError, match=message):
        tasks.of(recipe(place, **change))


def test_a_network_without_an_embedding_is_refused(place):
    plain = recipe(place, model={"name": "ds-cnn", "params": {}})
    with pytest.raises(InputError, match="ds-cnn has no layer 'embedding'"):
        tasks.of(plain).build(plain, (49, 10, 1))
