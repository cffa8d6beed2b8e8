"""JUnit: counts that add up, groups that fail where vectors differ, and XML whatever the names."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from edgekit.errors import EnvironmentFailed
from edgekit.report import junit
from edgekit.report.read import read
from edgekit.report.record import HilRecord
from tests.report import example


def parsed(*records: HilRecord) -> ET.Element:
    return ET.fromstring(junit.render(records))


def outcomes(root: ET.Element) -> dict[str, str]:
    return {
        case.get("name", ""): next((child.tag for child in case), "passed") for case in root.iter("testcase")
    }


def test_a_board_that_agrees_passes_in_every_group() -> None:
    root = parsed(example.hil_record())
    assert (root.get("tests"), root.get("failures"), root.get("errors"), root.get("skipped")) == (
        "11",
        "0",
        "0",
        "0",
    )
    assert set(outcomes(root).values()) == {"passed"}
    assert root[0].get("name") == "ecg_rhythm.mps2-an386.aot.litert"


def test_the_group_with_the_vector_that_differs_fails_and_shows_it() -> None:
    root = parsed(example.hil_record(bad={3: 2, 150: 1}))
    assert root.get("failures") == "2"
    found = outcomes(root)
    assert [name for name, outcome in found.items() if outcome == "failure"] == [
        "vectors 0 to 19",
        "vectors 140 to 159",
    ]
    failure = next(root.iter("failure"))
    assert failure.get("message") == "elements differ in vectors 3 (2)"
    assert "vector 3 logits[1]: expected 18, got 20" in (failure.text or "")


def test_a_run_that_was_cut_is_an_error_and_what_was_not_reached_is_skipped() -> None:
    error = EnvironmentFailed(where="pty", what="the line was cut")
    record = HilRecord.failed(
        error, board="host", emulated=False, requested_vectors=20, vectors=5, elements=5, differing=[0] * 5
    )
    root = parsed(record)
    found = outcomes(root)
    assert found["session"] == "error" and root.get("errors") == "1"
    assert [found[f"vectors {i} to {i + 1}"] for i in (0, 2, 4)] == ["passed", "passed", "skipped"]


def test_several_boards_are_several_suites_whose_counts_add_up() -> None:
    root = parsed(example.hil_record("host"), example.hil_record(bad={0: 1}))
    assert [suite.get("failures") for suite in root] == ["0", "1"]
    assert root.get("tests") == str(sum(int(suite.get("tests", "0")) for suite in root))


def test_a_preprocessing_out_of_bounds_fails() -> None:
    record = example.hil_record().to_json()
    record |= {"status": "mismatch", "exit_status": 1}
    record["preproc"] |= {"max_step": 3}
    root = parsed(HilRecord.model_validate(record))
    assert root.get("failures") == "1"


def test_a_run_has_its_checks_and_what_could_not_be_read(run_folder: Path) -> None:
    (run_folder / "data.json").write_text("{")
    junit.write(read(run_folder), run_folder / "junit.xml")
    root = ET.parse(run_folder / "junit.xml").getroot()
    checks = outcomes(root[1])
    assert checks["int8 accuracy at most 0.5 points below float"] == "passed"
    assert checks[f"{run_folder / 'data.json'} can be read"] == "failure"


def test_what_xml_cannot_hold_is_replaced() -> None:
    root = parsed(example.hil_record(name="a\x00\ud800<b>&\x1b[31m"))
    assert root[0].get("name", "").startswith("a\ufffd\ufffd<b>&\ufffd[31m.")
