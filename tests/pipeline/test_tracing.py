"""Deliberate defects are found, and named by layer."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path

import pytest

from edgekit import manifest
from edgekit.device import boards
from edgekit.errors import EnvironmentFailed, InputError
from edgekit.pipeline.build import make
from edgekit.pipeline.export import export
from edgekit.pipeline.validate import Source, validate
from edgekit.reference import probes
from edgekit.report import terminal
from edgekit.report.record import HilRecord
from tests.compiler.passes.test_move_integers import model as moving
from tests.compiler.rows import networks
from tests.device.conftest import need, tools_of
from tests.hil.proxy import FaultProxy
from tests.pipeline.test_state import MODELS


def traced(folder: Path, board: str, vectors: int = 12) -> HilRecord:
    need(*tools_of(boards.load(board)))
    (record,) = validate(folder, [board], Source(random=vectors, seed=1), trace=True)
    return record


def element(text: str, array: str, place: int, change) -> str:
    """Returns C in which one element of an array is another."""
    begin = text.index("{", text.index(f" {array}[")) + 1
    end = text.index("}", begin)
    values = text[begin:end].split(",")
    number, suffix = re.fullmatch(r"\s*(-?\d+)(U?)", values[place]).groups()
    values[place] = f"{change(int(number))}{suffix}"
    return text[:begin] + ",".join(values) + text[end:]


DEFECTS = {
    "a weight, flipped": ("n1_weights", 70, lambda v: v ^ 0x40, 1, "only channel 1 differs"),
    "a shift, one less": ("n0_shifts", 2, lambda v: v - 1, 0, "a shift of the requantisation is off by one"),
    "a multiplier, more": ("n1_multipliers", 0, lambda v: v + (1 << 22), 1, "requantisation: nothing"),
}  # fmt: skip


def test_defects_in_the_export_are_named_by_layer(tiny_file, tmp_path, capsys):
    export(tiny_file, "host", tmp_path / "out")
    source = tmp_path / "out" / "src" / "tiny.c"
    whole = source.read_text()
    for what, (array, place, change, node, cause) in DEFECTS.items():
        source.write_text(element(whole, array, place, change))
        record = traced(tmp_path / "out", "host")
        assert record.status == "mismatch", what
        assert record.trace is not None and record.trace.reproduced, what
        found = record.trace.departure
        assert found is not None and found.witness == "reference", what
        assert (found.node, record.trace.agreed) == (node, node), what
        assert record.differing[record.trace.vector] and not any(record.differing[: record.trace.vector])
        assert 0 < found.differing <= found.elements and 0 < len(found.values) <= 16, what
        assert max(abs(v.got - v.expected) for v in found.values) <= found.max_abs_diff, what
        said = "\n".join(record.trace.causes)
        assert cause in said and "look in the export" in said and "src/tiny.c" in said, what
    terminal.show([record])
    assert "The first that departs is node 1: FULLY_CONNECTED 'output'." in capsys.readouterr().out


@pytest.mark.board
def test_what_only_the_board_does_is_told_from_what_the_export_does(tiny_file, tmp_path):
    export(tiny_file, "mps2-an386", tmp_path / "out")
    source = tmp_path / "out" / "src" / "tiny.c"
    whole = source.read_text()
    source.write_text(element(whole, "n1_stream", 3, lambda v: v ^ 0x00200000))
    record = traced(tmp_path / "out", "mps2-an386")
    assert record.trace is not None and record.trace.departure is not None
    assert (record.trace.departure.node, record.trace.departure.op) == (1, "FULLY_CONNECTED")
    assert any("look in the export" in cause for cause in record.trace.causes)

    at = whole.index("PROFILE(0U)")
    (offset,) = re.findall(r"TRACE\(0U, 0U, arena \+ (\d+)U, 64U\)", whole)
    wrong = f"\n#ifdef __arm__\n    memset(arena + {int(offset) + 20}U, 90, 12U);\n#endif\n    "
    source.write_text("#include <string.h>\n" + whole[:at] + wrong + whole[at:])
    record = traced(tmp_path / "out", "mps2-an386")
    assert record.trace is not None and record.trace.departure is not None
    assert record.trace.departure.node == 0
    causes = "\n".join(record.trace.causes)
    assert "agrees with the PC: look at the board: its kernels for dsp" in causes
    assert re.search(
        r"one block is overwritten, elements \d+ to \d+: stack overflow \(stack: [\d,]+ of", causes
    )


@pytest.mark.board
def test_nodes_that_a_pass_made_are_compared_with_the_build_for_this_computer(tmp_path):
    board = "mps2-an386"
    (tmp_path / "moving.tflite").write_bytes(moving(("y", "z")))
    export(tmp_path / "moving.tflite", board, tmp_path / "out")
    made = [node for node in manifest.load(tmp_path / "out").nodes if node.outputs[0].tensor is None]
    assert [node.op for node in made] == ["SPLIT", "TRANSPOSE"]
    record = traced(tmp_path / "out", board)
    assert record.status == "held" and record.trace is not None and record.trace.departure is None
    assert (record.trace.agreed, record.trace.by_host, record.trace.skipped) == (4, 2, 0)
    assert record.trace.causes == []


def test_a_model_with_state_is_replayed_up_to_the_vector_that_differs(tmp_path):
    (tmp_path / "svdf.tflite").write_bytes(MODELS["svdf"])
    export(tmp_path / "svdf.tflite", "host", tmp_path / "out")
    source = tmp_path / "out" / "src" / "svdf.c"
    source.write_text(element(source.read_text(), "n0_times", 1, lambda v: v + 3000))
    record = traced(tmp_path / "out", "host")
    assert record.trace is not None and record.trace.departure is not None
    assert record.trace.vector > 0, "the state of the first vector is all zero"
    assert record.trace.reproduced and record.trace.departure.node == 0
    assert "only channel 0 differs" in record.trace.causes[1]


def test_the_engine_tflm_needs_the_users_own_library_to_be_traced(tiny_file, tmp_path, monkeypatch):
    monkeypatch.delenv("TFLM_DIR", raising=False)
    export(tiny_file, "host", tmp_path / "out", engine="tflm")
    with pytest.raises(EnvironmentFailed, match="TFLM_DIR"):
        traced(tmp_path / "out", "host")


def test_a_board_on_a_port_needs_firmware_that_traces(tiny_file, tmp_path):
    export(tiny_file, "host", tmp_path / "out")
    source = tmp_path / "out" / "src" / "tiny.c"
    source.write_text(element(source.read_text(), "n0_weights", 20, lambda v: -v))
    for trace in (False, True):
        built = make(tmp_path / "out", "host", trace=trace)
        with FaultProxy([str(built.elf)], seed=3, share=0.2, most=6) as board:
            run = partial(validate, tmp_path / "out", ["host"], Source(random=3), port=board.path, trace=True)
            if not trace:
                with pytest.raises(EnvironmentFailed, match=r"NO_TRACE[\s\S]*edgekit flash DIR .* --trace"):
                    run()
                continue
            (record,) = run()
            assert record.trace is not None and record.trace.departure is not None
            assert (record.trace.departure.node, record.trace.departure.name) == (0, "conv")
    with pytest.raises(InputError, match="exclude each other"):
        make(tmp_path / "out", "host", trace=True, profile=True)
    with pytest.raises(InputError, match="need different firmware"):
        run(profile=True)


def test_the_rounding_of_the_other_runtime_is_named(tmp_path):
    export(probes.FOLDER / "fully_connected.tflite", "host", tmp_path / "out", numerics="tflm")
    path = tmp_path / "out" / manifest.FILE_NAME
    path.write_text(path.read_text().replace('"numerics": "tflm"', '"numerics": "litert"'))
    record = traced(tmp_path / "out", "host")
    assert record.trace is not None and record.trace.departure is not None
    assert (
        "rounding: the board computes exactly what the numerics profile 'tflm' gives"
        in record.trace.causes[0]
    )


def test_a_node_that_runs_row_by_row_is_named(tmp_path):
    (tmp_path / "m.tflite").write_bytes(networks.picture())
    export(tmp_path / "m.tflite", "host", tmp_path / "out", optimize="ram")
    (group, *_) = json.loads((tmp_path / "out" / "plan.json").read_text())["groups"]
    assert group["nodes"] == [1, 2, 3]
    source = tmp_path / "out" / "src" / "m.c"
    source.write_text(element(source.read_text(), "n2_weights", 400, lambda v: v ^ 0x40))
    record = traced(tmp_path / "out", "host", 3)
    assert record.trace is not None and record.trace.departure is not None
    assert (record.trace.departure.node, record.trace.departure.witness) == (2, "reference")


@pytest.mark.slow
@pytest.mark.xdist_group("run")
def test_a_coefficient_of_the_preprocessing_is_named_as_preprocessing(small_run, tmp_path):
    export(small_run.path, "host", tmp_path / "out")
    (source,) = (tmp_path / "out" / "src").glob("*_preproc.c")
    text = source.read_text()
    found = re.search(r"[01]\.\d{3,}e?[-+\d]*[fF]", text)
    assert found is not None
    source.write_text(text[: found.start()] + "0.5F" + text[found.end() :])
    (record,) = validate(tmp_path / "out", ["host"], Source(), trace=True)
    assert record.status == "mismatch" and record.mismatched_elements == 0
    assert record.trace is not None and record.trace.departure is not None
    assert (record.trace.departure.node, record.trace.departure.op) == (None, "preprocessing")
    assert "the preprocessing, not the model" in record.trace.causes[0]
