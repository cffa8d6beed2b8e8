"""Imports point down only, and the base install needs no heavy package."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("tensorflow", "keras", "scipy", "sklearn", "matplotlib", "wfdb", "neurokit2")


def test_import_layers_hold():
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "module",
    [
        "edgekit.cli.main",
        "edgekit.compiler.export",
        "edgekit.device.build",
        "edgekit.hil.run",
        "edgekit.reference",
        "edgekit.report.html",
        "edgekit.preproc.chain",
        "edgekit.recipes.base",
        "edgekit.pipeline.validate",
    ],
)
def test_base_modules_import_nothing_heavy(module: str):
    code = (
        f"import sys, {module}; from edgekit.cli.main import build_app; build_app();"
        f"found = [m for m in {HEAVY!r} if m in sys.modules]; sys.exit(', '.join(found) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
