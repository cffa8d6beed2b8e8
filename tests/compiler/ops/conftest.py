"""Holds the shapes that docs/operators.md lists to those that were tested."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compiler.ops import tested


@pytest.fixture(scope="session", autouse=True)
def page(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a run of all tests here; `EDGEKIT_UPDATE_TESTED=1 pytest tests/compiler/ops` writes them anew."""
    yield
    if os.environ.get("EDGEKIT_UPDATE_TESTED"):
        tested.write()
    elif _whole(request.session):
        assert not tested.untested(), "write the list again: EDGEKIT_UPDATE_TESTED=1"


def _whole(session: pytest.Session) -> bool:
    """Says whether this process ran every test of this folder, and none failed."""
    if hasattr(session.config, "workerinput"):
        return False  # one of several processes, which share the tests between them
    options = session.config.option
    ran = {item.path for item in session.items}
    every = set(Path(__file__).parent.glob("test_*.py"))
    narrowed = options.keyword or options.markexpr or any("::" in arg for arg in session.config.args)
    return every <= ran and not narrowed and not session.testsfailed
