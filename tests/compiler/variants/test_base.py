"""The best variant that takes a node is used, on cores that have its feature; else the portable kernel."""

from __future__ import annotations

import pytest

from edgekit.compiler import compile as compiling
from edgekit.compiler.compile import compile_model
from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Target, operators
from edgekit.compiler.variants import base
from edgekit.compiler.variants.base import Variant


class Renamed(Variant):
    """The portable call under another name."""

    op = "CONV_2D"
    feature = "dsp"

    def __init__(self, kernel: str, priority: int, takes: bool = True) -> None:
        self.kernel, self.order, self.takes = kernel, priority, takes

    @property
    def priority(self) -> int:  # type: ignore[override]
        return self.order

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        call = operators().by_name[self.op].lower(node, target)
        assert isinstance(call, KernelCall)
        return (
            KernelCall(self.kernel, call.params, call.inputs, call.outputs, call.constants)
            if self.takes
            else None
        )


def kernels(model: bytes, features: set[str]) -> tuple[list[str], list[str]]:
    program = compile_model(model, "tiny.tflite", Target("cortex-m4", frozenset(features), optimize="speed"))
    return [s.call.kernel for s in program.lowering.steps if s.call], program.lowering.features


@pytest.fixture
def offered(monkeypatch):
    """Puts variants in the registry's place."""

    def put(*found: Variant) -> None:
        class Registry:
            def all(self) -> dict[str, Variant]:
                return {str(i): variant for i, variant in enumerate(found)}

        monkeypatch.setattr(base, "REGISTRY", Registry())
        assert compiling.variants is base.variants

    return put


def test_a_core_without_the_feature_gets_the_portable_kernel(tiny_model, offered):
    offered(Renamed("fast", 0))
    assert kernels(tiny_model, {"fpu"}) == (["ek_conv2d_s8", "ek_fully_connected_s8"], [])


def test_the_variant_of_highest_priority_that_takes_the_node_is_used(tiny_model, offered):
    offered(Renamed("fast", 0), Renamed("faster", 1), Renamed("picky", 2, takes=False))
    assert kernels(tiny_model, {"dsp"}) == (["faster", "ek_fully_connected_s8"], ["dsp"])


def test_every_variant_is_of_an_operator_that_there_is():
    for variant in base.REGISTRY.all().values():
        assert variant.op in operators().by_name
        assert variant.feature in ("dsp", "mve")
