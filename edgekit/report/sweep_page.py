"""`report.html` of a sweep: one file that needs no network; its script shows and filters points."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from edgekit.report import page, text
from edgekit.report.blocks import Block, Cell, Commands, Facts, Image, Table, Tile, data_uri
from edgekit.report.charts.scale import Scale, ticks
from edgekit.report.sweep import Interval, SweepRecord, Trial

_WIDTH, _HEIGHT = 860.0, 440.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 64.0, 24.0, 16.0, 52.0
_RADIUS = (4.0, 15.0)  # of the points with the least and the most flash


@dataclass(frozen=True, slots=True)
class Dot:
    """One point of the picture, with what the pointer shows."""

    number: int
    x: float
    y: float
    radius: float
    css: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Chart:
    """The picture: metric against instructions."""

    width: float
    height: float
    dots: list[Dot]
    line: str
    xs: list[tuple[float, str]]
    ys: list[tuple[float, str]]
    left: float
    right: float
    top: float
    bottom: float


def render(found: SweepRecord, drawn: bytes = b"") -> str:
    """Returns the page.

    Args:
        found: The record. Its names may come from files that others made: all are escaped.
        drawn: The effects as a picture, SVG; it is embedded as an image, so it can run nothing.
    """
    words = "Effect of each option; the table below has the numbers"
    head = page.Head(
        kind="sweep",
        name=found.name,
        title=found.recipe,
        heading=f"{found.recipe}: {len(found.trials)} points on {found.target}",
        notice=found.notice,
        synthetic="Trained and judged on synthetic data." if found.synthetic else "",
        footer="Instructions are counted by an emulator; they are not cycles.",
    )
    return page.render(
        head,
        "sweep.html.j2",
        found=found,
        tiles=_tiles(found),
        chart=chart(found),
        choices={choice: options for choice, options in found.choices.items() if len(options) > 1},
        short=lambda choice: choice.rpartition(".")[2],
        effects=_effects(found),
        drawn=Image(data_uri(drawn), words, "") if drawn else None,
        points=_points(found),
        details=_details(found),
    )


def chart(found: SweepRecord) -> Chart | None:
    """Returns the picture of all points that were trained; None where there is none."""
    done = [t for t in found.trials if t.cost is not None and t.value is not None]
    if not done:
        return None
    logs = [math.log10(max(1, t.cost.instructions)) for t in done if t.cost]
    values = [t.value for t in done if t.value is not None]
    flashes = [t.cost.flash_bytes for t in done if t.cost]
    pad_x = 0.06 * (max(logs) - min(logs)) or 0.1
    pad_y = 0.08 * (max(values) - min(values)) or 0.02
    x = Scale(min(logs) - pad_x, max(logs) + pad_x, _LEFT, _WIDTH - _RIGHT)
    y = Scale(min(values) - pad_y, max(values) + pad_y, _HEIGHT - _BOTTOM, _TOP)
    area = Scale(math.sqrt(min(flashes)), math.sqrt(max(flashes)), *_RADIUS)
    dots = [
        Dot(
            number=t.number,
            x=x(log),
            y=y(value),
            radius=area(math.sqrt(flash)),
            css="best" if t.number in found.frontier else "over" if t.reason else "rest",
            lines=_lines(t, found),
        )
        for t, log, value, flash in zip(done, logs, values, flashes, strict=True)
    ]
    dots.sort(key=lambda dot: (dot.css == "best", -dot.radius))  # large ones behind, the frontier in front
    at = {dot.number: (dot.x, dot.y) for dot in dots}
    steps = [at[number] for number in found.frontier]
    line = "".join(f"M{px:g} {py:g}" if i == 0 else f"H{px:g}V{py:g}" for i, (px, py) in enumerate(steps))
    return Chart(
        _WIDTH, _HEIGHT, dots, line,
        xs=[(x(math.log10(v)), text.compact(v)) for v in _decades(x.low, x.high)],
        ys=[(y(v), f"{v:.4g}") for v in ticks(y.low, y.high, 6)],
        left=_LEFT, right=_WIDTH - _RIGHT, top=_TOP, bottom=_HEIGHT - _BOTTOM,
    )  # fmt: skip


def _decades(low: float, high: float) -> list[float]:
    """Returns 1, 2 and 5 times powers of ten between two logarithms."""
    numbers = [m * 10.0**power for power in range(math.floor(low), math.ceil(high)) for m in (1, 2, 5)]
    return [v for v in numbers if low <= math.log10(v) <= high]


def _lines(t: Trial, found: SweepRecord) -> list[str]:
    """Returns what the pointer shows of a point, line by line."""
    said = [f"trial {t.number}" + (", frontier" if t.number in found.frontier else "")]
    said += [f"{choice}: {option}" for choice, option in t.point.items()]
    said.append(f"{found.metric.name} {_number(t.value)} (float {_number(t.value_float)})")
    if t.cost is not None:
        said.append(f"{text.count(t.cost.instructions)} instructions")
        said.append(f"RAM {text.size(t.cost.ram_bytes)}, flash {text.size(t.cost.flash_bytes)}")
    return said + ([t.reason] if t.reason else [])


def _tiles(found: SweepRecord) -> list[Tile]:
    best = [found.trial(number) for number in found.frontier]
    tiles = [
        Tile(
            "Points", f"{len(found.trials)}", f"{found.counts.get('skipped', 0)} over the budget, not trained"
        ),
        Tile("On the frontier", f"{len(best)}", "no other is better and cheaper"),
    ]
    if best and best[0].cost and best[-1].cost:
        name = found.metric.name
        for title, t in (("Best", best[-1]), ("Cheapest", best[0])):
            assert t.cost is not None
            cost = f"{text.compact(t.cost.instructions)} instructions, flash {text.size(t.cost.flash_bytes)}"
            tiles.append(Tile(f"{title}: trial {t.number}", f"{name} {_number(t.value)}", cost))
    failed = found.counts.get("failed", 0)
    if failed:
        tiles.append(Tile("Failed", f"{failed}", "run the sweep again", "bad"))
    return tiles


def _effects(found: SweepRecord) -> Table | None:
    if not found.effects:
        return None
    rows = [
        [
            effect.choice.rpartition(".")[2], f"{effect.option} against {effect.against}",
            *_interval(effect.metric, 1, ""),
            *_interval(effect.instructions, 100, " %"), *_interval(effect.flash_bytes, 100, " %"),
        ]
        for effect in found.effects
    ]  # fmt: skip
    columns = ["choice", "option", found.metric.name, "95 %", "instructions", "95 %", "flash", "95 %"]
    return Table("", columns, rows)


def _interval(interval: Interval | None, scale: float, unit: str) -> list[str | Cell]:
    if interval is None:
        return [Cell("n/a", "muted"), Cell("")]
    digits = 4 if scale == 1 else 1
    value = f"{scale * interval.value:+.{digits}f}{unit}"
    if interval.low is None or interval.high is None:
        return [value, Cell("too few points", "muted")]
    ends = f"{scale * interval.low:+.{digits}f} to {scale * interval.high:+.{digits}f}"
    return [value, Cell(ends, "" if interval.low * interval.high > 0 else "muted")]


def _points(found: SweepRecord) -> Table:
    columns = ["trial", *(choice.rpartition(".")[2] for choice in found.choices), found.metric.name, "test",
               "instructions", "RAM", "flash", ""]  # fmt: skip
    rows: list[list[str | Cell]] = []
    for t in found.trials:
        state = (
            Cell("frontier", "good") if t.number in found.frontier else Cell(t.reason or t.status, "muted")
        )
        if t.status == "failed":
            state = Cell(f"failed: {t.reason}", "bad")
        costs = (
            [text.count(t.cost.instructions), text.size(t.cost.ram_bytes), text.size(t.cost.flash_bytes)]
            if t.cost
            else ["-"] * 3
        )
        rows.append(
            [f"{t.number}", *(t.point.get(choice, "") for choice in found.choices), _number(t.value),
             _number(t.test_value), *costs, state]
        )  # fmt: skip
    return Table("", columns, rows)


def _details(found: SweepRecord) -> list[Block]:
    limits: list[tuple[str, Any]] = [
        ("RAM", found.budget.ram_bytes and text.size(found.budget.ram_bytes)),
        ("flash", found.budget.flash_bytes and text.size(found.budget.flash_bytes)),
        ("instructions", found.budget.instructions and text.count(found.budget.instructions)),
    ]
    budget = (
        ", ".join(f"{name} {value}" for name, value in limits if value) or "none beyond the board's memories"
    )
    facts = [
        ("recipe", f"{found.recipe} {found.preset}".strip()),
        ("space", f"{found.name} {found.title}".strip()),
        ("search", found.search),
        ("target", f"{found.target}, {found.core}, emulated"),
        ("limits", budget or "none beyond the board's memories"),
        ("quantised it may lose", f"{found.max_metric_drop:g} of {found.metric.name}"),
        ("trials took", f"{text.seconds(found.seconds)} one after the other"),
        ("edgekit", found.edgekit),
    ]
    pick = "edgekit sweep <this folder> --pick smallest-within=0.02 -o out"
    return [Facts(facts), Commands("Repeat, and export a point", [found.command, pick])]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
