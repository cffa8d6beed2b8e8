from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.data.split import assign, labels_by_subject, thinned
from edgekit.errors import InputError

SHARES = {"train": 0.6, "validation": 0.15, "calibration": 0.1, "test": 0.15}
SUBJECTS = {f"s{i:04d}": ["SR", "SBRAD", "AFIB", "GSVT"][i % 4] for i in range(800)}


def test_each_class_is_split_in_the_stated_shares():
    split = assign(SUBJECTS, SHARES)
    for label in set(SUBJECTS.values()):
        counts = Counter(split[subject] for subject, found in SUBJECTS.items() if found == label)
        assert counts == {"train": 120, "validation": 30, "calibration": 20, "test": 30}


def test_the_same_seed_gives_the_same_split_whatever_the_order():
    assert assign(SUBJECTS, SHARES, 3) == assign(dict(reversed(SUBJECTS.items())), SHARES, 3)
    assert assign(SUBJECTS, SHARES, 3) != assign(SUBJECTS, SHARES, 4)


def test_other_classes_have_no_influence():
    alone = {subject: label for subject, label in SUBJECTS.items() if label == "SR"}
    whole = assign(SUBJECTS, SHARES)
    assert assign(alone, SHARES) == {subject: whole[subject] for subject in alone}


def test_the_split_does_not_change_from_machine_to_machine():
    assert assign({f"s{i}": "SR" for i in range(6)}, {"train": 2, "test": 1}) == {
        "s0": "train",
        "s1": "train",
        "s2": "test",
        "s3": "test",
        "s4": "train",
        "s5": "train",
    }


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.text(max_size=5), st.sampled_from("ABC"), max_size=60),
    st.dictionaries(st.sampled_from("pqrst"), st.floats(0.01, 10), min_size=1),
    st.integers(0, 1000),
)
def test_every_subject_is_in_one_split_and_no_split_starves(subjects, shares, seed):
    split = assign(subjects, shares, seed)
    assert split.keys() == subjects.keys()
    for label, total in Counter(subjects.values()).items():
        counts = Counter(split[subject] for subject in subjects if subjects[subject] == label)
        assert counts.keys() <= shares.keys()
        assert len(counts) == min(total, len(shares)) or total < len(shares)


@pytest.mark.parametrize("shares", [{}, {"train": 0.0, "test": -1}, {"train": float("nan")}])
def test_shares_that_make_no_sense_are_refused(shares):
    with pytest.raises(InputError):
        assign(SUBJECTS, shares)


def test_all_wrong_shares_are_named_at_once():
    with pytest.raises(InputError) as error:
        assign(SUBJECTS, {"train": 0.0, "validation": 0.5, "test": -1.0})
    assert [problem.where for problem in error.value.problems] == ["splits.train", "splits.test"]


def test_a_subject_counts_under_its_most_frequent_label():
    pairs = [("a", "SR"), ("a", "AFIB"), ("a", "AFIB"), ("b", "SR"), ("b", "AFIB")]
    assert labels_by_subject(pairs) == {"a": "AFIB", "b": "AFIB"}


def test_a_share_thins_training_and_validation_alone():
    whole = assign(SUBJECTS, SHARES)
    some = thinned(whole, SUBJECTS, 0.1)
    assert some.items() <= thinned(whole, SUBJECTS, 0.25).items() <= whole.items()
    for label in set(SUBJECTS.values()):
        counts = Counter(split for subject, split in some.items() if SUBJECTS[subject] == label)
        assert counts == {"train": 12, "validation": 3, "calibration": 20, "test": 30}
    assert thinned(whole, SUBJECTS, 1.0) == whole
    assert {SUBJECTS[subject] for subject in thinned(whole, SUBJECTS, 1e-6)} == set(SUBJECTS.values())
