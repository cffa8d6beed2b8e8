"""`edgekit ab`: two firmwares beside each other on one board."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgekit import files
from edgekit.errors import InputError
from edgekit.manifest import Manifest
from edgekit.pipeline import ab, report
from edgekit.pipeline.ab import Plan
from edgekit.pipeline.validate import Source
from edgekit.report.ab import AbRecord, sentence
from tests.device import tiny

PLAN = Plan(blocks=10, source=Source(random=5), seed=3)
LOOP = "for (volatile int k = 0; k < {turns}; k++) {{\n    }}\n    const int8_t *input"


def export(folder: Path, turns: int = 0, result: str = "sum /= 16;") -> Path:
    """A tiny model that also turns a loop."""
    made = tiny.make(folder)
    source = made / "src" / "tiny.c"
    text = source.read_text().replace("const int8_t *input", LOOP.format(turns=turns), 1)
    source.write_text(text.replace("sum /= 16;", result))
    tree = json.loads((made / "manifest.json").read_text())
    tree["files"]["src/tiny.c"] = files.sha256(source)
    (made / "manifest.json").write_text(json.dumps(tree))
    return made


@pytest.fixture(scope="module")
def exports(tmp_path_factory) -> dict[str, Path]:
    top = tmp_path_factory.mktemp("ab")
    return {"quick": export(top / "quick", 100), "slow": export(top / "slow", 10_000)}


@pytest.mark.board
def test_on_an_emulated_board_the_difference_is_exact(exports):
    made = ab.compare(exports["quick"], exports["slow"], "mps2-an386", PLAN)
    a, b = made.a.median, made.b.median
    assert (made.unit, made.emulated, made.vectors, len(made.per_block)) == ("instructions", True, 5, 10)
    assert made.difference.value == pytest.approx(b / a - 1)
    assert made.difference.low == made.difference.high == made.difference.value
    assert "no noise" in made.note
    assert sentence(made).startswith(f"B takes {b / a - 1:.2%} longer than A")
    assert ab.compare(exports["quick"], exports["slow"], "mps2-an386", PLAN).per_block == made.per_block


@pytest.mark.board
def test_a_against_itself_on_the_host(exports):
    made = ab.compare(exports["slow"], exports["slow"], "host", PLAN)
    found = made.difference
    assert made.unit == "ns" and not made.emulated and made.differing_vectors == 0
    assert found.low < found.value < found.high and found.standard_error > 0
    assert set("".join(made.first)) == {"a", "b"}, "the order is random"


@pytest.mark.board
def test_the_order_is_the_seeds(exports):
    def order(seed):
        plan = Plan(blocks=10, seed=seed, source=Source(random=2))
        return ab.compare(exports["quick"], exports["quick"], "host", plan).first

    assert order(1) == order(1) != order(2)


@pytest.mark.board
def test_outputs_that_differ_are_counted_and_the_report_shows_the_experiment(exports, tmp_path):
    other = export(tmp_path / "other", 100, "sum /= 15;")
    made = ab.compare(exports["quick"], other, "host", Plan(blocks=10, source=Source(random=20)))
    assert 0 < made.differing_vectors <= 20
    stored = AbRecord.model_validate(json.loads((other / "ab" / "host.json").read_text()))
    assert stored == made
    page = report.write(other)["html"].read_text()
    assert "A against B" in page and "interval" in page and "jackknife" in page


def test_everything_that_is_wrong_is_said_at_once(exports, tmp_path):
    other = tiny.make(tmp_path / "other")
    tree = json.loads((other / "manifest.json").read_text())
    tree["inputs"][0]["shape"] = [1, 4]
    (other / "manifest.json").write_text(json.dumps(tree))
    with pytest.raises(InputError) as caught:
        ab.compare(exports["quick"], other, "apollo4", Plan(blocks=3))
    said = [problem.where for problem in caught.value.problems]
    assert said == ["DIR_B", "--blocks", "apollo4"]
    with pytest.raises(InputError, match="two boards"):
        ab.compare(exports["quick"], exports["quick"], "apollo4", Plan(ports=("/dev/a", "/dev/a")))


def test_a_folder_that_is_no_export_is_named(tmp_path):
    with pytest.raises(InputError, match="nothing-here"):
        ab.compare(tmp_path / "nothing-here", tmp_path, "host", PLAN)


def test_groups_are_the_classes_of_labelled_vectors(exports):
    import numpy as np

    from edgekit.pipeline.vectors import Vectors

    exported = Manifest.model_validate(json.loads((exports["quick"] / "manifest.json").read_text()))
    labelled = exported.model_copy(update={"labels": ["SR", "AFIB", "GSVT"]})
    given = Vectors({"x": np.zeros((4, 1, 8), np.int8)}, labels=np.array([2, 0, 2, 0]))
    groups, names = ab._groups(labelled, given)
    assert groups.tolist() == [1, 0, 1, 0] and names == ["SR", "GSVT"]
