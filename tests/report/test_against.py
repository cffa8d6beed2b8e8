"""New results are held to older ones, figure by figure."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.errors import EnvironmentFailed, InputError
from edgekit.report import against
from edgekit.report.parts import Task, Timer
from edgekit.report.record import HilRecord
from tests.report import example


def outcomes(new: HilRecord, old: HilRecord, allow: str = "") -> dict[str, str]:
    return {c.figure: c.outcome for c in against.compare([new], [old], against.allowed(allow))}


def timed(median: int, unit: str = "instructions", **changes: object) -> HilRecord:
    return example.hil_record(timer=Timer.of(unit, np.full(9, median)), **changes)


def test_the_same_result_holds() -> None:
    record = example.hil_record()
    assert set(outcomes(record, record).values()) == {"held"}
    assert set(outcomes(record, record)) == {"exactness", "time", "ram", "flash", "accuracy"}


@pytest.mark.parametrize(("percent", "outcome"), [(2, "held"), (3, "worse"), (-30, "held")])
def test_time_may_grow_by_what_is_allowed(percent: int, outcome: str) -> None:
    assert outcomes(timed(1000 + 10 * percent), timed(1000))["time"] == outcome


def test_what_is_allowed_can_be_set() -> None:
    assert outcomes(timed(1050), timed(1000), "time=5")["time"] == "held"
    assert outcomes(timed(1051), timed(1000), "time=5")["time"] == "worse"


def test_memory_and_accuracy() -> None:
    old = example.hil_record()
    memory = old.memory
    assert memory is not None and old.task is not None
    parts = [p.model_copy(update={"bytes": p.bytes + (p.name == "arena")}) for p in memory.parts]
    grown = old.model_copy(update={"memory": memory.model_copy(update={"parts": parts})})
    assert outcomes(grown, old) | {"ram": "worse"} == outcomes(grown, old)
    assert outcomes(old, grown)["ram"] == "held"
    task = Task(metric="accuracy", value=old.task.value - 0.005, pc_value=old.task.pc_value)
    lower = old.model_copy(update={"task": task})
    assert outcomes(lower, old)["accuracy"] == "worse"
    assert outcomes(lower, old, "accuracy=0.5")["accuracy"] == "held"


def test_a_result_that_departs_or_is_missing_is_worse() -> None:
    old = example.hil_record()
    assert outcomes(example.hil_record(bad={3: 1}), old)["exactness"] == "worse"
    assert outcomes(example.hil_record(bad={3: 1}), example.hil_record(bad={3: 1}))["exactness"] == "held"
    failed = HilRecord.failed(
        EnvironmentFailed(where="port", what="is busy"),
        board="mps2-an386",
        emulated=True,
        engine="aot",
        numerics="litert",
    )
    assert outcomes(failed, old) == {"exactness": "worse"}
    both = [old, example.hil_record("mps3-an547")]
    found = against.compare([old], both, against.allowed(""))
    assert [c.board for c in found if c.outcome == "worse"] == ["mps3-an547, aot, litert"]


def test_the_time_of_a_pc_and_of_other_clocks_is_not_compared() -> None:
    for unit, board in (("ns", "host"), ("cycles", "apollo4")):
        old, new = timed(1000, unit), timed(9000, unit)
        if unit == "cycles":
            new = new.model_copy(update={"clock": new.clock and new.clock.model_copy(update={"hz": 1e6})})
        (change,) = (c for c in against.compare([new], [old], against.DEFAULT) if c.figure == "time")
        assert (change.outcome, bool(change.why)) == ("not compared", True), board


def test_results_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(InputError, match="mps3-an547"):
        against.compare([example.hil_record()], [example.hil_record("mps3-an547")], against.DEFAULT)


def test_wrong_limits_are_listed_at_once() -> None:
    with pytest.raises(InputError) as caught:
        against.allowed("tiem=2,ram=lots,flash=-1,time=3")
    assert len(caught.value.problems) == 3
    assert "did you mean 'time'" in str(caught.value)
