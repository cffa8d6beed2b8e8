"""edgekit recipes: the systems that there are."""

from __future__ import annotations

import typer

from edgekit.cli.command import Outcome, add

ORDER = 20


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, recipes, "recipes", examples=["edgekit recipes", "edgekit train ecg-rhythm --preset quick"])


def recipes() -> Outcome:
    """List the recipes: complete systems from data to budget."""
    from edgekit import console
    from edgekit.recipes.base import REGISTRY

    table = console.table("Recipes", ["name", "what", "model", "data", "presets"])
    found = REGISTRY.all()
    for key, recipe in found.items():
        table.add_row(key, recipe.title, recipe.model.name, recipe.data.dataset, ", ".join(recipe.presets))
    console.stdout().print(table)
    return Outcome([{"name": key, "title": recipe.title} for key, recipe in found.items()])
