"""Mean average precision on cases that are known by hand."""

import numpy as np
import pytest

from edgekit.training.detection.boxes import padded
from edgekit.training.detection.score import Detections, evaluate

pytest.importorskip("pycocotools")

A, B, C = [0, 0, 10, 10], [20, 20, 60, 60], [30, 0, 50, 20]


def said(*rows):
    """Returns the detections of (corners, label, score)."""
    return Detections(
        np.array([row[0] for row in rows], np.float32).reshape(-1, 4),
        np.array([row[1] for row in rows], np.int64),
        np.array([row[2] for row in rows], np.float32),
    )


TRUTH = padded([[[*A, 0, 0], [*B, 1, 0]], [[*C, 0, 0]]])


def test_the_truth_is_perfect():
    found = evaluate(TRUTH, [said((A, 0, 0.9), (B, 1, 0.8)), said((C, 0, 0.7))], 2, 0.5)
    assert (found.map50, found.map) == pytest.approx((1, 1))
    assert [part["objects"] for part in found.by_class] == [2, 1]
    assert {name: part["objects"] for name, part in found.by_size.items()} == {
        "small": 1, "medium": 1, "large": 1,
    }  # fmt: skip


def test_half_found_and_one_too_many():
    wrong = [70, 70, 80, 80]
    found = evaluate(TRUTH, [said((A, 0, 0.9), (wrong, 0, 0.6), (B, 1, 0.4)), said()], 2, 0.5)
    assert found.by_class[0]["AP50"] == pytest.approx(51 / 101)  # recalls 0 to 0.5 of 101 points
    assert found.by_class[0]["precision"] == 0.5 and found.by_class[0]["recall"] == 0.5
    assert found.by_class[1]["precision"] is None and found.by_class[1]["recall"] == 0  # below the threshold
    assert [(part["right"], part["wrong"]) for part in found.by_class] == [(1, 1), (0, 0)]
    assert found.map50 == pytest.approx((51 / 101 + 1) / 2)


def test_a_box_beside_its_object_counts_at_low_overlaps_alone():
    near = [0, 0, 10, 14]  # shares 10 / 14
    found = evaluate(padded([[[*A, 0, 0]]]), [said((near, 0, 0.9))], 1, 0.5)
    assert (found.map50, found.map) == pytest.approx((1, 0.5))


def test_a_region_to_ignore_costs_nothing():
    truth = padded([[[*A, 0, 0], [*B, -1, 1]]])
    found = evaluate(truth, [said((A, 0, 0.5), ([25, 25, 40, 40], 0, 0.9))], 1, 0.3)
    assert (found.map50, found.by_class[0]["precision"]) == pytest.approx((1, 1))


def test_silence_and_empty_pictures_are_worth_nothing():
    assert evaluate(TRUTH, [said(), said()], 2, 0.5).map50 == 0
    nothing = evaluate(padded([[], []]), [said((A, 0, 0.9)), said()], 2, 0.5)
    assert nothing.map50 == 0 and nothing.by_class[0]["AP50"] is None
    assert nothing.by_class[0]["precision"] == 0


def test_no_more_boxes_count_as_named_than_the_deployed_system_names():
    truth = padded([[[*A, 0, 0], [*C, 0, 0]]])
    found = [said((A, 0, 0.9), (C, 0, 0.8))]
    assert evaluate(truth, found, 1, 0.5).by_class[0]["recall"] == 1
    part = evaluate(truth, found, 1, 0.5, most=1).by_class[0]
    assert (part["recall"], part["right"], part["AP50"]) == (0.5, 1, 1)
