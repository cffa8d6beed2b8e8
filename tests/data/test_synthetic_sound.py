"""Synthetic voices and noises: tagged, repeatable, of the pitch that they should have."""

import numpy as np
import pytest

from edgekit.data.base import REGISTRY

DATASET = REGISTRY.get("synthetic-sound")


def records(classes=("speech", "sound"), **options):
    given = {"voices": 4, "things": 3, "max_clips": 3, **options}
    return list(DATASET.records(DATASET.parse(given), None, classes, []))


def test_voices_and_things_are_tagged_and_sound():
    made = records()
    assert len(made) == 7 * 3 and len({r.name for r in made}) == 21 and DATASET.synthetic
    assert {r.label for r in made} == {"speech", "sound"}
    assert {r.tags.get("voice") for r in made} == {"female", "male", None}
    for record in made:
        assert record.signal.dtype == np.float32 and np.abs(record.signal).max() <= 1
        assert 0.8 <= len(record.signal) / record.rate_hz <= 2.2 and record.signal.std() > 0.005


def test_the_same_options_give_the_same_records_and_another_seed_others():
    one, again, other = records(), records(), records(seed=1)
    assert all(np.array_equal(a.signal, b.signal) for a, b in zip(one, again, strict=True))
    assert not np.array_equal(one[0].signal[:8000], other[0].signal[:8000])


def test_wanted_labels_alone_come():
    assert {r.label for r in records(("female", "male"), label="voice")} == {"female", "male"}
    assert {r.label for r in records(("sound",))} == {"sound"}


def test_men_speak_lower_than_women():
    librosa = pytest.importorskip("librosa")
    found = {"female": [], "male": []}
    for record in records(things=0, max_clips=1):
        pitch = librosa.yin(record.signal, fmin=70, fmax=320, sr=16000, frame_length=1024)
        found[record.tags["voice"]].append(float(np.median(pitch)))
    assert max(found["male"]) < min(found["female"])
