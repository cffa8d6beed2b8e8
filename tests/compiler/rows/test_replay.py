"""Plans of groups hold, and an independent replay finds each bound that is one row short."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edgekit.compiler.arena import Plan
from edgekit.compiler.compile import Program
from edgekit.compiler.ops.base import Target
from edgekit.compiler.replay import replay
from edgekit.compiler.rows.model import Group, Window
from tests.compiler.rows import networks

HOST = Target()
M4 = Target("cortex-m4", frozenset({"dsp"}))
M55 = Target("cortex-m55", frozenset({"dsp", "mve"}))


@pytest.mark.parametrize("target", [HOST, M4, M55], ids=["portable", "dsp", "mve"])
@pytest.mark.parametrize("model", [networks.picture, networks.line])
def test_every_group_holds(model, target: Target) -> None:
    whole, candidates = networks.program(model(), target)
    count = len(candidates.singles)
    found = 0
    for rows in (1, 2, 3, 5):
        for first in range(count):
            made = networks.grouped(whole, candidates, rows, first + 2)
            assert replay(made.lowering, made.plan).faults == ()
            found += sum(step.group is not None for step in made.lowering.steps)
    assert found > 20


@pytest.fixture(scope="module")
def block() -> Program:
    """The network of pictures with one group: two convolutions and the addition behind them."""
    whole, candidates = networks.program(networks.picture(), HOST)
    group = candidates.group(1, 3, 1, (0, 0, 0))
    assert group is not None
    steps = (*whole.lowering.steps[:1], group.step, *whole.lowering.steps[4:])
    return replace(whole, lowering=replace(whole.lowering, steps=steps))


def _placed(block: Program, group: Group, offset: int, apart: int, more: int = 0) -> tuple[str, ...]:
    """Returns the faults of the group alone, its output at 0 and its input so far above it."""
    step = block.lowering.steps[1]
    assert step.call is not None
    call = replace(step.call, scratch_bytes=step.call.scratch_bytes + more)
    lowering = replace(block.lowering, steps=(replace(step, lowered=call, group=group),))
    (source,), (made,) = call.inputs, call.outputs
    graph = replace(lowering.graph, inputs=[source], outputs=[made])
    lowering = replace(lowering, graph=graph)
    size = graph.tensors[source].nbytes
    end = offset + call.scratch_bytes + size + 64
    return replay(lowering, Plan(end, {source: apart, made: 0}, {0: offset})).faults


def test_each_bound_is_as_small_as_it_can_be(block: Program) -> None:
    step = block.lowering.steps[1]
    group, call = step.group, step.call
    assert group is not None and call is not None
    size, row = block.graph.tensors[call.inputs[0]].nbytes, group.row_bytes[call.inputs[0]]
    memory = 2 * size + 64 - 2 * size % 16
    assert call.in_place == ((0, 0),), "the addition writes on the rows of the skip that it reads"
    assert _placed(block, group, memory, 0) == ()
    (pair,) = call.overlap
    assert pair.forward == row, "else it stays a row below them"
    assert _placed(block, group, memory, row) == ()
    for apart in (4, row // 2 // 4 * 4, row - 4):
        assert any("may not share memory" in fault for fault in _placed(block, group, memory, apart)), apart


@pytest.mark.parametrize("short", ["first", "second", "closer", "outside"])
def test_the_replay_catches_a_window_that_is_too_small_or_too_near(block: Program, short: str) -> None:
    step = block.lowering.steps[1]
    group, call = step.group, step.call
    assert group is not None and call is not None
    inner, row = list(group.windows), group.row_bytes[call.inputs[0]]
    upper = max(inner, key=lambda t: group.windows[t].offset)
    changed: dict[int, Window] = dict(group.windows)
    if short == "closer":  # one pixel nearer to the window below it
        changed[upper] = replace(changed[upper], offset=changed[upper].offset - 8)
    elif short == "outside":
        changed[upper] = replace(changed[upper], offset=changed[upper].offset + row)
    else:
        tensor = inner[short == "second"]
        changed[tensor] = replace(changed[tensor], rows=changed[tensor].rows - 1)
    memory = 16 * (block.graph.tensors[call.inputs[0]].nbytes // 4)
    assert _placed(block, group, memory, 0) == ()
    more = 0 if short == "outside" else 64
    assert _placed(block, replace(group, windows=changed), memory, 0, more)


def test_the_replay_catches_strips_that_are_given_other_rows_than_they_need(block: Program) -> None:
    group = block.lowering.steps[1].group
    assert group is not None
    first, second, addition = group.stages
    late = replace(second, reads=(replace(second.reads[0], before=second.reads[0].before - 1),))
    faults = _placed(block, replace(group, stages=(first, late, addition)), 4096, 0)
    assert any("is given rows" in fault for fault in faults)
