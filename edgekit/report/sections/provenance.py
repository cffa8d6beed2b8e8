"""Where everything came from, and what repeats it."""

from collections.abc import Mapping, Sequence
from typing import Any

from edgekit.report import text
from edgekit.report.blocks import Block, Columns, Commands, Facts, Group, Table
from edgekit.report.read import Run
from edgekit.report.record import HilRecord
from edgekit.report.sections.base import Section
from edgekit.report.verdict import label, reference

_MAX_ITEMS = 60
_MAX_LENGTH = 200


def _blocks(run: Run) -> Sequence[Block]:
    plain = {k: v for k, v in run.provenance.items() if not isinstance(v, dict | list)}
    plain |= {k: run.config[k] for k in ("name", "description") if run.config.get(k)}
    tables = {k: v for k, v in run.provenance.items() if isinstance(v, dict) and v and k != "seconds"}
    blocks: list[Block] = [Facts(_items(plain))] if plain else []
    groups: list[Block] = [
        Group(name.replace("_", " ").capitalize(), [Facts(_items(v))]) for name, v in tables.items()
    ]
    stages = _seconds(run)
    if stages:
        rows = [[name, text.seconds(value)] for name, value in stages.items()]
        groups.append(Group("Time of each stage", [Table("", ("stage", "wall time"), rows)]))
    if groups:
        blocks.append(Columns(groups))
    blocks += [Group(f"Firmware: {label(record)}", [Facts(_firmware(record))]) for record in run.hil]
    commands = run.provenance.get("commands")
    lines = [str(line) for line in commands[:_MAX_ITEMS]] if isinstance(commands, list) else []
    lines += [record.command for record in run.hil if record.command]
    if lines:
        blocks.append(Commands("To repeat it", list(dict.fromkeys(lines))))
    return blocks


def _seconds(run: Run) -> dict[str, float]:
    noted = run.provenance.get("seconds")
    stages = dict(noted) if isinstance(noted, dict) else {}
    stages |= run.metrics.seconds if run.metrics else {}
    return {str(k): float(v) for k, v in stages.items() if isinstance(v, int | float)}


def _firmware(record: HilRecord) -> list[tuple[str, str]]:
    compiler, clock, memory, link = record.compiler, record.clock, record.memory, record.link
    facts = {
        "board": record.board,
        "core": record.core,
        "emulator": record.emulator,
        "engine": ", ".join(
            p
            for p in (record.engine, record.numerics and f"numerics {record.numerics}", record.optimize)
            if p
        ),
        "reference": reference(record) if record.reference else "",
        "compiler": f"{compiler.name} {compiler.version}" if compiler else "",
        "flags": " ".join(compiler.flags) if compiler else "",
        "placement": ", ".join(f"{k} in {v}" for k, v in memory.placement.items()) if memory else "",
        "clock": f"{clock.hz / 1e6:g} MHz" if clock and clock.hz else "",
        "caches": clock.caches if clock else "",
        "state": f"{record.state} between vectors",
        "vectors": _source(record),
        "link": _link(record) if link else "",
        "model sha256": record.model_sha256,
        "firmware sha256": record.firmware_sha256,
        "edgekit": record.edgekit,
    }
    return [(name, value) for name, value in facts.items() if value]


def _source(record: HilRecord) -> str:
    source = record.source
    if source is None:
        return ""
    if source.kind == "random":
        return f"random, seed {source.seed}"
    return source.path + (f", sha256 {source.sha256}" if source.sha256 else "")


def _link(record: HilRecord) -> str:
    link = record.link
    assert link is not None
    baud = f" at {text.count(link.baud)} baud" if link.baud else ""
    retries = "1 retry" if link.retries == 1 else f"{text.count(link.retries)} retries"
    took = text.seconds(link.seconds)
    return f"{link.transport or 'serial'}{baud}: {text.count(link.bytes)} bytes in {took}, {retries}"


def _items(tree: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(str(k), text.clip(str(v), _MAX_LENGTH)) for k, v in list(tree.items())[:_MAX_ITEMS]]


SECTION = Section(order=90, title="Provenance", blocks=_blocks)
