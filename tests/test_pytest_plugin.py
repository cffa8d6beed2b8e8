"""The fixture `edgekit_board` in a user's own tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgekit.reference.probes import FOLDER

pytest_plugins = ["pytester"]

TESTS = """
import numpy as np

MODEL = {model!r}

def test_agrees(edgekit_board):
    record = edgekit_board.check(MODEL, random=5)
    assert record.vectors == 5 and record.board == {board!r}

def test_own_inputs(edgekit_board):
    tensor = edgekit_board.build(MODEL).manifest.inputs[0]
    ran = edgekit_board.run(MODEL, {{tensor.name: np.zeros((3, *tensor.shape), tensor.dtype)}})
    (values,) = ran.outputs.values()
    assert len(values) == 3 and (values == values[0]).all()
    assert len(ran.ticks) == 3

def test_session(edgekit_board):
    with edgekit_board.session(MODEL) as session:
        assert session.hello.board == {board!r}
"""


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    pytester.makepyprojecttoml("[tool.pytest.ini_options]")
    return pytester.runpytest_subprocess("-p", "edgekit.pytest_plugin", *arguments, timeout=120)


@pytest.mark.parametrize("board", ["host", pytest.param("mps2-an386", marks=pytest.mark.board)])
def test_a_users_test_runs_on_the_board_that_is_named(pytester, board):
    pytester.makepyfile(TESTS.format(model=str(FOLDER / "conv_2d.tflite"), board=board))
    result = run(pytester, "--edgekit-target", board)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines([f"edgekit: {board}"])


def test_a_departure_fails_with_one_sentence(pytester, tmp_path: Path):
    from edgekit.pipeline.export import export

    export(FOLDER / "conv_2d.tflite", "host", tmp_path / "out")
    source = tmp_path / "out" / "src" / "conv_2d.c"
    text = source.read_text()
    at = text.index("\n", text.index("n0_weights[")) + 1
    first = text[at:].split(",", 1)[0]
    source.write_text(text[:at] + ("    9" if first.strip() != "9" else "    1") + text[at + len(first) :])
    pytester.makepyfile(
        f"def test_it(edgekit_board):\n    edgekit_board.check({str(tmp_path / 'out')!r}, random=9)"
    )
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*differs from*"])


def test_an_unknown_board_is_named_with_near_matches(pytester):
    pytester.makepyfile("def test_it(edgekit_board): pass")
    result = run(pytester, "--edgekit-target", "mps2-an368")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*did you mean 'mps2-an386'*"])
