"""The page of operators is what the operators say of themselves."""

from __future__ import annotations

from pathlib import Path

from edgekit.compiler import opdocs
from edgekit.compiler.ops.base import operators

PAGE = Path(__file__).parents[2] / "docs" / "operators.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == opdocs.markdown(), (
        "write it again: edgekit ops --markdown docs/operators.md"
    )


def test_every_operator_has_its_row() -> None:
    rows = [line for line in opdocs.markdown().splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == list(operators().listed)
    assert all(row.count(" | ") == 6 for row in rows)
