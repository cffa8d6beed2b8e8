"""Plans are valid by replay, small, aligned; the replay finds every kind of sabotage."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.compiler.arena import MAX_ARENA_BYTES, Plan, distances, find_blocks, plan
from edgekit.compiler.graph import Graph, Node, Tensor
from edgekit.compiler.lowering import Lowering, Step
from edgekit.compiler.ops.base import Alias, KernelCall, Lowered
from edgekit.compiler.placement import bound, neighbours
from edgekit.compiler.replay import replay, require_valid
from edgekit.errors import EnvironmentFailed, InputError


def _lowering(sizes: list[int], steps: list[Lowered], inputs: list[int], outputs: list[int]) -> Lowering:
    tensors = [Tensor(i, f"t{i}", (size,), np.dtype(np.int8)) for i, size in enumerate(sizes)]
    made = []
    for index, lowered in enumerate(steps):
        if isinstance(lowered, Alias):
            node = Node(index, "RESHAPE", [lowered.input], [lowered.output])
        else:
            node = Node(index, "OP", list(lowered.inputs), list(lowered.outputs))
        made.append(Step(node, lowered))
    graph = Graph("main", tensors, [step.node for step in made], inputs, outputs)
    return Lowering(graph, tuple(made))


def _call(inputs: list[int], outputs: list[int], scratch: int = 0, in_place=()) -> KernelCall:
    return KernelCall("ek_x", {}, tuple(inputs), tuple(outputs), (), scratch, tuple(in_place))


def _chain(sizes: list[int], scratch: list[int] | None = None) -> Lowering:
    scratch = scratch or [0] * len(sizes)
    steps = [_call([i], [i + 1], scratch[i]) for i in range(len(sizes) - 1)]
    return _lowering(sizes, steps, [0], [len(sizes) - 1])


def _bound(lowering: Lowering) -> int:
    blocks = find_blocks(lowering)
    return bound(blocks, neighbours(blocks, distances(lowering, blocks)))


def _up(value: int, align: int = 4) -> int:
    return -(-value // align) * align


@given(st.lists(st.integers(1, 5000), min_size=2, max_size=24))
def test_a_chain_takes_its_two_largest_neighbours(sizes: list[int]) -> None:
    made = plan(_chain(sizes))
    assert made.arena_bytes == max(_up(a) + _up(b) for a, b in pairwise(sizes))


@given(st.data())
def test_a_chain_with_scratch_takes_its_largest_step(data) -> None:
    sizes = data.draw(st.lists(st.integers(1, 5000), min_size=2, max_size=16))
    scratch = [data.draw(st.sampled_from([0, 0, 17, 4000])) for _ in sizes]
    lowering = _chain(sizes, scratch)
    made = plan(lowering)
    require_valid(lowering, made)
    assert made.arena_bytes <= _bound(lowering) + 16


@st.composite
def _programs(draw) -> Lowering:
    """Random graphs with fan-out, several inputs and outputs, aliases, in-place pairs and scratch."""
    sizes = [draw(st.integers(1, 300)) for _ in range(draw(st.integers(1, 3)))]
    inputs, live, steps = list(range(len(sizes))), list(range(len(sizes))), []
    for _ in range(draw(st.integers(1, 14))):
        read = draw(st.lists(st.sampled_from(live), min_size=1, max_size=3))
        made = len(sizes)
        if draw(st.booleans()) and draw(st.booleans()):
            sizes.append(sizes[read[0]])
            steps.append(Alias(read[0], made))
        else:
            count = draw(st.integers(1, 2))
            same = draw(st.booleans())
            sizes += [sizes[read[0]] if same else draw(st.integers(1, 300)) for _ in range(count)]
            pairs = [(i, 0) for i in range(len(read)) if same and sizes[read[i]] == sizes[made]]
            steps.append(_call(read, list(range(made, made + count)), draw(st.sampled_from([0, 33])), pairs))
        live = list(range(len(sizes)))
    outputs = draw(st.lists(st.sampled_from(live), min_size=1, max_size=3, unique=True))
    return _lowering(sizes, steps, inputs, outputs)


@settings(max_examples=200)
@given(_programs())
def test_every_plan_survives_its_replay(lowering: Lowering) -> None:
    made = plan(lowering)
    assert replay(lowering, made).faults == ()
    assert made.arena_bytes >= _bound(lowering)


@settings(max_examples=100)
@given(_programs())
def test_planning_is_deterministic(lowering: Lowering) -> None:
    assert plan(lowering) == plan(lowering)


def test_in_place_pairs_share_memory() -> None:
    lowering = _lowering(
        [100, 100, 100], [_call([0], [1], 0, [(0, 0)]), _call([1], [2], 0, [(0, 0)])], [0], [2]
    )
    assert plan(lowering).arena_bytes == 100


def test_two_dying_inputs_do_not_both_become_the_output() -> None:
    steps = [_call([0, 1], [2], 0, [(0, 0), (1, 0)])]
    lowering = _lowering([64, 64, 64], steps, [0, 1], [2])
    made = plan(lowering)
    assert made.arena_bytes == 128
    assert replay(lowering, made).faults == ()


def test_an_input_that_is_read_later_is_not_overwritten() -> None:
    steps = [_call([0], [1], 0, [(0, 0)]), _call([0, 1], [2])]
    lowering = _lowering([64, 64, 8], steps, [0], [2])
    made = plan(lowering)
    assert made.arena_bytes == 136
    assert replay(lowering, made).faults == ()


def test_the_replay_knows_whether_inputs_survive() -> None:
    kept = _lowering([64, 64], [_call([0], [1])], [0], [1])
    lost = _lowering([64, 64], [_call([0], [1], 0, [(0, 0)])], [0], [1])
    assert replay(kept, plan(kept)).inputs_preserved
    assert not replay(lost, plan(lost)).inputs_preserved


def test_wide_elements_are_aligned_to_their_size() -> None:
    lowering = _lowering([3, 2], [_call([0], [1], 10)], [0], [1])
    lowering.graph.tensors[1].dtype = np.dtype(np.int64)
    made = plan(lowering)
    assert made.offsets[1] % 8 == 0 and made.scratch[0] % 16 == 0
    assert replay(lowering, made).faults == ()


def test_activations_beyond_any_microcontroller_are_refused() -> None:
    with pytest.raises(InputError, match="too large"):
        plan(_chain([MAX_ARENA_BYTES, 16]))


SABOTAGE_STEPS = [_call([0], [1], 40), Alias(1, 2), _call([2, 0], [3])]


def _sabotaged(**changes) -> tuple[Lowering, Plan]:
    lowering = _lowering([64, 32, 32, 16], list(SABOTAGE_STEPS), [0], [3])
    good = Plan(160, {0: 0, 1: 64, 2: 64, 3: 96}, {0: 112})
    assert replay(lowering, good).faults == ()
    offsets = {**good.offsets, **changes.pop("offsets", {})}
    return lowering, replace(good, offsets={k: v for k, v in offsets.items() if v is not None}, **changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"offsets": {1: 60, 2: 60}}, "output 1 lies on input 0"),
        ({"offsets": {3: 92}}, "output 3 lies on input 2"),
        ({"offsets": {2: 68}}, "does not lie where 1 lies"),
        ({"offsets": {3: 98}}, "is not aligned to 4"),
        ({"offsets": {3: 148}}, "lies outside the arena"),
        ({"offsets": {3: -4}}, "lies outside the arena"),
        ({"offsets": {3: None}}, "has no place"),
        ({"arena_bytes": 151}, "scratch lies outside the arena"),
        ({"scratch": {0: 120}}, "is not aligned to 16"),
        ({"scratch": {}}, "scratch has no place"),
        ({"scratch": {0: 32}}, "scratch lies on tensor 0"),
        ({"scratch": {0: 80}}, "scratch lies on tensor 1"),
    ],
)
def test_the_replay_finds_sabotage(changes: dict, expected: str) -> None:
    lowering, bad = _sabotaged(**changes)
    assert any(expected in fault for fault in replay(lowering, bad).faults)
    with pytest.raises(EnvironmentFailed, match="fault of edgekit"):
        require_valid(lowering, bad)


def test_the_replay_finds_a_tensor_that_dies_too_early() -> None:
    steps = [_call([0], [1]), _call([1], [2]), _call([1, 2], [3])]
    lowering = _lowering([16, 16, 16, 16], steps, [0], [3])
    good = Plan(64, {0: 0, 1: 16, 2: 32, 3: 48}, {})
    assert replay(lowering, good).faults == ()
    late = _lowering([16, 16, 16, 16], [*steps[:2], _call([0, 2], [3])], [0], [3])
    reused = replace(good, offsets={**good.offsets, 2: 0})
    assert replay(lowering, reused).faults == ()
    assert any("reads tensor 0, part of which is overwritten" in f for f in replay(late, reused).faults)


def test_the_replay_finds_an_overwritten_output() -> None:
    lowering = _lowering([16, 16, 16], [_call([0], [1]), _call([0], [2])], [0], [1, 2])
    bad = Plan(32, {0: 0, 1: 16, 2: 16}, {})
    assert any("output 1 of the graph is overwritten" in fault for fault in replay(lowering, bad).faults)


@settings(max_examples=100)
@given(_programs())
def test_shrinking_any_plan_is_found(lowering: Lowering) -> None:
    made = plan(lowering)
    assert replay(lowering, replace(made, arena_bytes=made.arena_bytes - 4)).faults
