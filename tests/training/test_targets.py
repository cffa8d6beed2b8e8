"""Targets are computed once per content, survive a kill, a full disk and a damaged file."""

import sqlite3

import numpy as np
import pytest

from edgekit.errors import EnvironmentFailed
from edgekit.training import targets
from edgekit.training.targets import Targets


class Teacher:
    """Sums and lengths; counts what it is asked, and may fail at its n-th batch."""

    def __init__(self, fail_at=0):
        self.batches, self.fail_at = [], fail_at

    def __call__(self, inputs):
        if len(self.batches) + 1 == self.fail_at:
            raise KeyboardInterrupt
        self.batches.append(len(inputs))
        return np.array([[one.sum(), len(one)] for one in inputs], np.float32)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(targets, "BATCH", 4)


def waves(n, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(rng.integers(1, 9)).astype(np.float32) for _ in range(n)]


def expected(inputs):
    return np.array([[one.sum(), len(one)] for one in inputs], np.float32)


def test_targets_come_in_order_and_each_content_is_computed_once(tmp_path):
    teacher, inputs = Teacher(), waves(10)
    made = Targets("t", "1", 2, teacher, tmp_path)
    made.add([*inputs, inputs[3]])
    made.add(inputs[:2])
    np.testing.assert_array_equal(made.all(), expected([*inputs, inputs[3], *inputs[:2]]))
    assert teacher.batches == [4, 4, 2] and made.computed == 10


def test_a_second_run_computes_nothing(tmp_path):
    Targets("t", "1", 2, Teacher(), tmp_path).add(waves(8))
    teacher = Teacher()
    again = Targets("t", "1", 2, teacher, tmp_path)
    again.add(waves(8))
    np.testing.assert_array_equal(again.all(), expected(waves(8)))
    assert teacher.batches == []


def test_another_teacher_or_version_or_shape_shares_nothing(tmp_path):
    inputs = [np.arange(4, dtype=np.float32)]
    for name, digest in (("t", "1"), ("t", "2"), ("u", "1")):
        teacher = Teacher()
        made = Targets(name, digest, 2, teacher, tmp_path)
        made.add(inputs)
        made.all()
        assert teacher.batches == [1]
    made.add([inputs[0].reshape(2, 2)])
    assert made.all()[1].tolist() == [6, 2]


def test_a_killed_run_goes_on_where_it_was(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        Targets("t", "1", 2, Teacher(fail_at=3), tmp_path).add(waves(20))
    teacher = Teacher()
    again = Targets("t", "1", 2, teacher, tmp_path)
    again.add(waves(20))
    np.testing.assert_array_equal(again.all(), expected(waves(20)))
    assert sum(teacher.batches) == 12


def test_a_full_disk_is_named_and_costs_one_batch(tmp_path, monkeypatch):
    made = Targets("t", "1", 2, Teacher(), tmp_path)
    made.add(waves(4))
    plain = Targets._open

    def tight(self):
        database = plain(self)
        pages = database.execute("PRAGMA page_count").fetchone()[0]
        database.execute(f"PRAGMA max_page_count={pages}")
        return database

    monkeypatch.setattr(Targets, "_open", tight)
    with pytest.raises(EnvironmentFailed, match=r"disk is full[\s\S]*what was computed is kept"):
        made.add(waves(600, seed=1))
    monkeypatch.undo()
    monkeypatch.setattr(targets, "BATCH", 4)
    teacher = Teacher()
    again = Targets("t", "1", 2, teacher, tmp_path)
    again.add([*waves(4), *waves(600, seed=1)])
    np.testing.assert_array_equal(again.all(), expected([*waves(4), *waves(600, seed=1)]))
    assert 0 < sum(teacher.batches) < 600


def test_a_damaged_cache_says_what_to_delete(tmp_path):
    made = Targets("t", "1", 2, Teacher(), tmp_path)
    made.add(waves(4))
    with sqlite3.connect(made.path) as database:
        database.execute("UPDATE targets SET value = x'00'")
    with pytest.raises(EnvironmentFailed, match=r"is damaged: a target has 1 bytes[\s\S]*delete it"):
        made.all()
    made.path.write_bytes(b"something else entirely" * 50)
    with pytest.raises(EnvironmentFailed, match=r"is damaged: file is not a database[\s\S]*delete it"):
        Targets("t", "1", 2, Teacher(), tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFailed, match="cannot be used"):
        Targets("t", "1", 2, Teacher(), tmp_path / "file" / "cache")


def test_the_cache_lies_where_the_user_says(tmp_path, monkeypatch):
    monkeypatch.setenv("EDGEKIT_CACHE", str(tmp_path))
    assert Targets("t", "1", 2, Teacher()).path.parent == tmp_path / "targets"
