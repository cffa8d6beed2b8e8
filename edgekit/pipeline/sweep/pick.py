"""Takes a point of a finished sweep: evaluates it whole and exports it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edgekit import console
from edgekit.errors import CheckFailed, InputError
from edgekit.pipeline import evaluate, export
from edgekit.pipeline.run_folder import RunFolder
from edgekit.pipeline.sweep import results
from edgekit.pipeline.sweep.folder import SweepFolder
from edgekit.report.sweep import SweepRecord, Trial

RULES = "N, best, smallest-within=SHARE or fastest-within=SHARE"


def pick(folder: SweepFolder, rule: str, out: Path, data_dir: Path | None = None) -> dict[str, Any]:
    """Evaluates a point on the test subjects and exports it for the sweep's target.

    Args:
        folder: A sweep with results.
        rule: A trial's number; "best"; or "smallest-within=0.02", the least flash among the points of the
            frontier whose metric is at most 0.02 worse than the best; "fastest-within=0.02", the fewest
            instructions among them.
        out: Folder to write.
        data_dir: Folder of real recordings, for recipes that count them.

    Returns:
        The trial, and where its run and its export lie.

    Raises:
        InputError: An unknown rule, or a point that was not trained.
        CheckFailed: No point keeps the limits.
    """
    found = results.load(folder)
    trial = choose(found, rule)
    run = RunFolder.open(folder.path / trial.run)
    if trial.reason:
        console.warn(f"trial {trial.number} is over a limit: {trial.reason}")
    if not run.metrics.is_file():
        evaluate.evaluate(run, data_dir=data_dir)
    exported = export.export(run.path, found.target, out)
    return {"trial": trial.to_json(), "run": str(run.path), **exported}


def choose(found: SweepRecord, rule: str) -> Trial:
    """Returns the trial that a rule names; see `pick`."""
    if rule.isdigit():
        known = {trial.number: trial for trial in found.trials}
        trial = known.get(int(rule))
        if trial is None or trial.status != "done":
            numbers = ", ".join(str(t.number) for t in found.trials if t.status == "done")
            raise InputError(
                where=f"--pick {rule}", what="was not trained" if trial else "is no trial of this sweep",
                expected=f"one of {numbers}" if numbers else "", found=trial.reason if trial else "",
            )  # fmt: skip
        return trial
    name, _, text = rule.partition("=")
    within = _share(rule, text) if name in ("smallest-within", "fastest-within") else 0.0
    if name not in ("best", "smallest-within", "fastest-within") or (name == "best" and text):
        raise InputError(where=f"--pick {rule}", what="is no rule", expected=RULES)
    candidates = [found.trial(number) for number in found.frontier]
    if not candidates:
        raise CheckFailed(
            where=f"--pick {rule}", what="no point was trained that keeps every limit",
            hint="results.csv has the reason of each; --pick N takes one all the same",
        )  # fmt: skip
    sign = 1.0 if found.metric.higher_is_better else -1.0
    best = max(sign * (t.value or 0.0) for t in candidates)
    near = [t for t in candidates if sign * (t.value or 0.0) >= best - within - 1e-12]
    cost = "flash_bytes" if name == "smallest-within" else "instructions"
    return min(near, key=lambda t: getattr(t.cost, cost))


def _share(rule: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e9:
        raise InputError(
            where=f"--pick {rule}", what="needs how much worse the metric may be", expected=RULES, found=text
        )
    return value
