"""Rhythm names and classes."""

import pytest

from edgekit.data.base import REGISTRY
from edgekit.data.rhythms import RhythmOptions, strongest
from edgekit.errors import InputError


def test_the_strongest_statement_decides() -> None:
    assert strongest({"SR", "SBRAD"}) == "SBRAD"
    assert strongest({"SR", "STACH"}) == "STACH"
    assert strongest({"STACH", "AFIB"}) == "AFIB"
    assert strongest({"AFIB", "AFL"}) == "AFIB"
    assert strongest(set()) == ""


def test_the_default_merge_is_that_of_the_four_classes() -> None:
    options = RhythmOptions()
    assert [options.class_of(name) for name in ("SR", "SBRAD", "AFIB", "AFL", "STACH", "SVT", "VT")] == [
        "SR", "SBRAD", "AFIB", "AFIB", "GSVT", "GSVT", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("merge", "said"),
    [
        ({"AF": ["AFIBB"]}, "unknown rhythm 'AFIBB': did you mean 'AFIB'?"),
        ({"AF": ["AFIB"], "X": ["AFIB"]}, "rhythm 'AFIB' is in more than one class"),
    ],
)
def test_a_wrong_merge_is_refused(merge, said) -> None:
    with pytest.raises(InputError) as raised:
        REGISTRY.get("lsad").parse({"merge": merge})
    assert said in str(raised.value)
