"""What a section of the report is made of; HTML and Markdown render the same blocks.

Each block has a template of its `kind` in templates/report/blocks/. Blocks hold text as it is:
escaping is the renderer's business.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal
from urllib.parse import quote

Tone = Literal["", "good", "bad", "warn", "muted"]
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell that means something: good, bad, muted; `swatch` is a colour of the palette."""

    text: str
    tone: Tone = ""
    swatch: str = ""


@dataclass(frozen=True, slots=True)
class Prose:
    """One paragraph."""

    kind: ClassVar[str] = "prose"
    text: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns; the first column names the row.

    Args:
        caption: What the table shows, or "".
        columns: Their names.
        rows: One value per column.
        text: The values are words, not numbers.
        folded: Folded away until asked for (the twin of a picture, long lists).
    """

    kind: ClassVar[str] = "table"
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]
    text: bool = False
    folded: bool = False

    @property
    def cells(self) -> list[list[Cell]]:
        """The rows with every value as a `Cell`."""
        return [[v if isinstance(v, Cell) else Cell(v) for v in row] for row in self.rows]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values."""

    kind: ClassVar[str] = "facts"
    items: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Commands:
    """Command lines to repeat something."""

    kind: ClassVar[str] = "commands"
    caption: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that another program drew, as a data URI: it can load nothing and run nothing.

    Args:
        uri: As `data_uri` gives it.
        alt: What it shows, for those who cannot see it.
        caption: Shown beneath.
    """

    kind: ClassVar[str] = "image"
    uri: str
    alt: str
    caption: str


def data_uri(content: bytes) -> str:
    """Returns a picture as a data URI.

    Args:
        content: A PNG; else an SVG.
    """
    if content.startswith(PNG):
        return "data:image/png;base64," + base64.b64encode(content).decode()
    return "data:image/svg+xml," + quote(content.replace(b"\n", b" "), safe=" =/;,.-+()")


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure that a reader looks for first."""

    label: str
    value: str
    detail: str = ""
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Tiles:
    """The figures that a reader looks for first, side by side."""

    kind: ClassVar[str] = "tiles"
    items: Sequence[Tile]


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of a picture; `css` is its class, `title` what a pointer shows."""

    kind: ClassVar[str] = "rect"
    x: float
    y: float
    width: float
    height: float
    css: str
    title: str = ""
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a picture; `y` is its base line."""

    kind: ClassVar[str] = "text"
    x: float
    y: float
    text: str
    css: str = ""
    anchor: Literal["start", "middle", "end"] = "start"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a picture, as an SVG path."""

    kind: ClassVar[str] = "line"
    path: str
    css: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """An inline SVG.

    Args:
        title: What it shows, also for those who cannot see it.
        description: What there is to see, in words.
        width, height: Of the drawing, in its own units (CSS pixels at full size).
        marks: What is drawn, from back to front.
        legend: Colour class and meaning.
        caption: Shown beneath.
        stretch: Fill the width of the page, whatever its proportions (for pictures without text).
        min_width: Narrower than this it scrolls instead of shrinking.
    """

    kind: ClassVar[str] = "picture"
    title: str
    description: str
    width: float
    height: float
    marks: Sequence[Rect | Text | Line]
    legend: Sequence[tuple[str, str]] = ()
    caption: str = ""
    stretch: bool = False
    min_width: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Blocks under a heading of their own."""

    kind: ClassVar[str] = "group"
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Columns:
    """Blocks side by side where the page is wide enough."""

    kind: ClassVar[str] = "columns"
    blocks: Sequence[Block]


Block = Prose | Table | Facts | Commands | Image | Tiles | Picture | Group | Columns
