"""Counts on emulated boards: one row per model, board and goal, and the page made of them."""

from __future__ import annotations

import pytest

from edgekit.errors import InputError
from edgekit.pipeline import bench_models, bench_page
from edgekit.pipeline.bench import bench
from tests.device.conftest import need


def row(model: str, core: str, fewer: float | None) -> dict:
    return {
        "model": model, "board": "b", "core": core, "optimize": "speed", "instructions": 1000, "macs": 500,
        "instructions_per_mac": 2.0, "arena_bytes": 4096, "code_bytes": 2048, "weights_bytes": 100,
        "weights_to_constants": 1.03,
        "tflm_instructions": int(1000 * (fewer or 0)), "tflm_arena_bytes": 9000, "times_fewer": fewer,
        "modelled_cycles": 1500, "times_fewer_cycles": 2 * fewer if fewer else None,
    }  # fmt: skip


def test_the_page_has_a_row_per_run_and_the_geometric_mean_of_what_is_known():
    page = bench_page.markdown([row("a", "cortex-m4", 2.0), row("b", "cortex-m4", 8.0), row("c", "m4", None)])
    known = "| a | cortex-m4 | speed | 1,000 | 2.00 | 4,096 | 2,048 | 100 | 1.03 | 2,000 | 9,000 | 2.00 |"
    assert f"{known} 1,500 | 4.00 |" in page
    assert "| c | m4 | speed | 1,000 | 2.00 | 4,096 | 2,048 | 100 | 1.03 |  |  |  | 1,500 |  |" in page
    assert "| cortex-m4 | speed | 2 | 4.00 |" in page and "| cortex-m4 | speed | 2 | 8.00 |" in page
    assert "emulated" in page


def test_every_model_that_tflm_was_counted_with_is_among_the_networks():
    known = bench_models.tflm()
    assert all({"cortex-m4", "cortex-m55"} <= set(entry) for entry in known.values())
    ours = {id(known[name]) for name in bench_models.networks() if name in known}
    assert ours == {id(entry) for entry in known.values()}


def test_what_counts_no_instructions_is_refused(tiny_file):
    with pytest.raises(InputError, match="counts no instructions"):
        bench([tiny_file], ["host"])
    with pytest.raises(InputError, match="did you mean 'speed'"):
        bench([tiny_file], ["mps2-an386"], ["sped"])


@pytest.mark.board
def test_a_model_is_counted_and_the_page_written(tiny_file, tmp_path):
    need("arm-none-eabi-gcc", "qemu-system-arm")
    (found,) = bench([tiny_file], ["mps2-an386"], markdown=tmp_path / "page.md")
    assert 0 < found["instructions"] < 100_000
    assert 1 < found["modelled_cycles"] / found["instructions"] < 3
    assert found["macs"] == 16 * 4 * 18 + 3 * 64
    assert (
        f"| tiny | cortex-m4 | balanced | {found['instructions']:,} |" in (tmp_path / "page.md").read_text()
    )


@pytest.mark.slow
def test_the_networks_have_the_multiplications_that_tflm_was_counted_with(tmp_path):
    """Otherwise the ratio compares different networks."""
    pytest.importorskip("tensorflow")
    from edgekit.compiler.compile import compile_model
    from edgekit.compiler.ops.base import Target

    known = bench_models.tflm()
    for model in bench_models.untrained(tmp_path):
        if model.path.stem not in known:
            continue
        program = compile_model(model.data, model.path.name, Target())
        assert program.macs == known[model.path.stem]["macs"], model.path.stem
