"""`--optimize`: ram is as small as portable kernels are, balanced fast in at most a quarter more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edgekit.compiler.compile import Program, compile_model
from edgekit.compiler.ops.base import Target

M4 = Target("cortex-m4", frozenset({"dsp", "fpu"}))


def fast_steps(program: Program) -> int:
    steps = program.lowering.steps
    return sum(bool(part.feature) for step in steps for part in (step.group.stages if step.group else [step]))


@pytest.mark.parametrize("target", [M4, Target("cortex-m55", frozenset({"dsp", "fpu", "mve"}))])
def test_ram_is_as_small_as_portable_and_balanced_is_fast_in_little_more(shared_model, target):
    name, data = shared_model
    portable = compile_model(data, name, replace(target, features=frozenset(), optimize="ram"))
    speed = compile_model(data, name, replace(target, optimize="speed"))
    balanced = compile_model(data, name, target)
    ram = compile_model(data, name, replace(target, optimize="ram"))
    assert ram.plan.arena_bytes <= 1.035 * portable.plan.arena_bytes
    assert balanced.plan.arena_bytes <= 1.25 * ram.plan.arena_bytes
    assert 0 < fast_steps(ram) <= fast_steps(balanced) <= fast_steps(speed)
    assert not any(step.group for step in speed.lowering.steps)
    for program in (portable, balanced, ram):
        assert program.weights_bytes <= 1.1 * program.model.constants_bytes


ARENA = {"kws_ref_model": 8_500, "ad01_int8": 780, "ecg_rhythm_random": 5_200}


def test_arena_of_known_models_on_a_cortex_m4(shared_model):
    name, data = shared_model
    assert compile_model(data, name, replace(M4, optimize="ram")).plan.arena_bytes <= ARENA[name]
