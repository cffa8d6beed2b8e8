"""edgekit boards: the boards that there are, the facts of one, and whether they build."""

from __future__ import annotations

from typing import Annotated

import typer

from edgekit.cli.command import Outcome, add

ORDER = 21


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        boards,
        "boards",
        examples=["edgekit boards", "edgekit boards apollo4", "edgekit boards --check"],
    )


def boards(
    name: Annotated[str, typer.Argument(metavar="[BOARD]", help="Show all that is known of one board.")] = "",
    check: Annotated[
        bool, typer.Option("--check", help="Build the validation firmware for each board, or for BOARD.")
    ] = False,
) -> Outcome:
    """List the boards, or show the facts of one with their sources, or build for all."""
    from edgekit.pipeline import board_check
    from edgekit.pipeline.boards import listing, show_all, show_one

    if check:
        checked = board_check.check([name] if name else [])
        board_check.show(checked)
        return Outcome(board_check.as_json(checked), board_check.status(checked))
    found = listing(name)
    if name:
        show_one(found[0])
    else:
        show_all(found)
    return Outcome([board.model_dump(mode="json") for board in found])
