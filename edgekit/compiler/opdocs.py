"""docs/operators.md, written from the registry of operators."""

from __future__ import annotations

import json
from pathlib import Path

from edgekit.compiler.ops.base import Operator, operators
from edgekit.compiler.variants.base import REGISTRY as VARIANTS

TESTED = Path(__file__).with_name("tested_shapes.json")  # written by the tests of the operators
_RUNTIMES = {"litert": "LiteRT", "tflm": "TFLM"}

_HEAD = """\
# Operators

What the `aot` engine compiles: {count} operators. Written by `edgekit ops --markdown docs/operators.md` from
what the operators say of themselves; `edgekit ops` prints the same.

- **types**: element types of the input, and of the output where it has another. Weights are int8, biases
  int32, or int64 beside int16 activations (16x8).
- **limits**: what is refused at export, by name and tensor, all of it at once.
- **references**: the runtimes whose bytes the operator is tested against, alone, over random and edge shapes,
  strides, paddings, zero points and scales (`tests/compiler/ops/`). Where both are named, `--numerics`
  chooses; where they differ, the last column or [numerics](numerics.md) says how.
- **fast on**: core features for which there is a second, faster form (`dsp`: Cortex-M4, M7, M33; `mve`: M55,
  M85).
  It gives the same bytes. The portable form runs everywhere.
- **tested shapes**: of each rank, the smallest and the largest first input that was held to the references;
  the tests fail where one of them was not.

| operator | types | limits | references | fast on | tested shapes | notes |
| --- | --- | --- | --- | --- | --- | --- |
"""


def markdown() -> str:
    """Returns the page: one row per operator, sorted by name."""
    fast: dict[str, set[str]] = {}
    for variant in VARIANTS.all().values():
        fast.setdefault(variant.op, set()).add(variant.feature)
    found = operators().listed
    tested = json.loads(TESTED.read_text(encoding="utf-8"))
    rows = [
        _row(operator, sorted(fast.get(name, ())), tested.get(name, [])) for name, operator in found.items()
    ]
    return _HEAD.format(count=len(found)) + "".join(rows)


def _row(operator: Operator, features: list[str], shapes: list[list[int]]) -> str:
    cells = (
        f"`{operator.name}`",
        ", ".join(operator.signatures),
        operator.limits,
        ", ".join(_RUNTIMES.get(oracle, oracle) for oracle in operator.oracles),
        ", ".join(features),
        ", ".join("x".join(map(str, shape)) or "1" for shape in shapes),
        operator.notes,
    )
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"
