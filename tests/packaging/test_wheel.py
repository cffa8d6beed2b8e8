"""The wheel, installed into an empty environment, works from another folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
MAX_SITE_PACKAGES = 250e6

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel"), pytest.mark.timeout(600)]

BOARD = """
title = "My own board: this computer"
port = "host"
[core]
name = "host"
family = "host"
[counter]
unit = "ns"
hz = 1000000000
what = "CLOCK_MONOTONIC"
"""

RECIPE = """
from edgekit.recipes.ecg_rhythm import RECIPE as ECG

RECIPE = ECG.model_copy(update={"name": "my-recipe", "title": "My own recipe"})
"""

DATASET = """
import numpy as np

from edgekit.data.base import Dataset, DatasetOptions, Record


class Mine(Dataset[DatasetOptions]):
    title = "My own recordings"
    summary = "One subject"
    licence = "mine"
    source = "here"
    Options = DatasetOptions

    def records(self, options, root, classes, skipped):
        yield Record("me", "one", np.zeros(100, np.float32), 100.0, classes[0])


DATASET = Mine()
"""


def pythons() -> list[str]:
    """Python 3.11 (or whatever runs this) and, where it can be had, 3.13."""
    found = [sys.executable]
    candidates = [
        shutil.which("python3.13"),
        *map(str, Path.home().glob(".pyenv/versions/3.13*/bin/python3.13")),
    ]
    for candidate in candidates:
        if candidate and sys.version_info[:2] != (3, 13):
            runs = subprocess.run(
                [candidate, "-c", "import venv, ensurepip"], capture_output=True, check=False
            )
            if runs.returncode == 0:
                found.append(candidate)
                break
    return found


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="session", params=pythons(), ids=lambda python: Path(python).name)
def environment(
    request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([request.param, "-m", "venv", str(folder)], check=True, capture_output=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", str(wheel)]
    subprocess.run(pip, check=True, capture_output=True)
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder of a user's, with one plug-in of each kind."""
    mine = tmp_path / "edgekit"
    for kind, name, text in [
        ("boards", "my_board.toml", BOARD),
        ("recipes", "my_recipe.py", RECIPE),
        ("data", "mine.py", DATASET),
    ]:
        (mine / kind).mkdir(parents=True)
        (mine / kind / name).write_text(text)
    (mine / "preproc").mkdir()
    page = (ROOT / "docs" / "adding-a-step.md").read_text(encoding="utf-8")
    for language, name in [("python", "rms.py"), ("jinja", "rms.c.j2")]:
        (text,) = re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
        (mine / "preproc" / name).write_text(text)
    return tmp_path


def edgekit(environment: Path, work: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run(
        [str(environment / "bin" / "edgekit"), *arguments],
        cwd=work,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def site_packages(environment: Path) -> Path:
    return next(environment.glob("lib/python*/site-packages"))


def test_the_base_install_is_light(environment: Path):
    installed = site_packages(environment)
    for heavy in ("tensorflow", "keras", "scipy", "sklearn", "matplotlib"):
        assert not (installed / heavy).exists()
    own = [p for p in installed.rglob("*") if p.is_file() and "pip" not in p.relative_to(installed).parts[0]]
    assert sum(p.stat().st_size for p in own) < MAX_SITE_PACKAGES


def test_the_users_own_plugins_are_listed(environment: Path, work: Path):
    for command, name in [("boards", "my-board"), ("recipes", "my-recipe"), ("datasets", "mine")]:
        done = edgekit(environment, work, command, "--json", "out.json")
        assert done.returncode == 0, done.stderr
        assert name in done.stdout
        assert json.loads((work / "out.json").read_text())["status"] == "held"


def test_the_users_own_step_renders_to_c(environment: Path, work: Path):
    code = (
        "from edgekit.preproc.chain import Chain\n"
        "window = {'step': 'frame', 'samples': 8, 'hop': 8}\n"
        "steps = [window, {'step': 'rms'}, window]\n"
        "files = Chain.design(steps, 100.0).render_c('mine', 0.1, 0)\n"
        "print(sorted(files))"
    )
    python = environment / "bin" / "python"
    done = subprocess.run([str(python), "-c", code], cwd=work, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "mine_preproc.c" in done.stdout


def test_a_command_without_its_extra_says_what_to_install(environment: Path, work: Path):
    done = edgekit(environment, work, "train", "ecg-rhythm")
    assert done.returncode == 3
    assert "pip install 'edgekit[train]'" in done.stderr
    assert "pip install 'edgekit[train]'" in " ".join(
        edgekit(environment, work, "train", "--help").stdout.split()
    )


def test_export_and_hardware_in_the_loop_on_the_users_own_board(
    environment: Path, work: Path, tiny_model: bytes
):
    (work / "tiny.tflite").write_bytes(tiny_model)
    done = edgekit(environment, work, "export", "tiny.tflite", "--target", "my-board", "-o", "out")
    assert done.returncode == 0, done.stderr
    done = edgekit(
        environment, work, "hil", "out", "--target", "my-board", "--random", "5", "--json", "hil.json"
    )
    assert done.returncode == 0, done.stderr
    record = json.loads((work / "hil.json").read_text())
    assert (record["status"], record["vectors"], record["mismatched_elements"]) == ("held", 5, 0)
    with np.load(work / "out" / "vectors.npz") as vectors:
        assert vectors.files
