"""What all pages share: their frame, templates/report/page.html.j2, and how it is filled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from edgekit import __version__, paths


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above and below a page's content.

    Args:
        kind: Of page, e.g. "report".
        name: Of what it is about; beside the kind.
        title: Of the window.
        heading: Over the page; "" = the title.
        notice: Shown with every result, e.g. that it is no medical device.
        synthetic: What of it rests on synthetic data, in a sentence; "" = nothing.
        footer: A last sentence.
    """

    kind: str
    name: str
    title: str
    heading: str = ""
    notice: str = ""
    synthetic: str = ""
    footer: str = ""


def render(head: Head, template: str = "page.html.j2", **content: Any) -> str:
    """Returns a page: one file that needs no network.

    Args:
        head: Its names may come from files that others made: all are escaped, as is the content.
        template: That frame, or one in templates/report that extends it.
        content: What the template asks for; the frame itself for `tiles` and `sections`.
    """
    environment = Environment(
        loader=FileSystemLoader(paths.share("templates") / "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(head=head, version=__version__, **content)
