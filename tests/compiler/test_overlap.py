"""The distances that operators declare are safe, and not a pixel too large: an independent replay says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.compiler.access import order
from edgekit.compiler.arena import Plan, plan
from edgekit.compiler.graph import Graph, Node, Tensor
from edgekit.compiler.lowering import Lowering, Step
from edgekit.compiler.ops.base import KernelCall, Overlap, Target, operators
from edgekit.compiler.ops.common import filters
from edgekit.compiler.ops.common.overlap import of_windows
from edgekit.compiler.replay import replay
from edgekit.quant import Quantization

_ONE = Quantization(np.array([1.0], np.float32), np.array([0]), 0)


def _step(op: str, shape, made, constants, **options) -> tuple[Graph, Node, KernelCall]:
    tensors = [Tensor(0, "x", shape, np.dtype(np.int8), _ONE), Tensor(1, "y", made, np.dtype(np.int8), _ONE)]
    for data in constants:
        tensors.append(Tensor(len(tensors), "c", data.shape, data.dtype, _ONE, data))
    node = Node(0, op, [0, *range(2, len(tensors))], [1], options)
    graph = Graph("main", tensors, [node], [0], [1])
    lowered = operators().by_name[op].lower(graph.view(node), Target())
    assert isinstance(lowered, KernelCall)
    return graph, node, lowered


def _outputs(size: int, kernel: int, stride: int, dilation: int, same: bool) -> int:
    return -(-size // stride) if same else (size - (kernel - 1) * dilation - 1) // stride + 1


@st.composite
def _windowed(draw) -> tuple[Graph, Node, KernelCall]:
    op = draw(st.sampled_from(["CONV_2D", "DEPTHWISE_CONV_2D", "AVERAGE_POOL_2D", "MAX_POOL_2D"]))
    kernel, stride = draw(st.tuples(*[st.integers(1, 4)] * 2)), draw(st.tuples(*[st.integers(1, 3)] * 2))
    conv = op.endswith("CONV_2D")
    dilation = draw(st.tuples(*[st.integers(1, 3)] * 2)) if conv else (1, 1)
    same = draw(st.booleans())
    size = [
        draw(st.integers(1 if same else (k - 1) * d + 1, 12)) for k, d in zip(kernel, dilation, strict=True)
    ]
    made = [_outputs(*axis, same) for axis in zip(size, kernel, stride, dilation, strict=True)]
    batches, channels = draw(st.integers(1, 2)), draw(st.integers(1, 6))
    outputs = channels
    if op == "CONV_2D":
        outputs = draw(st.integers(1, 9))
    elif op == "DEPTHWISE_CONV_2D":
        outputs = channels * draw(st.integers(1, 2))
    options = {"padding": 0 if same else 1, "stride_h": stride[0], "stride_w": stride[1]}
    options["fused_activation_function"] = 0
    constants = []
    if conv:
        shape = (outputs, *kernel, channels) if op == "CONV_2D" else (1, *kernel, outputs)
        constants = [np.ones(shape, np.int8)]
        options |= {"dilation_h_factor": dilation[0], "dilation_w_factor": dilation[1]}
    else:
        options |= {"filter_height": kernel[0], "filter_width": kernel[1]}
    return _step(op, (batches, *size, channels), (batches, *made, outputs), constants, **options)


@st.composite
def _others(draw) -> tuple[Graph, Node, KernelCall]:
    op = draw(st.sampled_from(["FULLY_CONNECTED", "MEAN", "PAD"]))
    shape = draw(st.tuples(*[st.integers(1, 6)] * 4))
    if op == "FULLY_CONNECTED":
        outputs = draw(st.integers(1, 9))
        weights = np.ones((outputs, shape[3]), np.int8)
        options = {"fused_activation_function": 0, "keep_num_dims": True}
        return _step(op, shape, (*shape[:3], outputs), [weights], **options)
    if op == "PAD":
        pads = np.array([(draw(st.integers(0, 2)), draw(st.integers(0, 2))) for _ in shape], np.int32)
        return _step(op, shape, tuple(n + int(sum(p)) for n, p in zip(shape, pads, strict=True)), [pads])
    axes = draw(st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True))
    made = tuple(1 if i in axes else n for i, n in enumerate(shape))
    return _step(op, shape, made, [np.array(axes, np.int32)], keep_dims=True)


def _safe(graph: Graph, node: Node, pair: Overlap, distance: int, backward: bool) -> bool:
    """Says whether no byte is overwritten before its last read; distance: of the input from the output."""
    times = order(graph.view(node), pair, backward)
    assert times is not None
    read, written = (np.arange(graph.tensors[i].nbytes) for i in (0, 1))
    shared = written[(written >= distance) & (written - distance < len(read))]
    return not (times.written(shared) < times.read(shared - distance)).any()


@settings(max_examples=150)
@given(st.one_of(_windowed(), _others()))
def test_declared_distances_are_exact(step: tuple[Graph, Node, KernelCall]) -> None:
    graph, node, call = step
    for pair in call.overlap:
        for more in (0, 1, 5):
            assert _safe(graph, node, pair, pair.forward + more, backward=False)
        if 0 < pair.forward <= graph.tensors[1].nbytes:
            assert not _safe(graph, node, pair, pair.forward - 1, backward=False)
        if pair.backward is not None:
            for more in (0, 1, 5):
                assert _safe(graph, node, pair, -pair.backward - more, backward=True)
            if 0 < pair.backward <= graph.tensors[0].nbytes:
                assert not _safe(graph, node, pair, 1 - pair.backward, backward=True)


@pytest.mark.parametrize("together", [2, 3, 8])
def test_pixels_that_are_worked_on_together_need_their_outputs_more(together: int) -> None:
    lowering, alone = _conv()
    graph, node = lowering.graph, lowering.steps[0].node
    view = graph.view(node)
    (pair,) = of_windows(
        view.input(0), view.output(), *filters.windows(view), backward=True, together=together
    )
    assert pair.forward == alone.forward + 4 * (together - 1)
    assert _safe(graph, node, pair, pair.forward, backward=False)
    assert not _safe(graph, node, pair, pair.forward - 1, backward=False)
    assert pair.backward is not None
    assert _safe(graph, node, pair, -pair.backward, backward=True)
    assert not _safe(graph, node, pair, 1 - pair.backward, backward=True)


def _conv(backward: bool = False) -> tuple[Lowering, Overlap]:
    graph, node, call = _step(
        "CONV_2D",
        (1, 8, 8, 4),
        (1, 8, 8, 4),
        [np.ones((4, 3, 3, 4), np.int8)],
        **{"padding": 0, "stride_h": 1, "stride_w": 1, "dilation_h_factor": 1, "dilation_w_factor": 1},
        fused_activation_function=0,
    )
    call = replace(call, params={**call.params, "backward": backward})
    return Lowering(graph, (Step(node, call),)), call.overlap[0]


@settings(max_examples=50)
@given(_windowed())
def test_windows_that_are_gathered_whole_need_one_pixel_less(step: tuple[Graph, Node, KernelCall]) -> None:
    graph, node, call = step
    if node.op != "CONV_2D" or not call.overlap:
        return
    view = graph.view(node)
    (pair,) = of_windows(view.input(0), view.output(), *filters.windows(view), backward=True, gathers=True)
    assert _safe(graph, node, pair, pair.forward, backward=False)
    assert pair.backward is not None and _safe(graph, node, pair, -pair.backward, backward=True)
    if 0 < pair.forward <= graph.tensors[1].nbytes:
        assert not _safe(graph, node, pair, pair.forward - 1, backward=False)


@pytest.mark.parametrize(("backward", "less"), [(False, 4), (False, 32), (True, 4), (True, 32)])
def test_the_replay_catches_a_distance_one_pixel_or_one_row_short(backward: bool, less: int) -> None:
    lowering, pair = _conv(backward)
    distance = pair.backward if backward else pair.forward
    assert distance == (8 + 2) * 4
    for short, faults in ((0, 0), (less, 1)):
        apart = distance - short
        offsets = {0: 0, 1: apart} if backward else {0: apart, 1: 0}
        found = replay(lowering, Plan(256 + apart, offsets, {}))
        assert len(found.faults) == faults and not found.inputs_preserved
        assert all("is overwritten before its last read" in fault for fault in found.faults)


def test_the_replay_catches_the_wrong_direction() -> None:
    for backward in (False, True):
        lowering, _ = _conv(backward)
        offsets = {0: 0, 1: 40} if not backward else {0: 40, 1: 0}
        assert replay(lowering, Plan(296, offsets, {})).faults


def test_the_replay_lets_nothing_overlap_that_does_not_declare_it() -> None:
    lowering, pair = _conv()
    step = lowering.steps[0]
    assert step.call is not None
    silent = Lowering(lowering.graph, (replace(step, lowered=replace(step.call, overlap=())),))
    made = Plan(256 + pair.forward, {0: pair.forward, 1: 0}, {})
    assert replay(lowering, made).faults == ()
    assert any("may not share memory" in fault for fault in replay(silent, made).faults)


def _without(lowering: Lowering, position: int, less: int) -> Lowering:
    """Returns a program in which one call declares distances that are too small."""
    steps = list(lowering.steps)
    call = steps[position].call
    assert call is not None
    (pair,) = call.overlap
    backward = None if pair.backward is None else pair.backward - less
    short = replace(pair, forward=pair.forward - less, backward=backward)
    steps[position] = replace(steps[position], lowered=replace(call, overlap=(short,)))
    return Lowering(lowering.graph, tuple(steps))


@st.composite
def _chains(draw) -> Lowering:
    """Convolutions, depthwise or not, with and without strides."""
    shape = (1, draw(st.integers(4, 12)), draw(st.integers(1, 12)), 4 * draw(st.integers(1, 3)))
    tensors = [Tensor(0, "x", shape, np.dtype(np.int8), _ONE)]
    nodes = []
    for index in range(draw(st.integers(2, 6))):
        kernel, stride = draw(st.sampled_from([1, 3])), draw(st.sampled_from([1, 1, 2]))
        depthwise = draw(st.booleans())
        outputs = shape[3] if depthwise else 4 * draw(st.integers(1, 4))
        filters_shape = (1, kernel, kernel, outputs) if depthwise else (outputs, kernel, kernel, shape[3])
        made = (1, -(-shape[1] // stride), -(-shape[2] // stride), outputs)
        weights = np.ones(filters_shape, np.int8)
        at = len(tensors)
        tensors.append(Tensor(at, "w", filters_shape, weights.dtype, _ONE, weights))
        tensors.append(Tensor(at + 1, "y", made, np.dtype(np.int8), _ONE))
        options = {"padding": 0, "stride_h": stride, "stride_w": stride, "fused_activation_function": 0}
        options |= {"dilation_h_factor": 1, "dilation_w_factor": 1}
        op = "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"
        nodes.append(Node(index, op, [at - 1 if at > 1 else 0, at], [at + 1], options))
        shape = made
    graph = Graph("main", tensors, nodes, [0], [len(tensors) - 1])
    lowered = [operators().by_name[node.op].lower(graph.view(node), Target()) for node in nodes]
    return Lowering(graph, tuple(map(Step, nodes, lowered)))


@settings(max_examples=60)
@given(_chains())
def test_plans_of_chains_hold_and_are_no_larger_than_without_overlap(lowering: Lowering) -> None:
    made = plan(lowering)
    assert replay(made.directed(lowering), made).faults == ()
    apart = [replace(s, lowered=replace(s.call, overlap=())) for s in lowering.steps if s.call]
    assert made.arena_bytes <= plan(Lowering(lowering.graph, tuple(apart))).arena_bytes
    sizes = [lowering.graph.tensors[s.node.outputs[0]].nbytes for s in lowering.steps]
    assert made.arena_bytes >= max(lowering.graph.tensors[0].nbytes, *sizes)


@pytest.mark.parametrize("less", [4, 32], ids=["pixel", "row"])
def test_a_plan_by_a_distance_too_small_is_caught(less: int) -> None:
    lowering, pair = _conv()
    honest, greedy = plan(lowering), plan(_without(lowering, 0, less))
    assert honest.arena_bytes == 256 + pair.forward and greedy.arena_bytes == honest.arena_bytes - less
    assert replay(honest.directed(lowering), honest).faults == ()
    found = replay(greedy.directed(lowering), greedy)
    assert any("is overwritten before its last read" in fault for fault in found.faults)
