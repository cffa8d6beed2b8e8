"""Stage 7: the page, and its Markdown, JSON and JUnit twins."""

from __future__ import annotations

from pathlib import Path

from edgekit import console, manifest
from edgekit.errors import InputError
from edgekit.report import html, junit, markdown, summary
from edgekit.report.read import Run, read


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
