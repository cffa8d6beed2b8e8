"""What a sweep leaves to look at: frontier and effects as pictures, and a page with both."""

from __future__ import annotations

from edgekit import console, files
from edgekit.pipeline.sweep import picture
from edgekit.pipeline.sweep.folder import SweepFolder
from edgekit.report import sweep_page
from edgekit.report.sweep import SweepRecord


def write(found: SweepRecord, folder: SweepFolder) -> None:
    """Writes report.html, frontier.svg, frontier.png and effects.svg.

    Args:
        found: The record.
        folder: The sweep's.
    """
    if any(trial.value is not None for trial in found.trials):
        picture.frontier(found, folder.path)
    drawn = picture.effects(found, folder.path).read_bytes() if found.effects else b""
    files.write_text(folder.path / "report.html", sweep_page.render(found, drawn))
    console.say(f"report: {(folder.path / 'report.html').resolve()}", "bold")
