"""Which shapes the cases of each operator had that equalled the oracles: the column of docs/operators.md."""

from __future__ import annotations

import json

from edgekit.compiler.opdocs import TESTED
from edgekit.compiler.tflite.reader import read

Shape = tuple[int, ...]

_noted: dict[str, set[Shape]] = {}


def note(model: bytes) -> None:
    """Notes the shape of the first computed input of a model's only operator."""
    graph = read(model, "test.tflite").main
    view = graph.view(graph.nodes[0])
    shapes = [t.shape for t in view.inputs if t is not None and not t.constant and not t.variable]
    if shapes:
        _noted.setdefault(view.node.op, set()).add(shapes[0])


def write() -> None:
    """Writes the smallest and the largest shape of each rank, for the operators that were tested."""
    known = json.loads(TESTED.read_text(encoding="utf-8")) if TESTED.exists() else {}
    known |= {op: _ends(shapes) for op, shapes in _noted.items()}
    lines = [f"  {json.dumps(op)}: {json.dumps(known[op])}" for op in sorted(known)]
    TESTED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def untested() -> list[str]:
    """Returns what the page says was tested and was not."""
    page = json.loads(TESTED.read_text(encoding="utf-8"))
    return [
        f"{op} {shape}"
        for op, shapes in page.items()
        for shape in shapes
        if tuple(shape) not in _noted.get(op, set())
    ]


def _ends(shapes: set[Shape]) -> list[Shape]:
    found = []
    for rank in sorted({len(shape) for shape in shapes}):
        ordered = sorted((s for s in shapes if len(s) == rank), key=lambda s: (_elements(s), s))
        found += dict.fromkeys((ordered[0], ordered[-1]))
    return found


def _elements(shape: Shape) -> int:
    count = 1
    for extent in shape:
        count *= extent
    return count
