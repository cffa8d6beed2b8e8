"""edgekit boards: the boards that there are, and the facts of one."""

from __future__ import annotations

from typing import Annotated

import typer

from edgekit.cli.command import Outcome, add

ORDER = 21


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, boards, "boards", examples=["edgekit boards", "edgekit boards apollo4"])


def boards(
    name: Annotated[str, typer.Argument(metavar="[BOARD]", help="Show all that is known of one board.")] = "",
) -> Outcome:
    """List the boards, or show the facts of one with their sources."""
    from edgekit.pipeline.boards import listing, show_all, show_one

    found = listing(name)
    if name:
        show_one(found[0])
    else:
        show_all(found)
    return Outcome([board.model_dump(mode="json") for board in found])
