"""Hardware in the loop: what holds, what departs, and what proves nothing."""

from __future__ import annotations

import json
import socket
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgekit import files, manifest
from edgekit.device import boards
from edgekit.errors import EnvironmentFailed, InputError
from edgekit.pipeline.export import export
from edgekit.pipeline.validate import Source, validate
from edgekit.report import terminal
from tests.device.conftest import need, tools_of


def runnable() -> list[Any]:
    """The host, and the emulated boards."""
    found: list[Any] = ["host"]
    for key, board in boards.all_boards().items():
        if board.emulated:
            found.append(pytest.param(key, marks=pytest.mark.board))
    return found


@pytest.fixture
def exported(tiny_file: Path, tmp_path: Path) -> Path:
    export(tiny_file, "host", tmp_path / "out")
    return tmp_path / "out"


@pytest.mark.parametrize("board", runnable())
@pytest.mark.parametrize("numerics", ["litert", "tflm"])
def test_every_byte_equals_the_reference(tiny_file, tmp_path, board, numerics):
    need(*tools_of(boards.load(board)))
    export(tiny_file, board, tmp_path / "out", numerics=numerics)
    (record,) = validate(tmp_path / "out", [board], Source(random=30, seed=1))
    assert (record.status, record.vectors, record.mismatched_elements) == ("held", 30, 0)
    assert record.elements == 90
    assert record.reference is not None and record.reference.runtime.startswith(numerics)
    assert record.timer is not None and record.timer.median > 0
    assert record.timer.unit == ("ns" if board == "host" else "instructions")
    assert record.memory is not None and record.memory.code_bytes > 500
    assert json.loads((tmp_path / "out" / "hil" / f"{board}.json").read_text())["status"] == "held"


@pytest.mark.board
@pytest.mark.parametrize("board", ["mps2-an386", "mps3-an547"])
def test_an_export_for_little_memory_is_built_for_size(shared_models, tmp_path, board):
    """The kernels hold at -Os, too, where functions begin at odd places."""
    need(*tools_of(boards.load(board)))
    for model in ("kws_ref_model", "ecg_rhythm_random"):
        export(shared_models / f"{model}.tflite", board, tmp_path / model, optimize="ram")
        (record,) = validate(tmp_path / model, [board], Source(random=5), timeout=60.0)
        assert (record.status, record.mismatched_elements) == ("held", 0)
        assert record.compiler is not None
        assert board != "mps2-an386" or any("-Os" in flag for flag in record.compiler.flags)


@pytest.mark.board
def test_instructions_are_repeatable_to_the_instruction(tiny_file, tmp_path):
    export(tiny_file, "mps2-an386", tmp_path / "out")
    times = []
    for _ in range(2):
        (record,) = validate(tmp_path / "out", ["mps2-an386"], Source(random=20))
        assert record.timer is not None
        times.append(record.timer.per_vector)
    assert times[0] == times[1]


def test_one_changed_weight_is_found(exported):
    source = exported / "src" / "tiny.c"
    text = source.read_text()
    begin = text.index("n0_weights[")
    at = text.index("\n", begin) + 1
    first = text[at:].split(",", 1)[0]
    changed = "    -1" if first.strip() != "-1" else "    1"
    source.write_text(text[:at] + changed + text[at + len(first) :])
    (record,) = validate(exported, ["host"], Source(random=20))
    assert (record.status, record.exit_status) == ("mismatch", 1)
    assert record.mismatched_elements > 0 and record.mismatches
    one = record.mismatches[0]
    assert one.expected != one.got


def test_several_targets_give_several_records(tiny_file, tmp_path):
    records = validate(tiny_file, ["host", "no-such-board"], Source(random=3))
    assert [record.status for record in records] == ["held", "failed"]
    assert "no such board" in (records[1].error or "")


def test_a_failed_run_still_has_a_record(exported):
    with pytest.raises(EnvironmentFailed) as caught:
        validate(exported, ["host"], Source(), port="/dev/no-such-port", timeout=2.0)
    assert caught.value.record is not None
    assert caught.value.record["schema"] == "edgekit.hil/1"
    assert (caught.value.record["status"], caught.value.record["exit_status"]) == ("failed", 3)


def test_a_silent_port_ends_within_the_deadline(exported):
    server = socket.create_server(("127.0.0.1", 0))
    accepted: list[socket.socket] = []
    thread = threading.Thread(target=lambda: accepted.append(server.accept()[0]), daemon=True)
    thread.start()
    begin = time.monotonic()
    with pytest.raises(EnvironmentFailed, match="no answer"):
        validate(
            exported, ["host"], Source(), port=f"socket://127.0.0.1:{server.getsockname()[1]}", timeout=1.5
        )
    assert time.monotonic() - begin < 30
    server.close()


def test_wrong_inputs_are_named(exported, tmp_path, tiny_file):
    with pytest.raises(InputError, match="not an exported folder"):
        validate(tmp_path / "nowhere", ["host"], Source(random=1))
    with pytest.raises(InputError, match="exclude each other"):
        validate(exported, ["host"], Source(file=tiny_file, random=1))
    with pytest.raises(InputError, match="cannot be read"):
        validate(exported, ["host"], Source(file=tiny_file))
    with pytest.raises(InputError, match="belongs to one board"):
        validate(exported, ["host", "mps2-an386"], Source(), port="/dev/ttyACM0")
    (exported / "model.tflite").write_bytes(b"another")
    with pytest.raises(InputError, match="is not the model that was exported"):
        validate(exported, ["host"], Source())


def test_vectors_of_the_users_own(exported, tmp_path):
    tensor = manifest.load(exported).inputs[0]
    path = tmp_path / "mine.npz"
    np.savez(path, **{f"in/{tensor.name}": np.full((4, *tensor.shape), -128, np.int8)})
    (record,) = validate(exported, ["host"], Source(file=path))
    assert (record.status, record.vectors) == ("held", 4)
    assert record.source is not None and record.source.sha256 == files.sha256(path)


@pytest.mark.slow
@pytest.mark.xdist_group("run")
@pytest.mark.parametrize("board", runnable())
def test_a_run_with_preprocessing_holds(small_run, tmp_path, board):
    export(small_run.path, board, tmp_path / "out")
    (record,) = validate(tmp_path / "out", [board], Source())
    assert record.status == "held"
    assert record.task is not None and record.task.value == record.task.pc_value
    assert record.preproc is not None and record.preproc.frames > 3
    assert record.preproc.differing_elements == 0
    cost = record.preproc_cost
    assert cost is not None and record.memory is not None
    assert 0 < cost.ticks < cost.first_ticks
    assert (cost.items, cost.signal_seconds) == (400, 4.0)
    assert 4 * 800 < cost.state_bytes < 4 * 900
    assert 4 * 5 * 73 < cost.table_bytes < cost.flash_bytes
    assert {part.kind for part in record.memory.parts if part.name == "preprocessing"} <= {"flash", "ram"}


@pytest.mark.board
@pytest.mark.timeout(600)
@pytest.mark.parametrize("model", ["kws_ref_model", "ad01_int8", "ecg_rhythm_random"])
@pytest.mark.parametrize("numerics", ["litert", "tflm"])
def test_third_party_models_hold_on_every_emulated_board(shared_models, tmp_path, model, numerics):
    for board in ("host", "mps2-an386", "mps3-an547"):
        export(shared_models / f"{model}.tflite", board, tmp_path / board, numerics=numerics)
        (record,) = validate(tmp_path / board, [board], Source(random=50, seed=2), timeout=60.0)
        assert (record.status, record.vectors, record.mismatched_elements) == ("held", 50, 0)


@pytest.mark.parametrize("board", ["host", pytest.param("mps2-an386", marks=pytest.mark.board)])
def test_nodes_are_told_apart_and_add_up_to_the_inference(tiny_file, tmp_path, board, capsys):
    need(*tools_of(boards.load(board)))
    export(tiny_file, board, tmp_path / "out")
    (record,) = validate(tmp_path / "out", [board], Source(random=12), profile=True)
    assert record.status == "held" and record.timer is not None
    assert [(node.node, node.op) for node in record.profile] == [(0, "CONV_2D"), (1, "FULLY_CONNECTED")]
    assert sum(node.share for node in record.profile) == pytest.approx(1)
    if board != "host":
        assert sum(node.ticks for node in record.profile) == pytest.approx(record.timer.median, abs=60)
        assert record.init_ticks is not None and 5 < record.init_ticks < 2000
    terminal.show([record])
    assert "FULLY_CONNECTED" in capsys.readouterr().out


class _Cut(Exception):
    """Stands for whatever ends a process."""


def cut_after(monkeypatch, count: int) -> list[int]:
    """Ends runs after `count` new results; returns the numbers that came."""
    from edgekit.hil.journal import Journal

    came: list[int] = []
    add = Journal.add

    def counting(self, result):
        add(self, result)
        came.append(result.number)
        if len(came) == count:
            raise _Cut

    monkeypatch.setattr(Journal, "add", counting)
    return came


@pytest.mark.parametrize("board", ["host", pytest.param("mps2-an386", marks=pytest.mark.board)])
def test_a_cut_run_goes_on_where_it_was(tiny_file, tmp_path, board, monkeypatch, capsys):
    need(*tools_of(boards.load(board)))
    export(tiny_file, board, tmp_path / "out")
    came = cut_after(monkeypatch, 7)
    with pytest.raises(_Cut):
        validate(tmp_path / "out", [board], Source(random=20))
    assert "7 of 20 results are kept: --resume goes on" in capsys.readouterr().err
    (record,) = validate(tmp_path / "out", [board], Source(random=20), resume=True)
    assert came == list(range(20)), "no result was computed twice"
    assert (record.status, record.vectors) == ("held", 20)
    assert record.timer is not None and len(record.timer.per_vector) == 20
    assert [path.name for path in (tmp_path / "out" / "hil").iterdir()] == [f"{board}.json"]


def test_only_the_same_run_is_resumed(exported, tiny_file, monkeypatch):
    with pytest.raises(InputError, match="no unfinished run"):
        validate(exported, ["host"], Source(random=5), resume=True)
    cut_after(monkeypatch, 2)
    with pytest.raises(_Cut):
        validate(exported, ["host"], Source(random=5))
    with pytest.raises(InputError, match="its vectors differs"):
        validate(exported, ["host"], Source(random=5, seed=9), resume=True)
    with pytest.raises(InputError, match="needs an exported folder"):
        validate(tiny_file, ["host"], Source(random=5), resume=True)


@pytest.mark.board
def test_boards_run_side_by_side(tiny_file, tmp_path, monkeypatch):
    """One waits until another has begun, so that one after the other would never end."""
    import edgekit.pipeline.validate as module

    barrier = threading.Barrier(2, timeout=60)
    connect = module.hil.connect

    def together(*arguments, **options):
        barrier.wait()
        return connect(*arguments, **options)

    monkeypatch.setattr(module.hil, "connect", together)
    monkeypatch.setattr(module.os, "cpu_count", lambda: 2)
    records = validate(tiny_file, ["host", "mps2-an386"], Source(random=4))
    assert [(record.board, record.status) for record in records] == [("host", "held"), ("mps2-an386", "held")]
