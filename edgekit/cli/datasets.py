"""edgekit datasets: the data sets that there are."""

from __future__ import annotations

import typer

from edgekit.cli.command import Outcome, add

ORDER = 22


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, datasets, "datasets", examples=["edgekit datasets", "edgekit data show ecg-rhythm"])


def datasets() -> Outcome:
    """List the data sets, with their source and terms."""
    from edgekit import console
    from edgekit.data.base import REGISTRY

    table = console.table("Data sets", ["name", "what", "licence", "source"])
    found = REGISTRY.all()
    for key, dataset in found.items():
        name = f"{key} (synthetic)" if dataset.synthetic else key
        table.add_row(name, dataset.title, dataset.licence, dataset.source)
    console.stdout().print(table)
    return Outcome(
        [
            {"name": key, "title": item.title, "synthetic": item.synthetic, "licence": item.licence}
            for key, item in found.items()
        ]
    )
