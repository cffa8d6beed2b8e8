"""Stage 7: the page, and its Markdown, JSON and JUnit twins."""

from __future__ import annotations

from pathlib import Path

from edgekit import console, manifest
from edgekit.errors import InputError
from edgekit.report import against, html, junit, markdown, summary
from edgekit.report.against import Change
from edgekit.report.read import Run, read
from edgekit.report.record import load_hil


def write(folder: Path) -> dict[str, Path]:
    """Writes report.html, report.md, report.json and junit.xml into a run folder or an export.

    Args:
        folder: A run folder, or what `edgekit export` wrote.

    Returns:
        The path of each, by name.

    Raises:
        InputError: The folder is neither.
    """
    run = gather(Path(folder))
    paths = {
        "html": run.folder / "report.html",
        "markdown": run.folder / "report.md",
        "json": run.folder / "report.json",
        "junit": run.folder / "junit.xml",
    }
    html.write(run, paths["html"])
    markdown.write(run, paths["markdown"])
    summary.write(run, paths["json"])
    junit.write(run, paths["junit"])
    console.say(f"report: {paths['html'].resolve()}", "bold")
    return paths


def compare(folder: Path, old: Path, allow: str) -> list[Change]:
    """Compares a run's results on boards with older ones, and prints what changed.

    Args:
        folder: A run folder, or what `edgekit export` wrote.
        old: What `edgekit hil --json` wrote, then.
        allow: How much each figure may get worse, e.g. "time=5,ram=0".

    Raises:
        InputError: A file is damaged, a limit is wrong, or no two results belong together.
    """
    limits = against.allowed(allow)
    changes = against.compare(gather(Path(folder)).hil, load_hil(Path(old)), limits)
    table = console.table(f"Against {old}", ["board", "figure", "old", "new", "change", "allowed", ""])
    for change in changes:
        limit = limits.get(change.figure)
        unit = "points" if change.figure == "accuracy" else "%"
        table.add_row(
            change.board,
            change.figure,
            change.old,
            change.new,
            change.change,
            "" if limit is None else f"{limit:g} {unit}",
            change.why or change.outcome,
        )
    console.stdout().print(table)
    return changes


def gather(folder: Path) -> Run:
    """Reads what there is to report: the folder, its exports and their results on boards."""
    if (folder / manifest.FILE_NAME).is_file():
        return read(folder)
    if not (folder / "config.yaml").is_file():
        raise InputError(
            where=str(folder),
            what="is neither a run folder nor an export",
            expected=f"a folder with config.yaml or {manifest.FILE_NAME}",
            hint="edgekit train RECIPE, or edgekit export MODEL",
        )
    return read(folder, hil=sorted(folder.glob("export/*/hil/*.json")))
