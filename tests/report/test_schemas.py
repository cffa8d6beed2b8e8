"""The JSON Schemas in docs/schemas are those of the code, and describe what is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edgekit.report.schemas import MODELS, render
from tests.report.example import hil_record

DOCS = Path(__file__).resolve().parents[2] / "docs" / "schemas"


@pytest.mark.parametrize("name", MODELS)
def test_the_committed_schema_is_current(name: str) -> None:
    committed = json.loads((DOCS / name).read_text(encoding="utf-8"))
    assert committed == json.loads(render(MODELS[name])), "python -m edgekit.report.schemas docs/schemas"


def test_the_schema_requires_every_key_and_allows_more() -> None:
    schema = json.loads(render(MODELS["edgekit.hil.1.json"]))
    assert set(schema["required"]) == set(hil_record().to_json())
    assert "additionalProperties" not in _keys(schema, below={"placement"})


def _keys(tree: Any, below: set[str]) -> set[str]:
    """All keys of a tree, leaving out what lies beneath some of them."""
    if isinstance(tree, dict):
        return {k for key, value in tree.items() if key not in below for k in {key, *_keys(value, below)}}
    return {k for value in tree for k in _keys(value, below)} if isinstance(tree, list) else set()
