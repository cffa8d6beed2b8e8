"""What an untrained candidate costs."""

import pytest

from edgekit.pipeline.sweep import cost
from tests.device.conftest import need

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("run")]


def test_a_run_that_is_quantised_already_counts_for_a_plan_whose_input_has_another_name(small_run, tmp_path):
    need("arm-none-eabi-gcc", "qemu-system-arm")
    plain = cost.untrained(small_run, small_run.recipe, "mps2-an386", tmp_path)
    recipe = small_run.recipe.model_copy(update={"compress": [{"step": "qat", "epochs": 1}]})
    trained = cost.untrained(small_run, recipe, "mps2-an386", tmp_path)
    assert len(list(tmp_path.glob("*.json"))) == 2
    assert trained.macs == plain.macs and trained.instructions == pytest.approx(plain.instructions, rel=0.01)
