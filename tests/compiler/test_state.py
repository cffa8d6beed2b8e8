"""Models that keep state between invocations equal both oracles over a whole sequence."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from edgekit import reference
from edgekit.compiler.compile import compile_model
from edgekit.compiler.export import export_model
from edgekit.compiler.ops.base import Target
from edgekit.errors import InputError
from tests.compiler import host
from tests.compiler.tflite_writer import Op, Sub, T, build

Q = {"scale": 0.05, "zero_point": -5}


def streaming(first: np.ndarray | None, *, filters: int = 3) -> bytes:
    """A convolution over the last four steps of a signal; three of them are kept in a variable."""
    rng = np.random.default_rng(1)
    handle = {"container": "", "shared_name": "ring"}
    tensors = [
        T("x", (1, 1, 1, 2), **Q),
        T("ring", (), "resource"),
        T("past", (1, 3, 1, 2), **Q),
        T("window", (1, 4, 1, 2), **Q),
        T("begin", (4,), "int32", data=[0, 1, 0, 0]),
        T("size", (4,), "int32", data=[1, 3, 1, 2]),
        T("next", (1, 3, 1, 2), **Q),
        T("w", (filters, 4, 1, 2), scale=0.02, data=rng.integers(-127, 128, (filters, 4, 1, 2))),
        T("b", (filters,), "int32", scale=0.05 * 0.02, data=rng.integers(-500, 500, filters)),
        T("y", (1, 1, 1, filters), scale=0.2),
    ]
    options = {"padding": 1, "stride_h": 1, "stride_w": 1}
    ops = [
        Op("VAR_HANDLE", [], ["ring"], handle),
        Op("READ_VARIABLE", ["ring"], ["past"]),
        Op("CONCATENATION", ["past", "x"], ["window"], {"axis": 1}),
        Op("SLICE", ["window", "begin", "size"], ["next"]),
        Op("ASSIGN_VARIABLE", ["ring", "next"], []),
        Op("CONV_2D", ["window", "w", "b"], ["y"], options, version=3),
    ]
    more = []
    if first is not None:
        ops.insert(0, Op("CALL_ONCE", [], [], {"init_subgraph_index": 1}))
        inside = [T("ring", (), "resource"), T("first", (1, 3, 1, 2), data=first, **Q)]
        assign = [Op("VAR_HANDLE", [], ["ring"], handle), Op("ASSIGN_VARIABLE", ["ring", "first"], [])]
        more = [Sub(inside, assign, [], [], name="init")]
    return build(tensors, ops, ["x"], ["y"], more=more)


@pytest.mark.parametrize("first", [np.full((1, 3, 1, 2), 7), np.arange(-3, 3).reshape(1, 3, 1, 2)])
@pytest.mark.parametrize("profile", ["litert", "tflm"])
def test_a_streaming_model_equals_the_oracles(profile: str, first: np.ndarray, tmp_path: Path) -> None:
    model = streaming(first)
    exported = export_model(model, "m.tflite", "ring", Target(numerics=profile))
    assert exported.manifest.stateful
    inputs = host.random_inputs(exported.manifest, 40)
    expected = reference.run(model, list(inputs.values()), profile, state="carried")
    program = host.build(exported, tmp_path, flags=(*host.SANITIZE, "-O1"))
    found = host.run(program, exported.manifest, inputs)
    assert np.array_equal(found["y"], next(iter(expected.outputs.values())).reshape(40, -1))


# Two instances take turns; the second is reset in the middle.
_PAIR = """
#include <stdio.h>
#include <string.h>
#include "ring.h"
static _Alignas(16) uint8_t arenas[2][(RING_ARENA_SIZE + 15U) / 16U * 16U];
int main(void) {
    ring_t models[2];
    models[0].arena = NULL;
    if (ring_reset(&models[0]) != EK_ERROR_STATE) { return 2; }
    for (int i = 0; i < 2; ++i) {
        memset(arenas[i], 0xA5, RING_ARENA_SIZE);
        if (ring_init(&models[i], arenas[i], RING_ARENA_SIZE) != EK_OK) { return 3; }
    }
    int8_t given[RING_INPUT_SIZE];
    for (int n = 0; fread(given, 1, sizeof given, stdin) == sizeof given; ++n) {
        if (n == 5 && ring_reset(&models[1]) != EK_OK) { return 4; }
        for (int i = 0; i < 2; ++i) {
            memcpy(ring_input(&models[i]), given, sizeof given);
            if (ring_invoke(&models[i]) != EK_OK) { return 5; }
            fwrite(ring_output(&models[i]), 1, RING_OUTPUT_SIZE, stdout);
        }
    }
    return 0;
}
"""


def test_instances_keep_their_own_state_until_reset(tmp_path: Path) -> None:
    model = streaming(np.arange(-3, 3).reshape(1, 3, 1, 2))
    exported = export_model(model, "m.tflite", "ring", Target())
    values = host.random_inputs(exported.manifest, 10)["x"]
    whole, rest = (
        next(iter(reference.run(model, [part], state="carried").outputs.values())).reshape(-1, 3)
        for part in (values, values[5:])
    )
    program = host.build(exported, tmp_path, main=_PAIR, flags=(*host.SANITIZE, "-O1"))
    done = subprocess.run([str(program)], input=values.tobytes(), capture_output=True, timeout=60)
    assert done.returncode == 0
    found = np.frombuffer(done.stdout, np.int8).reshape(10, 2, 3)
    assert np.array_equal(found[:, 0], whole)
    assert np.array_equal(found[:5, 1], whole[:5]) and np.array_equal(found[5:, 1], rest)


def test_a_variable_that_nothing_initialises_starts_at_its_zero_point(tmp_path: Path) -> None:
    """As in TFLM; LiteRT refuses to read it."""
    model = streaming(None)
    exported = export_model(model, "m.tflite", "ring", Target(numerics="tflm"))
    inputs = host.random_inputs(exported.manifest, 6)
    expected = reference.run(model, list(inputs.values()), "tflm", state="carried")
    found = host.run(host.build(exported, tmp_path), exported.manifest, inputs)
    assert np.array_equal(found["y"], next(iter(expected.outputs.values())).reshape(6, -1))


def test_the_first_value_counts_as_read_only_data_only_where_it_is_stored() -> None:
    uniform, mixed = (
        compile_model(streaming(first), "m.tflite", Target())
        for first in (np.full((1, 3, 1, 2), 7), np.arange(6).reshape(1, 3, 1, 2))
    )
    assert mixed.weights_bytes == uniform.weights_bytes + 6
    (state,) = mixed.states
    assert state.name == "ring" and state.value.tolist() == [[[[0, 1]], [[2, 3]], [[4, 5]]]]


def damaged(change: str) -> bytes:
    """A model whose variable cannot be resolved."""
    handle = {"container": "", "shared_name": "v"}
    tensors = [
        T("x", (1, 4), **Q),
        T("v", (), "resource"),
        T("y", (1, 4), **Q),
        T("long", (1, 8), **Q),
        T("none", (), "resource", variable=change == "handle"),
    ]
    ops = [
        Op("VAR_HANDLE", [], ["v"], handle),
        Op("READ_VARIABLE", ["none" if change == "handle" else "v"], ["y"]),
        Op("ASSIGN_VARIABLE", ["v", "x"], []),
    ]
    once = Op("CALL_ONCE", [], [], {"init_subgraph_index": 7 if change == "missing" else 1})
    size = 8 if change == "first" else 4
    inside = [
        T("v", (), "resource"),
        T("first", (1, size), data=np.zeros((1, size)), **Q),
        T("sum", (1, size), **Q),
    ]
    init = [Op("VAR_HANDLE", [], ["v"], handle), Op("ASSIGN_VARIABLE", ["v", "first"], [])]
    if change == "computed":
        init = [
            init[0],
            Op("ADD", ["first", "first"], ["sum"]),
            Op("ASSIGN_VARIABLE", ["v", "sum"], []),
        ]
    if change == "size":
        ops[1] = Op("READ_VARIABLE", ["v"], ["long"])
    ops.insert(3 if change == "late" else 0, once)
    outputs = ["long" if change == "size" else "y"]
    return build(tensors, ops, ["x"], outputs, more=[Sub(inside, init, [], [], name="init")])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("missing", "runs subgraph 7, which is missing"),
        ("first", "its first value has another type or size"),
        ("computed", "cannot be run at export"),
        ("late", "runs after a variable has been used"),
        ("size", "differs from its variable in type or size"),
        ("handle", "differs from its variable in type or size"),
    ],
)
def test_what_cannot_be_resolved_is_refused(change: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        compile_model(damaged(change), "m.tflite", Target())


def test_a_variable_in_an_operator_that_keeps_no_state_is_refused() -> None:
    tensors = [T("v", (1, 4), variable=True, **Q), T("x", (1, 4), **Q), T("y", (1, 4), scale=0.1)]
    model = build(tensors, [Op("ADD", ["x", "v"], ["y"])], ["x"], ["y"])
    with pytest.raises(InputError, match="'v', which keeps its value between invocations"):
        compile_model(model, "m.tflite", Target())
