"""The oracles, as a user of `edgekit.reference` meets them."""

from __future__ import annotations

import signal
import time

import numpy as np
import pytest

from edgekit import reference
from edgekit.errors import EnvironmentFailed, InputError
from edgekit.reference import OracleFailed, Task, oracle, probes, worker
from tests.compiler.tflite_writer import Op, T, build
from tests.tools import probe_math

PROFILES = ("litert", "tflm")


def add_model() -> bytes:
    tensors = [T(name, (1, 4), scale=0.5) for name in "aby"]
    return build(tensors, [Op("ADD", ["a", "b"], ["y"], version=2)], ["a", "b"], ["y"])


def chain_model() -> bytes:
    tensors = [T(name, (1, 4), scale=0.5) for name in "xmy"]
    ops = [Op("RELU", ["x"], ["m"], version=2), Op("RELU", ["m"], ["y"], version=2)]
    return build(tensors, ops, ["x"], ["y"])


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", probes.names())
def test_probes_hold_what_numpy_computes(name: str, profile: str) -> None:
    model = (probes.FOLDER / f"{name}.tflite").read_bytes()
    with np.load(probes.FOLDER / f"{name}.npz", allow_pickle=False) as stored:
        expected = getattr(probe_math, name)(model, stored["x"], profile)
        np.testing.assert_array_equal(stored[profile], expected)


def test_the_fully_connected_probe_tells_the_profiles_apart() -> None:
    with np.load(probes.FOLDER / "fully_connected.npz", allow_pickle=False) as stored:
        assert np.sum(stored["litert"] != stored["tflm"]) > 10


@pytest.mark.parametrize("profile", PROFILES)
def test_inputs_go_by_name_whatever_their_order(profile: str) -> None:
    a = np.arange(8, dtype=np.int8).reshape(2, 1, 4)
    b = np.full((2, 4), 3, np.int8)  # the batch of 1 may be left out
    by_name = reference.run(add_model(), {"b": b, "a": a}, profile)
    by_place = reference.run(add_model(), [a, b], profile)
    np.testing.assert_array_equal(by_name.outputs["y"], a[:, 0] + 3)
    np.testing.assert_array_equal(by_place.outputs["y"], by_name.outputs["y"])
    assert by_name.runtime == profile
    assert by_name.version


def test_the_callers_own_names_stand_for_the_models() -> None:
    a, b = np.ones((1, 4), np.int8), np.zeros((1, 4), np.int8)
    result = reference.run(
        add_model(), {"right": b, "left": a}, input_names=["left", "right"], output_names=["sum"]
    )
    np.testing.assert_array_equal(result.outputs["sum"], a)


@pytest.mark.parametrize("profile", PROFILES)
def test_intermediate_tensors_come_on_request(profile: str) -> None:
    x = np.array([[-3, 4, -5, 6]], np.int8)
    result = reference.run(chain_model(), {"x": x}, profile, tensors=True)
    np.testing.assert_array_equal(result.tensors[1][0], [[0, 4, 0, 6]])


@pytest.mark.parametrize("profile", PROFILES)
def test_a_model_that_is_none_is_a_named_failure_and_the_next_still_runs(profile: str) -> None:
    x = np.ones((1, 4), np.int8)
    broken, good = reference.run_many([Task(b"TFL3" * 20, [x]), Task(chain_model(), [x])], profile)
    assert isinstance(broken, OracleFailed)
    assert broken.exit_status == 3
    assert isinstance(good, reference.ReferenceResult)
    np.testing.assert_array_equal(good.outputs["y"], x)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"x": np.zeros((1, 5), np.int8)}, r"is \[1, 4\], given was \[5\]"),
        ({"x": np.zeros((1, 4), np.float32)}, "is int8, given was float32"),
        ({"x": np.zeros((1, 4), np.int8), "z": np.zeros((1, 4), np.int8)}, "has 1 inputs"),
        ({"x": np.array(3, np.int8)}, "need one array"),
        ({}, "need one array"),
    ],
)
def test_vectors_that_do_not_fit_are_the_users_fault(inputs: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        reference.run(chain_model(), inputs)


def test_the_arena_is_what_the_interpreter_records() -> None:
    small, large = chain_model(), None
    tensors = [T(name, (1, 4096), scale=0.5) for name in "xmy"]
    ops = [Op("RELU", ["x"], ["m"], version=2), Op("RELU", ["m"], ["y"], version=2)]
    large = build(tensors, ops, ["x"], ["y"])
    difference = reference.tflm_arena(large) - reference.tflm_arena(small)
    assert 2 * 4096 - 64 <= difference <= 2 * 4096 + 64


def fake_worker(monkeypatch: pytest.MonkeyPatch, folder, body: str) -> None:
    """Puts a stand-in for the child process in place of the real one."""
    script = folder / "python"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)
    monkeypatch.setattr(oracle.sys, "executable", str(script))


READY = 'echo \'{"version": "9", "kernels": "k", "fault": ""}\' > "$3/ready.json"; '


def test_a_crash_is_named_by_its_signal(monkeypatch, tmp_path) -> None:
    fake_worker(monkeypatch, tmp_path, READY + "kill -SEGV $$")
    with pytest.raises(OracleFailed, match=signal.Signals.SIGSEGV.name):
        reference.run(chain_model(), {"x": np.zeros((1, 4), np.int8)})


def test_a_hang_ends_at_the_deadline(monkeypatch, tmp_path) -> None:
    fake_worker(monkeypatch, tmp_path, READY + "exec sleep 60")
    with pytest.raises(OracleFailed, match=r"hung: no answer within 0\.5 s"):
        reference.run(chain_model(), {"x": np.zeros((1, 4), np.int8)}, deadline_s=0.5)


def test_no_runtime_that_passes_the_probes_is_an_environment_fault(monkeypatch, tmp_path) -> None:
    ready = '{"version": "2.14.0", "kernels": "k", "fault": "departs from the profile"}'
    fake_worker(monkeypatch, tmp_path, f"echo '{ready}' > \"$3/ready.json\"")
    with pytest.raises(EnvironmentFailed, match="departs from the profile") as caught:
        reference.run(chain_model(), {"x": np.zeros((1, 4), np.int8)})
    assert caught.value.problems[-1].hint == "pip install ai-edge-litert"


def test_a_runtime_of_other_rounding_fails_the_probes() -> None:
    assert "fully_connected" in probes.fault(worker.Tflm, "litert")


def test_available_lists_every_runtime_with_its_fault() -> None:
    rows = {row["runtime"]: row for row in reference.available()}
    assert rows["ai_edge_litert"]["fault"] == ""
    assert rows["tflite_micro"]["fault"] == ""
    assert all(row["hint"].startswith("pip install") for row in rows.values() if row["fault"])


def test_nothing_stays_behind(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(oracle.tempfile, "tempdir", None)
    reference.run(chain_model(), {"x": np.zeros((1, 4), np.int8)})
    assert list(tmp_path.iterdir()) == []


def test_a_runtime_that_gets_on_is_not_hung(monkeypatch, tmp_path) -> None:
    steps = 'for i in 1 2 3 4 5; do sleep 0.4; touch "$3/alive"; done; '
    fake_worker(monkeypatch, tmp_path, READY + steps + "exec sleep 60")
    monkeypatch.setattr(oracle, "_LOOK_S", 0.1)
    began = time.monotonic()
    with pytest.raises(OracleFailed, match=r"hung: no answer within 1 s"):
        reference.run(chain_model(), {"x": np.zeros((1, 4), np.int8)}, deadline_s=1)
    assert time.monotonic() - began > 2.5


def test_every_vector_is_a_sign_of_life(tmp_path) -> None:
    signs: list[bool] = []
    task = {"kind": "run", "count": 3, "state": "carried", "tensors": False}
    given = {"x": np.zeros((3, 4), np.int8)}
    runtime = worker.RUNTIMES["ai_edge_litert"]
    worker._run(tmp_path / "0.out.npz", runtime, chain_model(), given, task, lambda: signs.append(True))
    assert len(signs) == 3
