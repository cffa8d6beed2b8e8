"""Whether a budget can be met, told from the architecture before anything is trained."""

from __future__ import annotations

import tempfile
from pathlib import Path

from edgekit import console
from edgekit.device import boards
from edgekit.errors import CheckFailed, Problem
from edgekit.pipeline import build, export, measured
from edgekit.pipeline.model_file import ModelFile
from edgekit.pipeline.run_folder import RunFolder
from edgekit.pipeline.sweep.cost import untrained_network
from edgekit.recipes.base import Recipe
from edgekit.report.verdict import flash_bytes, ram_bytes


def check(run: RunFolder, recipe: Recipe, target: str) -> None:
    """Builds the untrained network, its plan of compression applied, and compares it to the budget.

    Memory follows from shapes. Where a step of the plan cuts by the size of weights (`prune` by `pth`), it is
    only known after training, and nothing is refused.

    Args:
        run: Its data are prepared.
        recipe: Of the run, with the plan.
        target: A board by key or path.

    Raises:
        CheckFailed: RAM or flash are over the budget, or the board's own; all at once.
        EnvironmentFailed: A tool is missing, or failed.
    """
    limits = {"ram_bytes": recipe.budget.ram_bytes, "flash_bytes": recipe.budget.flash_bytes}
    if not any(limits.values()) or not _decided(recipe):
        return
    from edgekit.training.untrained import int8_on_noise

    board = boards.load(target)
    with console.status("Budget: building the untrained network"):
        model = untrained_network(run, recipe)
        source = ModelFile(run.tflite, int8_on_noise(model, recipe.quantize), run)
        with tempfile.TemporaryDirectory(prefix="edgekit-budget-") as name:
            folder = Path(name) / "export"
            export.write(export.build_export(source, board), folder)
            memory = measured.memory(build.make(folder, target), stack_bytes=None)
    used = {"ram_bytes": ram_bytes(memory), "flash_bytes": flash_bytes(memory)}
    problems = [
        Problem(
            f"{recipe.name} on {board.key}",
            f"the untrained network takes {used[name] - limit:,} bytes more than budget.{name}",
            f"{limit:,} bytes", f"{used[name]:,} bytes",
            "a smaller network or input, a plan that removes more, or a larger budget",
        )
        for name, limit in limits.items()
        if limit and used[name] > limit
    ]  # fmt: skip
    if problems:
        raise CheckFailed(problems)


def _decided(recipe: Recipe) -> bool:
    """Says whether the shapes at the end of the plan follow from the recipe alone."""
    shares = ("keep_parameters", "keep_macs")
    return all(
        step["step"] != "prune" or any(step.get(share) for share in shares) for step in recipe.compress
    )
