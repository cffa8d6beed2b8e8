"""A .tflite is read whole, or refused with every fault by place; it is never believed."""

from __future__ import annotations

import random
import struct
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.compiler.graph import Model
from edgekit.compiler.ops.base import Alias, Operator, Option, Target
from edgekit.compiler.tflite.reader import read
from edgekit.errors import InputError, Problem
from tests.compiler.fuzz.mutations import damaged
from tests.compiler.tflite_writer import Op, Sub, T, build


class _Pool(Operator):
    """Stands in for an operator with options of several kinds."""

    name = "AVERAGE_POOL_2D"
    code = 1
    options_type = 5
    options = (
        Option("padding", 0, "int8"),
        Option("stride_w", 1, "int32"),
        Option("stride_h", 2, "int32"),
        Option("filter_width", 3, "int32", 7),
    )

    def check(self, node) -> Iterator[Problem]:
        yield from ()

    def lower(self, node, target: Target) -> Alias:
        return Alias(node.node.inputs[0], node.node.outputs[0])


class _Reshape(_Pool):
    name = "RESHAPE"
    code = 22
    options_type = 17
    options = (Option("new_shape", 0, "int32[]", ()),)


KNOWN = {op.name: op for op in (_Pool(), _Reshape())}


def _tensors() -> list[T]:
    return [
        T("x", (1, 4, 4, 2), scale=0.5, zero_point=-3, shape_signature=(-1, 4, 4, 2)),
        T("w", (3, 2), scale=(0.1, 0.2, 0.3), data=np.arange(6).reshape(3, 2)),
        T("shape", (2,), "int32", data=[1, 8]),
        T("pool", (1, 2, 2, 2), scale=0.5),
        T("y", (1, 8), scale=0.25, zero_point=7),
    ]


def _ops() -> list[Op]:
    options = {"padding": 1, "stride_w": 2, "stride_h": 2}
    return [
        Op("AVERAGE_POOL_2D", ["x"], ["pool"], options),
        Op("RESHAPE", ["pool", "shape"], ["y"], {"new_shape": [1, 8]}),
    ]


def _small(**more) -> bytes:
    return build(_tensors(), _ops(), ["x"], ["y"], **more)


def _read(data: bytes) -> Model:
    return read(data, "m.tflite", KNOWN)


def test_tensors_nodes_and_options_are_read() -> None:
    model = _read(_small())
    graph = model.main
    x, w, shape, _, y = graph.tensors
    assert (x.name, x.shape, x.dtype) == ("x", (1, 4, 4, 2), np.int8)
    assert (x.q.scale, x.q.zero_point) == (0.5, -3)
    assert (y.q.scale, y.q.zero_point) == (0.25, 7)
    np.testing.assert_array_equal(w.q.scales, np.float32([0.1, 0.2, 0.3]))
    np.testing.assert_array_equal(w.data, np.arange(6).reshape(3, 2))
    np.testing.assert_array_equal(shape.data, [1, 8])
    assert not w.data.flags.writeable
    assert [node.op for node in graph.nodes] == ["AVERAGE_POOL_2D", "RESHAPE"]
    assert graph.nodes[0].options == {"padding": 1, "stride_w": 2, "stride_h": 2, "filter_width": 7}
    assert graph.nodes[1].options == {"new_shape": [1, 8]}
    assert (graph.inputs, graph.outputs) == ([0], [4])
    assert (model.input_names, model.output_names) == (["x"], ["y"])


def test_signatures_name_the_borders() -> None:
    model = _read(_small(signature=(["ecg"], ["rhythm"])))
    assert (model.input_names, model.output_names) == (["ecg"], ["rhythm"])


def test_old_operator_codes_are_read() -> None:
    assert [n.op for n in _read(_small(old_codes=True)).main.nodes] == ["AVERAGE_POOL_2D", "RESHAPE"]


def test_an_unknown_operator_keeps_its_name_and_has_no_options() -> None:
    tensors = [T("x", (1, 4), scale=1.0), T("y", (1, 4), scale=1.0)]
    graph = _read(build(tensors, [Op("TANH", ["x"], ["y"])], ["x"], ["y"])).main
    assert (graph.nodes[0].op, graph.nodes[0].options) == ("TANH", {})


def test_options_that_the_file_leaves_out_have_their_defaults() -> None:
    class Other(_Pool):
        options = (*_Pool.options, Option("beyond", 40, "float32", 1.5))

    node = read(_small(), "m", {"AVERAGE_POOL_2D": Other()}).main.nodes[0]
    assert node.options["beyond"] == 1.5


def test_several_subgraphs_are_read_and_the_first_is_main() -> None:
    more = [Sub([T("a", (2,), scale=1.0)], [], ["a"], ["a"], "body")]
    model = _read(_small(more=more))
    assert [graph.name for graph in model.graphs] == ["main", "body"]
    assert model.main is model.graphs[0]


def test_a_shared_model_is_read_quickly(shared_model: tuple[str, bytes]) -> None:
    name, data = shared_model
    begin = time.perf_counter()
    model = read(data, f"{name}.tflite", KNOWN)
    assert time.perf_counter() - begin < 0.5
    assert model.size == len(data) and model.main.nodes


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "cut off"),
        (b"TFL3", "cut off"),
        (b"\x10\0\0\0PNG3" + bytes(40), "is not a .tflite file"),
        (b"\xff\xff\xff\x7fTFL3" + bytes(40), "leads outside the file"),
        (b"\x00\0\0\0TFL3" + bytes(40), "leads outside the file"),
        (b"\x08\0\0\0TFL3" + bytes(40), "wrong size"),
        (b"\x08\0\0\0TFL3" + b"\xff" * 40, "wrong size"),
    ],
)
def test_what_is_no_model_is_refused(data: bytes, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        _read(data)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda t, o: t.__setitem__(0, T("x", (1, -4, 4, 2), scale=0.5)), "extent below 1"),
        (lambda t, o: t.__setitem__(0, T("x", (1, 2**31 - 1, 2**31 - 1, 2), scale=0.5)), "too large"),
        (lambda t, o: t.__setitem__(0, T("x", (1,) * 30, scale=0.5)), "list is too long"),
        (
            lambda t, o: t.__setitem__(1, T("w", (3, 2), scale=(0.1, np.nan, 1), data=np.zeros((3, 2)))),
            "finite",
        ),
        (
            lambda t, o: t.__setitem__(1, T("w", (3, 2), scale=(0.1, -1.0, 1), data=np.zeros((3, 2)))),
            "above 0",
        ),
        (lambda t, o: t.__setitem__(1, T("w", (3, 3), scale=0.1, data=np.zeros(6))), "wrong size"),
        (lambda t, o: t.__setitem__(1, T("w", (2**31 - 1, 3), scale=0.1, data=np.zeros(6))), "wrong size"),
        (lambda t, o: o.reverse(), "nothing has written before"),
        (lambda t, o: o.append(Op("RESHAPE", ["y", "shape"], ["pool"])), "as operator 0 does"),
    ],
)
def test_faults_name_their_place(change, expected: str) -> None:
    tensors, ops = _tensors(), _ops()
    change(tensors, ops)
    with pytest.raises(InputError, match=expected) as caught:
        _read(build(tensors, ops, ["x"], ["y"]))
    assert all(problem.where.startswith("m.tflite: ") for problem in caught.value.problems)


def test_all_faults_are_listed_at_once() -> None:
    tensors = _tensors()
    tensors[0] = T("first bad", (1, 0), scale=0.5)
    tensors[3] = T("second bad", (-1, 2), scale=0.5)
    with pytest.raises(InputError) as caught:
        _read(build(tensors, [], ["first bad"], ["y"]))
    text = str(caught.value)
    assert "first bad" in text and "second bad" in text and "nothing writes it" in text


@pytest.mark.parametrize("cut", range(8, 1400, 40))
def test_a_truncated_file_is_refused(cut: int) -> None:
    data = _small()
    if cut < len(data):
        with pytest.raises(InputError):
            _read(data[:cut])


def _reads_or_refuses(data: bytes) -> None:
    begin = time.perf_counter()
    try:
        model = _read(data)
    except InputError as error:
        assert all(problem.where and problem.what for problem in error.problems)
    else:
        assert model.graphs
    assert time.perf_counter() - begin < 1.0


def test_300_mutations_of_real_files_are_read_or_refused(shared_models: Path) -> None:
    source = random.Random(7)
    files = [path.read_bytes() for path in sorted(shared_models.glob("*.tflite"))] + [_small()] * 3
    for _ in range(300):
        _reads_or_refuses(damaged(source, source.choice(files)))


@settings(max_examples=300)
@given(st.data())
def test_any_word_of_a_small_file_may_be_anything(data) -> None:
    blob = bytearray(_SMALL)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(blob) - 4))
        struct.pack_into("<I", blob, at, data.draw(st.integers(0, 2**32 - 1) | st.integers(0, 64)))
    _reads_or_refuses(bytes(blob))


_SMALL = _small()


def test_many_references_to_one_place_take_neither_time_nor_memory() -> None:
    """A list of 20,000 tensors, all of them the same table with a long name, in 64 subgraphs."""
    data = _bomb(tensors=20_000, subgraphs=64, name=60_000)
    tracemalloc.start()
    begin = time.perf_counter()
    with pytest.raises(InputError, match=r"too often|more than|too many"):
        _read(data)
    seconds = time.perf_counter() - begin
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 5.0  # traced; well below a second without
    assert peak < 64 << 20


def _bomb(tensors: int, subgraphs: int, name: int) -> bytes:
    import flatbuffers

    builder = flatbuffers.Builder(1 << 20)
    text = builder.CreateString("a" * name)
    builder.StartObject(4)
    builder.PrependUOffsetTRelativeSlot(3, text, 0)
    tensor = builder.EndObject()
    builder.StartVector(4, tensors, 4)
    for _ in range(tensors):
        builder.PrependUOffsetTRelative(tensor)
    listed = builder.EndVector()
    builder.StartObject(5)
    builder.PrependUOffsetTRelativeSlot(0, listed, 0)
    graph = builder.EndObject()
    builder.StartVector(4, subgraphs, 4)
    for _ in range(subgraphs):
        builder.PrependUOffsetTRelative(graph)
    graphs = builder.EndVector()
    builder.StartObject(5)
    builder.PrependUOffsetTRelativeSlot(2, graphs, 0)
    builder.Finish(builder.EndObject(), b"TFL3")
    return bytes(builder.Output())
