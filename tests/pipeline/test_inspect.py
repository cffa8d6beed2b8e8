"""`edgekit inspect` tells what the arena is made of, which nodes run row by row and what would lower it."""

from __future__ import annotations

from pathlib import Path

from edgekit.pipeline.inspect import inspect
from tests.compiler.rows import networks


def test_the_plan_its_peak_and_what_lowers_it_are_told(tmp_path: Path, capsys) -> None:
    model = tmp_path / "m.tflite"
    model.write_bytes(networks.picture())
    told = inspect(model, board="mps2-an386")
    arenas = told["arena_by_goal"]
    assert arenas["ram"] < arenas["balanced"] < arenas["speed"] and told["arena_bytes"] == arenas["balanced"]
    assert told["groups"] and told["groups"][0]["windows"][0]["rows"] < told["groups"][0]["windows"][0]["of"]
    shown = "".join(capsys.readouterr())
    for words in ("The peak is at", "run row by row", f"--optimize ram lowers it to {arenas['ram']:,} B"):
        assert words in shown
