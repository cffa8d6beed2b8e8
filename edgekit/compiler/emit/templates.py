"""Renders the templates that edgekit carries; they hold layout only."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from edgekit import paths


def render(template: str, **values: Any) -> str:
    """Returns the text of a template.

    Args:
        template: Path below templates/, e.g. "aot/model.c.j2".
        values: What it refers to; a name that is missing is an error.
    """
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(paths.share("templates")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
