"""Rows that the caller pushes: the reference's bytes however they come, and no input in the arena."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgekit import reference
from edgekit.compiler.compile import Program, compile_model
from edgekit.compiler.export import Golden, export_model
from edgekit.compiler.ops.base import Target
from edgekit.compiler.replay import replay
from edgekit.device import boards
from edgekit.errors import InputError
from edgekit.pipeline.export import export
from edgekit.pipeline.validate import Source, validate
from tests.compiler import host
from tests.compiler.rows import networks
from tests.compiler.tflite_writer import Op, T, build
from tests.device.conftest import need, tools_of

# Two instances take the rows of two inputs in turns; rows lie alone on the heap, so that the sanitizer sees
# a read beyond them. Calls that ask for what cannot be come in between.
_DRIVER = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "net.h"

#define ROW  NET_INPUT_ROW_SIZE
#define ROWS NET_INPUT_ROWS
#define NEED(what) do { if (!(what)) { fprintf(stderr, "line %d\\n", __LINE__); exit(1); } } while (0)

static _Alignas(16) uint8_t memory[2][64U + (NET_ARENA_SIZE + 15U) / 16U * 16U + 64U];
static int8_t given[2][ROWS * ROW];
static uint32_t done[2];
static net_t models[2];

static void push(uint32_t which, uint32_t chunk) {
    const uint32_t left = ROWS - done[which], count = chunk < left ? chunk : left;
    uint32_t taken = 77U;
    int8_t *const rows = malloc(count * ROW + 1U);
    NEED(rows != NULL);
    int8_t *const end = rows + 1; /* misaligned, too */
    memcpy(end, given[which] + done[which] * ROW, count * ROW);
    NEED(net_push_rows(&models[which], end, count, &taken) == EK_OK && taken == count);
    done[which] += taken;
    free(rows);
}

static void hostile(net_t *model, int missing) {
    uint32_t taken = 77U;
    NEED(net_push_rows(model, NULL, 1U, &taken) == EK_ERROR_ARGUMENT && taken == 0U);
    NEED(net_push_rows(model, given[0], 1U, NULL) == EK_ERROR_ARGUMENT);
    NEED(net_push_rows(NULL, given[0], 1U, &taken) == EK_ERROR_STATE && taken == 0U);
    NEED(net_push_rows(model, NULL, 0U, &taken) == EK_OK && taken == 0U);
    NEED(net_invoke(NULL) == EK_ERROR_STATE);
    if (missing) {
        NEED(net_invoke(model) == EK_ERROR_STATE);
    } else {
        NEED(net_push_rows(model, given[0], UINT32_MAX, &taken) == EK_ERROR_STATE && taken == 0U);
    }
}

int main(void) {
    static const uint32_t chunks[] = {1U, 2U, 3U, 7U, ROWS};
    uint32_t taken;
    NEED(fread(given, sizeof(given), 1U, stdin) == 1U);
    memset(memory, 0xC3, sizeof(memory));
    NEED(net_push_rows(&models[0], given[0], 1U, &taken) == EK_ERROR_STATE && taken == 0U);
    for (uint32_t i = 0; i < 2U; i++) {
        NEED(net_init(&models[i], memory[i] + 64U, NET_ARENA_SIZE) == EK_OK);
    }
    for (uint32_t c = 0; c < sizeof(chunks) / sizeof(chunks[0]); c++) {
        for (uint32_t i = 0; i < 2U; i++) {
            memset(memory[i] + 64U, 0xA5, NET_ARENA_SIZE);
            done[i] = 0U;
        }
        while (done[0] < ROWS || done[1] < ROWS) {
            for (uint32_t i = 0; i < 2U; i++) {
                hostile(&models[i], done[i] < ROWS);
                if (done[i] < ROWS) {
                    push(i, i ? 3U : chunks[c]);
                }
            }
        }
        for (uint32_t i = 0; i < 2U; i++) {
            hostile(&models[i], 0);
            NEED(net_invoke(&models[i]) == EK_OK && net_invoke(&models[i]) == EK_ERROR_STATE);
            NEED(fwrite(net_output(&models[i]), NET_OUTPUT_SIZE, 1U, stdout) == 1U);
        }
    }
    /* More rows than there are: the others stay with the caller. */
    static int8_t more[(ROWS + 5U) * ROW];
    memcpy(more, given[0], sizeof(given[0]));
    NEED(net_push_rows(&models[0], more, ROWS + 5U, &taken) == EK_OK && taken == ROWS);
    NEED(net_invoke(&models[0]) == EK_OK);
    NEED(fwrite(net_output(&models[0]), NET_OUTPUT_SIZE, 1U, stdout) == 1U);
    for (uint32_t i = 0; i < 2U; i++) {
        for (uint32_t k = 0; k < 64U; k++) {
            NEED(memory[i][k] == 0xC3U && memory[i][64U + NET_ARENA_SIZE + k] == 0xC3U);
        }
    }
    return 0;
}
"""


@pytest.mark.parametrize(
    ("model", "target"),
    [
        (networks.picture, Target(optimize="ram")),
        (networks.line, Target(features=frozenset({"dsp"}))),
        (networks.tail, Target(optimize="speed")),
    ],
    ids=["picture", "line", "tail"],
)
def test_rows_in_any_chunks_give_the_reference_bytes(model, target: Target, tmp_path: Path) -> None:
    data = model()
    made = export_model(data, "m.tflite", "net", target, push_rows=True)
    assert made.manifest.push_rows
    inputs = host.random_inputs(made.manifest, 3)
    inputs = {name: values[[1, 2]] for name, values in inputs.items()}  # noise, and the highest value
    (wanted,) = reference.run(data, inputs, "litert").outputs.values()
    program = host.build(made, tmp_path, _DRIVER, flags=("-O1", *host.SANITIZE))
    blob = inputs[made.manifest.inputs[0].name].tobytes()
    done = subprocess.run([str(program)], input=blob, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout == 5 * wanted.tobytes() + wanted[:1].tobytes()
    assert len(set(wanted.tobytes())) > 4


def test_the_example_pushes_rows_and_the_header_is_valid_cpp(tmp_path: Path) -> None:
    data = networks.line()
    plain = export_model(data, "m.tflite", "net", Target(), push_rows=True)
    inputs = host.random_inputs(plain.manifest, 1)
    (wanted,) = reference.run(data, inputs, "litert").outputs.values()
    (name,) = (tensor.name for tensor in plain.manifest.outputs)
    golden = Golden({key: value[0] for key, value in inputs.items()}, {name: wanted[0]})
    for given in (golden, None):
        made = export_model(data, "m.tflite", "net", Target(), golden=given, push_rows=True)
        program = host.build(made, tmp_path, made.files["main.c"].decode(), cc="clang")
        assert subprocess.run([str(program)], capture_output=True, timeout=60, check=False).returncode == 0
    (tmp_path / "t.cpp").write_text('#include "net.h"\nstatic_assert(NET_INPUT_ROWS == 61U, "rows");\n')
    include = [f"-I{tmp_path / folder}" for folder in made.manifest.include_dirs]
    flags = ["-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wconversion", "-fsyntax-only"]
    subprocess.run([host.compiler("g++"), *flags, *include, str(tmp_path / "t.cpp")], check=True)


def _pushed() -> Program:
    return compile_model(networks.picture(), "m.tflite", Target(optimize="ram"), push_rows=True)


def test_the_input_has_no_place_in_the_arena() -> None:
    whole = compile_model(networks.tail(), "m.tflite", Target(optimize="ram"))
    pushed = compile_model(networks.tail(), "m.tflite", Target(optimize="ram"), push_rows=True)
    assert pushed.pushed is not None and (pushed.pushed.rows, pushed.pushed.row_elements) == (13, 40)
    assert pushed.pushed.tensor not in pushed.plan.offsets
    assert pushed.plan.arena_bytes < whole.plan.arena_bytes - 13 * 40 / 2


def test_the_replay_catches_a_window_of_the_input_that_is_too_small() -> None:
    program = _pushed()
    step, *others = program.lowering.steps
    group = step.group
    assert group is not None and group.source is not None and program.pushed is not None
    assert replay(program.lowering, program.plan).faults == ()
    for tensor, window in group.windows.items():
        short = replace(group, windows={**group.windows, tensor: replace(window, rows=window.rows - 1)})
        lowering = replace(program.lowering, steps=(replace(step, group=short), *others))
        assert replay(lowering, program.plan).faults, tensor


def _refused(data: bytes, target: Target = Target(), **options) -> str:  # noqa: B008
    with pytest.raises(InputError) as caught:
        export_model(data, "m.tflite", "net", target, push_rows=True, **options)
    return str(caught.value)


def test_what_cannot_take_rows_is_refused_with_the_reason() -> None:
    x, y = T("x", (1, 4, 4, 2), scale=0.1), T("y", (1, 4, 4, 2), scale=0.1)
    z = T("z", (1, 4, 4, 2), scale=0.2)
    two = build([x, y, z], [Op("ADD", ["x", "y"], ["z"], {})], ["x", "y"], ["z"])
    assert "has 2 inputs" in _refused(two)
    flat, dense = T("x", (1, 8), scale=0.1), T("y", (1, 3), scale=0.1)
    weights = T("w", (3, 8), scale=0.1, data=np.ones((3, 8), np.int8))
    layer = Op("FULLY_CONNECTED", ["x", "w", ""], ["y"], {})
    assert "reads the shape [1, 8]" in _refused(build([flat, weights, dense], [layer], ["x"], ["y"]))
    soft = T("y", (1, 4, 4, 2), scale=1 / 256, zero_point=-128)
    model = build([x, soft], [Op("SOFTMAX", ["x"], ["y"], {"beta": 1.0})], ["x"], ["y"])
    for goal in ("ram", "balanced", "speed"):
        assert "do not go by rows" in _refused(model, Target(optimize=goal))
    again, flat = T("y", (1, 4, 4, 2), scale=0.2), T("f", (1, 32), scale=0.1)
    weights = T("w", (3, 32), scale=0.1, data=np.ones((3, 32), np.int8))
    ops = [
        Op("ABS", ["x"], ["y"], {}),
        Op("RESHAPE", ["x", "s"], ["f"], {}),
        Op("FULLY_CONNECTED", ["f", "w", ""], ["d"], {}),
    ]
    tensors = [
        x,
        again,
        flat,
        weights,
        T("d", (1, 3), scale=0.1),
        T("s", (2,), "int32", data=np.array([1, 32])),
    ]
    assert "do not go by rows" in _refused(build(tensors, ops, ["x"], ["y", "d"]))
    both = _refused(networks.line(), engines=("aot", "tflm"), measure_tflm=lambda _: 1)
    assert "engine aot and tflm" in both


@pytest.mark.board
@pytest.mark.parametrize("board", ["host", "mps2-an386"])
def test_the_validation_firmware_runs_such_exports(board: str, tmp_path: Path) -> None:
    need(*tools_of(boards.load(board)))
    (tmp_path / "m.tflite").write_bytes(networks.picture())
    export(tmp_path / "m.tflite", board, tmp_path / "out", push_rows=True)
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["push_rows"]
    (record,) = validate(tmp_path / "out", [board], Source(random=10), timeout=60.0)
    assert (record.status, record.vectors, record.mismatched_elements) == ("held", 10, 0)
