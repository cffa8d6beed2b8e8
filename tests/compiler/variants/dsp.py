"""Holds kernels of variants to the portable ones: their twins on this PC, their instructions on a board."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from edgekit.compiler.graph import Graph
from edgekit.compiler.ops.base import KernelCall, Lowered, Target
from edgekit.compiler.tflite.reader import read
from edgekit.compiler.variants.base import Variant
from edgekit.device import boards
from edgekit.pipeline import export
from edgekit.pipeline.model_file import ModelFile
from edgekit.pipeline.validate import Source, validate
from tests.compiler.ops import harness
from tests.compiler.ops.harness import Case


def lower(
    variant: Variant, model: bytes, profile: str, optimize: str = "balanced"
) -> tuple[Graph, KernelCall | None]:
    """Returns the graph of a model and what a variant makes of its only operator."""
    graph = read(model, "test.tflite").main
    target = Target("cortex-m4", frozenset({variant.feature}), profile, optimize)
    return graph, variant.lower(graph.view(graph.nodes[0]), target)


def taken(variant: Variant, cases: Sequence[Case], optimize: str = "balanced") -> list[Case]:
    """Returns the cases that a variant takes, in both profiles."""
    return [
        c for c in cases if all(lower(variant, c.model, profile, optimize)[1] for profile in harness.PROFILES)
    ]


def assert_twins_equal(
    variant: Variant,
    cases: Sequence[Case],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    goals: Sequence[str] = ("balanced",),
) -> None:
    """Holds a variant's portable twin to the portable kernel, byte for byte, in both profiles."""
    pairs = [(c, profile) for c in cases for profile in harness.PROFILES]
    wanted = harness.run_kernels(pairs, folder)

    for goal in goals:

        def fast(model: bytes, profile: str, goal: str = goal) -> tuple[Graph, Lowered]:
            graph, call = lower(variant, model, profile, goal)
            assert call is not None
            return graph, call

        with monkeypatch.context() as patch:
            patch.setattr(harness, "lower", fast)
            found = harness.run_kernels(pairs, folder)
        for (c, profile), want, have in zip(pairs, wanted, found, strict=True):
            for value in have.values():
                np.testing.assert_array_equal(value[0], want[""][0], err_msg=f"{goal} {profile} {c.name}")


def assert_board_equals_reference(
    board: str,
    models: Sequence[bytes],
    folder: Path,
    vectors: int = 40,
    goals: Sequence[str] = ("balanced",),
) -> None:
    """Holds the real instructions to the PC reference, one firmware per model; the goals take turns."""
    for number, model in enumerate(models):
        path = folder / f"m{number}.tflite"
        path.write_bytes(model)
        goal = goals[number % len(goals)]
        made = export.build_export(ModelFile.open(path), boards.load(board), optimize=goal)
        export.write(made, folder / f"m{number}")
        (record,) = validate(folder / f"m{number}", [board], Source(random=vectors), timeout=120.0)
        assert record.status == "held", record


def joined(cases: Sequence[Case]) -> bytes:
    """Returns one model that holds the operators of all cases side by side."""
    models = [schema.ModelT.InitFromPackedBuf(bytearray(c.model), 0) for c in cases]
    whole = models[0]
    whole.signatureDefs = whole.metadata = None
    graph = whole.subgraphs[0]
    for number, model in enumerate(models[1:]):
        own = model.subgraphs[0]
        buffers, tensors, codes = len(whole.buffers), len(graph.tensors), len(whole.operatorCodes)
        for tensor in own.tensors:
            tensor.name = f"{tensor.name.decode()}{number}".encode()
            tensor.buffer += buffers
        for op in own.operators:
            op.opcodeIndex += codes
            op.inputs = [i if i < 0 else i + tensors for i in op.inputs]
            op.outputs = [i + tensors for i in op.outputs]
        whole.buffers += model.buffers
        whole.operatorCodes += model.operatorCodes
        graph.tensors += own.tensors
        graph.operators += own.operators
        graph.inputs = [*graph.inputs, *(i + tensors for i in own.inputs)]
        graph.outputs = [*graph.outputs, *(i + tensors for i in own.outputs)]
    builder = flatbuffers.Builder(1024)
    builder.Finish(whole.Pack(builder), b"TFL3")
    return bytes(builder.Output())
