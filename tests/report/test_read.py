"""A run folder is read part by part: each may be absent, and a damaged one is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgekit.errors import InputError
from edgekit.report import html
from edgekit.report.read import read
from tests.report import example

PARTS = ["config.yaml", "data.json", "history.csv", "metrics.json", "provenance.json", "hil/mps2-an386.json",
         "export/mps2-an386/manifest.json", "export/mps2-an386/plan.json"]  # fmt: skip


def test_everything_is_found(run_folder: Path) -> None:
    run = read(run_folder)
    assert run.problems == []
    assert (run.name, run.synthetic) == ("ecg-rhythm", True)
    assert run.notice.startswith("Not a medical device")
    assert run.data and run.metrics and run.provenance and len(run.history["loss"]) == 14
    assert [record.board for record in run.hil] == ["mps2-an386"]
    assert [export.manifest.target for export in run.exports] == ["mps2-an386"] and run.exports[0].plan
    assert set(run.plots) == {"examples", "real_208"}


@pytest.mark.parametrize("part", PARTS)
def test_each_part_may_be_absent(run_folder: Path, part: str) -> None:
    (run_folder / part).unlink()
    run = read(run_folder)
    assert run.problems == []
    assert "<h1>" in html.render(run)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("damage", [b"\xff\xfe\x00", b"a,b\nx,y", b"[1, 2]\n[3]", b'{"schema": 7}\n{'])
def test_a_damaged_part_is_named_and_the_rest_is_shown(run_folder: Path, part: str, damage: bytes) -> None:
    (run_folder / part).write_bytes(damage)
    run = read(run_folder)
    assert {problem.where.split(": ")[0] for problem in run.problems} == {str(run_folder / part)}
    page = html.render(run)
    assert "What could not be read" in page and Path(part).name in page


def test_a_history_that_is_no_table_of_numbers_is_named(run_folder: Path) -> None:
    (run_folder / "history.csv").write_text("epoch,loss\n0,1.0\n1,abc\n")
    assert "line 3: loss is 'abc'" in read(run_folder).problems[0].what


def test_a_short_row_leaves_a_gap(run_folder: Path) -> None:
    (run_folder / "history.csv").write_text("epoch,loss,val_loss\n0,1.0,2.0\n1,0.5\n")
    run = read(run_folder)
    assert run.problems == [] and run.history["loss"] == [1.0, 0.5]
    html.render(run)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("confusion", [[1, 2], [3, 4]], "not 4 x 4"),
        ("accuracy", 1.5, "less than or equal to 1"),
        ("n", -1, "greater than or equal to 0"),
    ],
)
def test_metrics_that_cannot_be_are_named(run_folder: Path, key: str, value: object, message: str) -> None:
    path = run_folder / "metrics.json"
    tree = json.loads(path.read_text())
    tree["int8"][key] = value
    path.write_text(json.dumps(tree))
    run = read(run_folder)
    assert run.metrics is None and message in run.problems[0].what


@pytest.mark.parametrize(
    "change", [{"offset": 1 << 60}, {"last_node": 10**9}, {"first_node": 20, "last_node": 3}]
)
def test_a_plan_that_cannot_be_is_named(run_folder: Path, change: dict[str, int]) -> None:
    path = run_folder / "export/mps2-an386/plan.json"
    tree = json.loads(path.read_text())
    tree["buffers"][2] |= change
    path.write_text(json.dumps(tree))
    run = read(run_folder)
    assert run.exports[0].plan is None and len(run.problems) == 1


def test_a_picture_that_would_bloat_the_page_or_is_none_is_left_out(run_folder: Path) -> None:
    (run_folder / "plots" / "big.svg").write_bytes(b"<svg>" + b" " * 1_600_000)
    (run_folder / "plots" / "fake.svg").write_bytes(b"GIF89a")
    run = read(run_folder)
    assert set(run.plots) == {"examples", "real_208"}
    assert sorted(Path(problem.where).stem for problem in run.problems) == ["big", "fake"]


def test_an_export_with_results_is_enough(tmp_path: Path) -> None:
    example.export(tmp_path / "out")
    (tmp_path / "out" / "hil").mkdir()
    (tmp_path / "out" / "hil" / "host.json").write_text(json.dumps(example.hil_record("host").to_json()))
    run = read(tmp_path / "out")
    assert run.name == "ecg_rhythm" and not run.synthetic and run.hil and run.exports


def test_more_results_and_exports_can_be_given(run_folder: Path, tmp_path: Path) -> None:
    example.export(tmp_path / "out", "apollo4")
    extra = tmp_path / "apollo4.json"
    extra.write_text(json.dumps(example.hil_record("apollo4", emulated=False).to_json()))
    run = read(run_folder, hil=[extra], exports=[tmp_path / "out"])
    assert [record.board for record in run.hil] == ["mps2-an386", "apollo4"]
    assert {export.manifest.target for export in run.exports} == {"mps2-an386", "apollo4"}


def test_nothing_to_report_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to report"):
        read(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        read(tmp_path / "absent")
