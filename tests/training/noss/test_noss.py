"""Tasks on speech, on generated voices: a hum with the pitch and the formant of its speaker."""

import json

import numpy as np
import pytest

from edgekit.data.base import Record
from edgekit.errors import InputError
from edgekit.training.noss import evaluate
from edgekit.training.noss.base import LEVEL, REGISTRY, cut
from edgekit.training.noss.evaluate import noss

pytest.importorskip("sklearn")
pytest.importorskip("soxr")
RATE = 16000.0
LANGUAGES = ["da", "fr", "ru", "it", "es", "nl", "de", "sv", "fi", "cs", "uk", "lt"]


def voice(pitch: float, formant: float, seed: int, seconds: float = 0.5) -> np.ndarray:
    t = np.arange(int(seconds * RATE)) / RATE
    partials = pitch * np.arange(1, int(6000 / pitch))
    gains = np.exp(-((partials - formant) ** 2) / 8e5) + 0.02
    wobble = 1 + 0.01 * np.sin(2 * np.pi * (3 + seed % 5) * t)
    return (0.05 * gains @ np.sin(2 * np.pi * np.outer(partials, t) * wobble)).astype(np.float32)


@pytest.fixture(scope="module")
def records() -> list[Record]:
    made = []
    for index, language in enumerate(LANGUAGES):
        female = index % 2 == 0
        for clip in range(24):
            letter = clip % 2 == 0
            sound = voice(90 + 7 * index + 110 * female, 600 + 140 * index + 1500 * letter, clip + 50 * index)
            tags = {"kind": "speech", "speaker": f"klettres-{language}", "language": LANGUAGES[index % 3]}
            tags |= {"unit": "letter" if letter else "syllable", "voice": "female" if female else "male"}
            tags |= {"file_rate_hz": "44100", "source": "klettres"}
            made.append(Record(f"volunteers-{language}", f"{language}/{clip}", sound, RATE, "speech", tags))
    random = np.random.default_rng(0)
    for index in range(24):
        sound = (0.1 * random.standard_normal(6000)).astype(np.float32)
        tags = {"kind": "sound", "source": "tuxpaint"}
        made.append(Record(f"tuxpaint-sound-{index % 6}", f"sound/{index}", sound, RATE, "sound", tags))
    return made


def spectrum(waves: np.ndarray) -> np.ndarray:
    """A plain embedding: log energy in 40 bands."""
    power = np.abs(np.fft.rfft(waves, axis=1)) ** 2
    edges = np.linspace(0, power.shape[1], 41).astype(int)
    return np.log(np.add.reduceat(power, edges[:-1], axis=1) + 1e-3)


def test_every_task_gives_sound_trials(records) -> None:
    for key in REGISTRY.keys():
        task = REGISTRY.get(key)
        trials = task.trials(records, 0.4, 1)
        assert trials.waves.shape[1] == 6400
        assert trials.waves.dtype == np.float32
        assert np.abs(trials.waves).max() <= 1
        assert (
            len(trials.labels)
            == len(trials.groups)
            == len(trials.pairs if trials.pairs is not None else trials.waves)
        )
        np.testing.assert_array_equal(task.trials(records, 0.4, 1).waves, trials.waves)
        assert task.title and task.truth


def test_the_clip_is_its_loudest_part_at_one_level() -> None:
    signal = np.concatenate([np.zeros(5000), 0.3 * np.cos(np.arange(4000)), np.zeros(5000)]).astype(
        np.float32
    )
    record = Record("a", "a", signal, RATE, "speech")
    wave = cut(record, 0.25)
    assert np.abs(wave[[0, -1]]).min() > 0
    assert np.sqrt(np.mean(wave**2)) == pytest.approx(LEVEL, rel=1e-3)
    short = cut(Record("a", "a", signal[5000:6000], RATE, "speech"), 0.25)
    assert not short[1000:].any()


def test_a_degraded_clip_is_heard_in_one_condition_alone(records) -> None:
    trials = REGISTRY.get("noise").trials(records, 0.4, 0)
    assert set(trials.labels) == {"as recorded", "15 dB", "5 dB"}
    per_subject = [
        np.unique(trials.labels[trials.groups == who], return_counts=True)[1] for who in set(trials.groups)
    ]
    assert all((counts == 8).all() for counts in per_subject)
    narrow = [r for r in records if r.tags["kind"] == "sound"]
    with pytest.raises(InputError, match="no recordings of two classes"):
        REGISTRY.get("bandwidth").trials(narrow, 0.4, 0)


@pytest.mark.parametrize(
    ("key", "condition"), [("bandwidth", "telephone"), ("reverberation", "0.8 s"), ("speed", "1.33")]
)
def test_a_degradation_does_what_it_says(key, condition) -> None:
    task = REGISTRY.get(key)
    random = np.random.default_rng(0)
    if key == "bandwidth":
        made = task.degrade(random.standard_normal(16000), RATE, condition, random)
        power = np.abs(np.fft.rfft(made)) ** 2
        assert power[:150].sum() + power[5000:].sum() < 0.01 * power.sum()
    elif key == "reverberation":
        click = np.zeros(16000)
        click[0] = 1
        made = task.degrade(click, RATE, condition, random)
        early, late = (made[1:1600] ** 2).sum(), (made[6400:8000] ** 2).sum()
        assert 10 * np.log10(early / late) == pytest.approx(30, abs=2)  # 0.4 of 0.8 s later
    else:
        made = task.degrade(np.sin(2 * np.pi * 300 * np.arange(16000) / RATE), RATE, condition, random)
        assert len(made) == 16000
        assert np.argmax(np.abs(np.fft.rfft(made[:8000]))) == pytest.approx(200, abs=2)


def test_pairs_stay_in_their_fold_and_other_pairs_are_of_two_subjects(records) -> None:
    trials = REGISTRY.get("same-speaker").trials(records, 0.4, 0)
    clips = [r for r in records if r.tags["kind"] == "speech"]
    subjects = np.array([r.subject for r in clips])
    same = subjects[trials.pairs[:, 0]] == subjects[trials.pairs[:, 1]]
    np.testing.assert_array_equal(same, trials.labels == "same")
    assert same.mean() == 0.5
    assert (trials.pairs[:, 0] != trials.pairs[:, 1]).all()
    for fold in range(4):
        inside = set(subjects[trials.pairs[trials.folds == fold]].ravel())
        outside = set(subjects[trials.pairs[trials.folds != fold]].ravel())
        assert not inside & outside


def test_the_table_counts_what_the_reference_can_tell(records) -> None:
    embeddings = {"teacher": spectrum, "deaf": lambda waves: waves[:, :8]}
    found = noss(embeddings, records, "teacher", ["kind", "voice", "language"], seconds=0.4)
    assert [row.task for row in found.rows] == ["kind", "voice", "language"]
    assert [row.counts for row in found.rows[:2]] == [True, True]
    assert found.mean("teacher") > 0.8 > found.mean("deaf")
    assert "| Female or male voice | 12 | 288 | 0.500 |" in found.markdown()
    assert json.loads(json.dumps(found.to_dict()))["tasks"][0]["probes"]["teacher"]["beats_chance"] is True


def test_tasks_that_the_records_do_not_allow_are_named(records) -> None:
    only = [r for r in records if r.subject == "volunteers-da"]
    found = noss({"teacher": spectrum}, only, "teacher", ["voice", "same-speaker"], seconds=0.4)
    assert not found.rows
    assert [problem.where for problem in found.skipped] == ["voice", "same-speaker"]
    assert np.isnan(found.mean("teacher"))
    assert found.to_dict()["mean"] == {}
    with pytest.raises(InputError, match="no such embedding"):
        noss({"student": spectrum}, only, "teacher")
    assert evaluate.Noss([], [], "teacher").markdown().count("\n") == 3
