"""OpenGL's software renderer and TensorFlow in one process crash: scenes are drawn apart."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from edgekit.errors import EnvironmentFailed
from edgekit.scenes import folder, gl
from edgekit.scenes.base import REGISTRY
from tests.scenes.conftest import OWN


def test_with_tensorflow_it_refuses_and_a_folder_is_drawn_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", sys.modules.get("tensorflow", ModuleType("tensorflow")))
    with pytest.raises(EnvironmentFailed, match="cannot share a process"):
        gl.renderer()
    settings = REGISTRY.get("mast").parse("A", {"size": 32})
    records, _ = folder.render(folder.Job("mast", settings, 0, tmp_path), 2, 1)
    assert len(records) == 2 and records[0]["renderer"]


def test_the_tests_that_draw_here_hold_in_a_process_of_their_own() -> None:
    if "tensorflow" not in sys.modules:
        pytest.skip("they run in this one")
    paths = [str(Path(__file__).with_name(f"{name}.py")) for name in sorted(OWN)]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *paths]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], timeout=200)
    assert done.returncode == 0, done.stdout[-3000:]
