"""Any text becomes a name or a comment that cannot break the C around it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.compiler.names import c_string, comment, identifier, require_identifier, unique_identifiers
from edgekit.errors import InputError


@pytest.mark.parametrize(
    "name", ["", "1x", "a-b", "int", "class", "EK_X", "ek_conv", "x" * 64, "ä", "a b", "stdint", "uint8"]
)
def test_a_name_that_c_cannot_have_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="--name"):
        require_identifier(name, "--name")


@pytest.mark.parametrize("name", ["ecg_rhythm", "A1", "kws"])
def test_a_c_identifier_is_accepted(name: str) -> None:
    assert require_identifier(name, "--name") == name


@given(st.text(max_size=80))
def test_any_text_becomes_an_acceptable_identifier(text: str) -> None:
    assert require_identifier(identifier(text), "x")


@given(st.lists(st.text(alphabet="aAbB_/:", max_size=4), max_size=8))
def test_identifiers_differ_by_more_than_case(texts: list[str]) -> None:
    made = unique_identifiers(texts)
    assert len({name.lower() for name in made}) == len(texts)


@given(st.text(alphabet=st.sampled_from("*/\\?\n\r a\u00e9\x00"), max_size=40))
def test_no_text_leaves_a_comment(text: str) -> None:
    body = comment(text)
    assert "*/" not in body and "/*" not in body and "??" not in body and "\\" not in body
    assert re.fullmatch(r"[ -~]*", body)


def test_a_long_name_keeps_its_end() -> None:
    assert comment("a" * 100 + "/expand", 20) == "..." + "a" * 10 + "/expand"


def test_strings_are_escaped_for_c() -> None:
    assert c_string('a"b\\??é\n') == '"a\\"b\\\\\\?\\?\\303\\251\\012"'
