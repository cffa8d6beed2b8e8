"""What it costs: flash and RAM of the linked firmware, by part."""

from collections.abc import Sequence

from edgekit.report import text
from edgekit.report.blocks import Block, Cell, Group, Picture, Table
from edgekit.report.charts import bar
from edgekit.report.parts import Memory, MemoryPart
from edgekit.report.read import Run
from edgekit.report.record import HilRecord
from edgekit.report.sections.base import Section
from edgekit.report.verdict import label


def _blocks(run: Run) -> Sequence[Block]:
    measured = [(record, record.memory) for record in run.hil if record.memory]
    blocks: list[Block] = []
    if measured:
        columns = ("board", "arena", "static RAM", "stack", "code", "weights")
        rows = [[label(record), *_row(memory)] for record, memory in measured]
        blocks.append(Table("The model in the linked firmware, in bytes", columns, rows))
    elif run.exports:
        rows = [
            [e.manifest.target, text.count(e.manifest.arena_bytes), text.count(e.manifest.weights_bytes)]
            for e in run.exports
        ]
        blocks.append(Table("As exported, in bytes; not yet linked", ("target", "arena", "weights"), rows))
    palette = bar.colours([part.name for _, memory in measured for part in _parts(memory)])
    for record, memory in measured:
        blocks.append(_firmware(record, memory, palette))
    return blocks


def _row(memory: Memory) -> list[str]:
    stack = "not measured" if memory.stack_bytes is None else text.count(memory.stack_bytes)
    return [
        text.count(memory.arena_bytes),
        text.count(memory.static_ram_bytes),
        stack,
        text.count(memory.code_bytes),
        text.count(memory.weights_bytes),
    ]


def _firmware(record: HilRecord, memory: Memory, palette: dict[str, str]) -> Group:
    names = {"flash": "Flash", "ram": "RAM"}
    blocks: list[Block] = [_bar(names[kind], memory, kind, palette) for kind in ("flash", "ram")]
    rows: list[list[str | Cell]] = [
        [Cell(part.name, swatch=palette[part.name]), names[part.kind], text.count(part.bytes)]
        for part in _parts(memory)
    ]
    blocks.append(Table("Every part, in bytes", ("part", "in", "bytes"), rows, folded=True))
    if memory.regions:
        full = [
            [
                r.name,
                names[r.kind],
                text.count(r.used_bytes),
                text.count(r.bytes),
                text.share(r.used_bytes / r.bytes),
            ]
            for r in memory.regions
            if r.bytes
        ]
        columns = ("memory", "kind", "used", "there", "share")
        blocks.append(Table("How full each memory is, in bytes", columns, full))
    return Group(f"{'The whole firmware' if memory.parts else 'Inference'} on {label(record)}", blocks)


def _parts(memory: Memory) -> list[MemoryPart]:
    """Returns the parts of the firmware; those of inference alone where no others are known."""
    return memory.parts or [
        MemoryPart(name="weights", kind="flash", bytes=memory.weights_bytes),
        MemoryPart(name="code", kind="flash", bytes=memory.code_bytes),
        MemoryPart(name="arena", kind="ram", bytes=memory.arena_bytes),
        MemoryPart(name="static RAM", kind="ram", bytes=memory.static_ram_bytes),
    ]


def _bar(name: str, memory: Memory, kind: str, palette: dict[str, str]) -> Picture:
    parts = [part for part in _parts(memory) if part.kind == kind]
    used = sum(part.bytes for part in parts)
    there = sum(region.bytes for region in memory.regions if region.kind == kind)
    of = f" of {text.size(there)} ({text.share(used / there)})" if there else ""
    amounts = [(part.name, part.bytes) for part in parts]
    legend = [(palette[part.name], f"{part.name} {text.size(part.bytes)}") for part in parts if part.bytes]
    return bar.stacked(f"{name}: {text.size(used)}{of}", amounts, palette, used, legend)


SECTION = Section(order=50, title="Size", blocks=_blocks, replaces=("size",))
