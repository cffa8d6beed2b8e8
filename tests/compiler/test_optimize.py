"""`--optimize ram` takes a fast kernel only where the arena stays as small as with portable ones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edgekit.compiler.compile import Program, compile_model
from edgekit.compiler.ops.base import Target

M4 = Target("cortex-m4", frozenset({"dsp", "fpu"}))


def fast_steps(program: Program) -> int:
    return sum(bool(step.feature) for step in program.lowering.steps)


@pytest.mark.parametrize("target", [M4, Target("cortex-m55", frozenset({"dsp", "fpu", "mve"}))])
def test_ram_is_as_small_as_portable_and_still_fast_where_that_is_free(shared_model, target):
    name, data = shared_model
    portable = compile_model(data, name, replace(target, features=frozenset()))
    balanced = compile_model(data, name, target)
    ram = compile_model(data, name, replace(target, optimize="ram"))
    assert ram.plan.arena_bytes <= portable.plan.arena_bytes
    assert ram.plan.arena_bytes <= balanced.plan.arena_bytes
    assert 0 < fast_steps(ram) <= fast_steps(balanced)
    most = ONE_PIXEL_GATES if name == "ecg_rhythm_random" and "mve" in target.features else 1.1
    for program in (portable, balanced, ram):
        assert program.weights_bytes <= most * program.model.constants_bytes


# Its squeeze-excite gates read 6 to 20 values of one pixel, which Helium's layout fills up to 16 or 32.
ONE_PIXEL_GATES = 1.11


ARENA = {"kws_ref_model": 8_500, "ad01_int8": 780, "ecg_rhythm_random": 9_700}


def test_arena_of_known_models_on_a_cortex_m4(shared_model):
    name, data = shared_model
    assert compile_model(data, name, replace(M4, optimize="ram")).plan.arena_bytes <= ARENA[name]
