"""The result records: strict when made, tolerant when read, and never claiming more than they hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from edgekit.errors import CheckFailed, EnvironmentFailed, ExitStatus, InputError, Problem
from edgekit.report.parts import Mismatch, PreprocCheck, Timer
from edgekit.report.record import HilRecord, dump_hil, load_hil, result_record
from tests.report.example import hil_record

CONTRACT: dict[str, Any] = {
    "schema": None, "status": None, "error": None, "board": None, "emulated": None, "engine": None,
    "model_sha256": None, "state": None,
    "reference": {"runtime", "kernels"}, "vectors": None, "elements": None, "mismatched_elements": None,
    "max_abs_diff": None,
    "timer": {"unit", "median", "p05", "p95", "per_vector"},
    "memory": {"arena_bytes", "static_ram_bytes", "code_bytes", "weights_bytes"},
    "link": {"bytes", "seconds", "retries"}, "task": {"metric", "value", "pc_value"},
    "clock": {"hz", "caches"}, "compiler": {"name", "version", "flags"},
}  # fmt: skip


def test_the_record_has_the_keys_of_the_contract() -> None:
    tree = hil_record().to_json()
    for key, parts in CONTRACT.items():
        assert key in tree
        if parts:
            assert parts <= set(tree[key])
    assert tree["schema"] == "edgekit.hil/1"


def test_a_record_survives_json() -> None:
    record = hil_record(bad={3: 2})
    assert HilRecord.model_validate(json.loads(json.dumps(record.to_json()))) == record


@pytest.mark.parametrize(
    "changes",
    [
        {"mismatched_elements": 1, "differing": []},
        {"requested_vectors": 201},
        {"exit_status": 1},
        {"error": "cut"},
        {"preproc": PreprocCheck(frames=1, elements=800, differing_elements=1, max_step=2)},
        {"status": "mismatch", "exit_status": 1},
        {"status": "failed", "exit_status": 3},
        {"differing": [0] * 199},
        {"differing": [1] + [0] * 199},
    ],
)
def test_a_record_that_contradicts_itself_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"contradicts"):
        hil_record(**changes)


def test_a_run_that_compared_nothing_has_not_held() -> None:
    with pytest.raises(ValidationError, match="contradicts"):
        HilRecord(status="held", exit_status=0, board="host", emulated=False)


def test_a_misspelt_key_is_refused_when_a_record_is_made() -> None:
    with pytest.raises(ValidationError, match=r"mismatched"):
        hil_record(mismatched=0)


def test_a_failed_run_says_null_for_what_it_did_not_learn() -> None:
    error = EnvironmentFailed(where="/dev/ttyACM0", what="no answer within 20 s", hint="press reset")
    tree = HilRecord.failed(error, board="apollo4", emulated=False, requested_vectors=20).to_json()
    assert (tree["status"], tree["exit_status"], tree["vectors"]) == ("failed", 3, 0)
    assert "no answer" in tree["error"] and tree["problems"][0]["hint"] == "press reset"
    assert [tree[key] for key in ("timer", "memory", "link", "task", "reference")] == [None] * 5


def test_the_status_of_an_error_decides_what_the_record_says() -> None:
    assert HilRecord.failed(InputError(what="unknown board"), board="x", emulated=False).exit_status == 2
    checked = HilRecord.failed(CheckFailed(what="other frames"), board="x", emulated=False)
    assert (checked.status, checked.exit_status) == ("mismatch", 1)


def test_time_leaves_the_first_inference_out_and_reports_times_that_were_measured() -> None:
    timer = Timer.of("cycles", np.array([9000, 100, 101, 103, 107]), resolution=1)
    assert (timer.first, timer.median, timer.p05, timer.p95) == (9000, 101, 100, 107)
    assert timer.per_vector == [9000, 100, 101, 103, 107]
    assert Timer.of("ns", [5]).median == 5


def test_what_json_cannot_hold_becomes_null() -> None:
    mismatch = Mismatch(vector=0, element=0, expected=float("nan"), got=np.float32(1.5))
    assert mismatch.to_json() == {"vector": 0, "output": "", "element": 0, "expected": None, "got": 1.5}


@pytest.mark.parametrize("count", [1, 3])
def test_one_target_makes_a_record_and_several_a_list(tmp_path: Path, count: int) -> None:
    records = [hil_record(f"board-{i}") for i in range(count)]
    path = tmp_path / "hil.json"
    path.write_text(json.dumps(dump_hil(records)))
    assert isinstance(json.loads(path.read_text()), dict if count == 1 else list)
    assert load_hil(path) == records


def test_keys_of_a_later_edgekit_are_ignored_when_read(tmp_path: Path) -> None:
    tree = hil_record().to_json()
    tree["humidity"] = {"joule": 1}
    tree["timer"]["per_layer"] = []
    path = tmp_path / "hil.json"
    path.write_text(json.dumps(tree))
    assert load_hil(path) == [hil_record()]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not valid JSON"),
        ("[]", "holds 0 records"),
        ("[" * 100_000, "not valid JSON"),
        ('{"schema": "edgekit.hil/2"}', "schema"),
        ("3", "valid dictionary"),
    ],
)
def test_a_damaged_record_is_named(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "hil.json"
    path.write_text(content)
    with pytest.raises(InputError, match=message) as caught:
        load_hil(path)
    assert all(problem.where == str(path) for problem in caught.value.problems)


def test_every_command_has_a_record() -> None:
    problems = [Problem("model.tflite", "is a float model", hint="quantise it"), Problem("x", "y")]
    tree = result_record("export", ExitStatus.INPUT_WRONG, problems)
    assert (tree["schema"], tree["status"], tree["exit_status"]) == ("edgekit.result/1", "input-wrong", 2)
    assert tree["error"].startswith("model.tflite: is a float model") and len(tree["problems"]) == 2
    held = result_record("boards", ExitStatus.HELD, [], ["host"])
    assert (held["status"], held["error"], held["result"]) == ("held", None, ["host"])
