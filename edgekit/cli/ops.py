"""edgekit ops: the operators that the aot engine compiles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgekit.cli.command import Outcome, add

ORDER = 23


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, ops, "ops", examples=["edgekit ops", "edgekit ops --markdown operators.md"])


def ops(
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="Write the list as a page, too.")
    ] = None,
) -> Outcome:
    """List the operators that the aot engine compiles, with their limits."""
    from edgekit import console, files
    from edgekit.compiler import opdocs
    from edgekit.compiler.ops.base import operators

    if markdown is not None:
        files.write_text(markdown, opdocs.markdown())
    table = console.table("Operators", ["operator", "types", "limits", "oracles"])
    found = operators().listed
    for name, operator in found.items():
        table.add_row(name, ", ".join(operator.signatures), operator.limits, ", ".join(operator.oracles))
    console.stdout().print(table)
    return Outcome(
        [
            {"name": name, "types": list(operator.signatures), "limits": operator.limits}
            for name, operator in found.items()
        ]
    )
