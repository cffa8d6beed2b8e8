"""Records become frames: short ones too where asked, with their tags and with what a teacher says."""

import numpy as np
import pytest

from edgekit.data.base import Record
from edgekit.errors import InputError
from edgekit.pipeline import framing
from edgekit.preproc.chain import Chain
from edgekit.recipes.base import REGISTRY as RECIPES
from edgekit.recipes.base import parse

RATE = 100.0
STEPS = [{"step": "frame", "samples": 40, "hop": 20}]
TEACHER = """
import numpy as np
from edgekit.training.teachers.base import Loaded, Teacher

class Ends(Teacher):
    title = "first and last sample, and their number"
    def load(self, options):
        return Loaded("ends", "1", 100.0, 3, lambda waves: np.array([[w[0], w[-1], len(w)] for w in waves]))

TEACHER = Ends()
"""


@pytest.fixture
def ends(tmp_path, monkeypatch):
    monkeypatch.setenv("EDGEKIT_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "ends.py"
    path.write_text(TEACHER)
    return str(path)


def recipe(**changes):
    tree = RECIPES.get("ecg-rhythm").model_dump()
    tree["preproc"] = {"rate_hz": RATE, "steps": STEPS}
    tree["classes"] = ["a", "b"]
    for key, value in changes.items():
        tree[key] = {**tree[key], **value}
    return parse(tree, "test")


def record(samples, label="a", rate=RATE, **tags):
    signal = np.arange(samples, dtype=np.float32)
    return Record("s", f"r{samples}", signal, rate, label, tags)


def test_short_records_are_left_out_or_lengthened_by_zeros():
    records = [record(30), record(40), record(100)]
    assert framing.frames_of(records, recipe()).extras["record"].tolist() == ["r40"] + ["r100"] * 4
    padded = framing.frames_of(records, recipe(data={"pad": True}))
    assert padded.extras["record"].tolist() == ["r30", "r40"] + ["r100"] * 4
    np.testing.assert_array_equal(padded.x[0, :, 0], [*range(30), *[0] * 10])


def test_tags_come_along_and_absent_ones_are_empty():
    records = [record(40, voice="low"), record(41, "b"), record(42, language="fr")]
    made = framing.frames_of(records, recipe())
    assert made.y.tolist() == [0, 1, 0]
    assert made.extras["tag/voice"].tolist() == ["low", "", ""]
    assert made.take(np.array([2])).extras["tag/language"].tolist() == ["fr"]


@pytest.mark.parametrize(
    ("hears", "expected"),
    [
        ("frame", [[0, 0, 40], [0, 39, 40], [40, 79, 40]]),
        ("record", [[0, 29, 30], [0, 99, 100], [0, 99, 100]]),
    ],
)
def test_a_teacher_hears_the_frame_or_the_record(ends, hears, expected):
    settings = recipe(data={"pad": True, "max_frames_per_record": 2}, teacher={"name": ends, "hears": hears})
    made = framing.frames_of([record(30), record(100)], settings)
    assert made.extras["teacher"].tolist() == expected
    assert made.extras["teacher"].dtype == np.float32


def test_a_teacher_of_another_rate_is_refused(ends):
    settings = recipe(teacher={"name": ends})
    with pytest.raises(InputError, match=r"100 Hz[\s\S]*200 Hz in 'r400'[\s\S]*data.options.rate_hz=100"):
        framing.frames_of([record(400, rate=200.0)], settings)


def test_many_lengths_do_not_pile_up(monkeypatch):
    monkeypatch.setattr(framing, "_WAITING", 100)
    records = [record(40 + i) for i in range(7)]
    made = framing.frames_of(records, recipe())
    assert sorted(made.extras["record"].tolist()) == sorted(r.name for r in records)


@pytest.mark.parametrize(
    ("steps", "samples"),
    [
        (STEPS, 40),
        ([{"step": "window", "samples": 25, "hop": 10}, {"step": "frame", "samples": 8, "hop": 4}], 95),
    ],
)
def test_the_samples_of_a_first_frame_are_found(steps, samples):
    assert framing.first_frame(Chain.design(steps, RATE)) == samples


def test_frames_join_and_lacking_tags_are_empty():
    first = framing.frames_of([record(40, voice="low")], recipe())
    second = framing.frames_of([record(41, "b", language="fr")], recipe())
    made = first.joined(second)
    assert made.y.tolist() == [0, 1] and made.x.shape == (2, 40, 1)
    assert made.extras["tag/voice"].tolist() == ["low", ""]
    assert made.extras["tag/language"].tolist() == ["", "fr"]
