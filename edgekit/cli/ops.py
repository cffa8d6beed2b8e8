"""edgekit ops: the operators that the aot engine compiles."""

from __future__ import annotations

import typer

from edgekit.cli.command import Outcome, add

ORDER = 23


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, ops, "ops", examples=["edgekit ops", "edgekit ops --json ops.json"])


def ops() -> Outcome:
    """List the operators that the aot engine compiles, with their limits."""
    from edgekit import console
    from edgekit.compiler.ops.base import operators

    table = console.table("Operators", ["operator", "types", "limits", "oracles"])
    found = dict(sorted(operators().by_name.items()))
    for name, operator in found.items():
        table.add_row(name, ", ".join(operator.signatures), operator.limits, ", ".join(operator.oracles))
    console.stdout().print(table)
    return Outcome(
        [
            {"name": name, "types": list(operator.signatures), "limits": operator.limits}
            for name, operator in found.items()
        ]
    )
