"""Networks that run row by row compute the reference's bytes, and each node's as without groups."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from edgekit import reference
from edgekit.compiler.ops.base import Target
from edgekit.compiler.replay import require_valid
from tests.compiler import host
from tests.compiler.rows import networks

VECTORS = 3

# Writes every piece that a node makes to stderr: node, offset, size, bytes.
_TRACE = """
#include <stdio.h>
void ek_trace(uint32_t node, uint32_t offset, const void *data, uint32_t size);
void ek_trace(uint32_t node, uint32_t offset, const void *data, uint32_t size) {
    const uint32_t head[3] = {node, offset, size};
    fwrite(head, sizeof(head), 1, stderr);
    fwrite(data, size, 1, stderr);
}
"""


def _traced(made, data: bytes, folder: Path, inputs: dict) -> tuple[bytes, dict[int, bytes]]:
    """Returns the outputs and, of the last vector, all that each node writes."""
    exported = networks.exported(data, made)
    flags = ("-O1", "-DEK_TRACE", *host.SANITIZE)
    program = host.build(exported, folder, host.driver(exported.manifest) + _TRACE, flags=flags)
    blob = inputs["x"].tobytes()
    done = subprocess.run([str(program)], input=blob, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    at, nodes = (
        0,
        {node.index: bytearray(made.graph.tensors[node.outputs[0]].nbytes) for node in made.graph.nodes},
    )
    count = dict.fromkeys(nodes, 0)
    while at < len(done.stderr):
        node, offset, size = np.frombuffer(done.stderr, np.uint32, 3, at).tolist()
        nodes[node][offset : offset + size] = done.stderr[at + 12 : at + 12 + size]
        count[node] += size
        at += 12 + size
    assert all(count[index] == VECTORS * len(nodes[index]) for index in nodes), "each byte is told of once"
    return done.stdout, {index: bytes(content) for index, content in nodes.items()}


@pytest.mark.parametrize("model", [networks.picture, networks.line])
def test_strips_of_any_size_give_the_same_bytes_as_whole_tensors(model, tmp_path: Path) -> None:
    data = model()
    rng = np.random.default_rng(0)
    whole, _ = networks.program(data, Target())
    inputs = {
        "x": rng.integers(
            -128, 128, (VECTORS, *whole.graph.tensors[whole.graph.inputs[0]].shape[1:]), np.int8
        )
    }
    expected, pieces = _traced(whole, data, tmp_path / "whole", inputs)
    (wanted,) = reference.run(data, inputs, "litert").outputs.values()
    assert expected == wanted.tobytes() and len(set(expected)) > 20
    cases = [(frozenset(), 1, 9), (frozenset({"dsp"}), 2, 9), (frozenset({"dsp", "mve"}), 3, 3)]
    for features, rows, longest in cases:
        program, candidates = networks.program(data, Target(features=features))
        made = networks.grouped(program, candidates, rows, longest)
        assert any(step.group for step in made.lowering.steps)
        require_valid(made.lowering, made.plan)
        found, told = _traced(made, data, tmp_path / f"{rows}", inputs)
        assert found == expected
        assert told == pieces
