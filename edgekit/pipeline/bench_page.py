"""docs/benchmarks.md, written from the rows of a benchmark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from edgekit import __version__
from edgekit.device import tools

_HEAD = """\
# Benchmarks

Instructions, memory and code per inference on **emulated** cores (QEMU {qemu}), with edgekit {version} and
arm-none-eabi-gcc {gcc}. An instruction is no cycle and no time: compare figures of one core only. Every run
is compared with the PC reference first, byte for byte; one that departs gives no figure. MLPerf Tiny's
networks and the recipes' have random weights: counts depend on shapes, hardly on weights.

Repeat it with `make bench`, which writes this page, or for some models and boards with

    edgekit bench [MODEL.tflite ...] --target mps2-an386 --optimize balanced,speed,ram --markdown FILE

*TFLM* is its interpreter with CMSIS-NN on the same emulated core, measured once and kept in
`benchmarks/tflm.json` with versions and method. *Times fewer* is TFLM's instructions over edgekit's. *Of
constants* is the weights' size over that of the constants in the model file. What *arena*, *code* and
*weights* count is in [boards](boards.md). *Modelled cycles* score each executed instruction by its class as
the Cortex-M4's manual does (`edgekit/device/cycles.py`): they judge code, and are no measurement of a chip.

"""
_COLUMNS = (
    "model", "core", "optimised for", "instructions", "per MAC", "arena B", "code B", "weights B",
    "of constants", "TFLM instructions", "TFLM arena B", "times fewer", "modelled cycles",
    "times fewer cycles",
)  # fmt: skip
_TEXT_COLUMNS = 3
RATIOS = {"instructions": "times_fewer", "modelled cycles": "times_fewer_cycles"}  # by what they are of


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    """Returns the page.

    Args:
        rows: As `edgekit.pipeline.bench.bench` returns them.
    """
    head = _HEAD.format(
        version=__version__, qemu=tools.version("qemu-system-arm"), gcc=tools.version("arm-none-eabi-gcc")
    )
    lines = [_line(_COLUMNS), _line(["---"] * _TEXT_COLUMNS + ["---:"] * (len(_COLUMNS) - _TEXT_COLUMNS))]
    for row in rows:
        counts = (row["arena_bytes"], row["code_bytes"], row["weights_bytes"])
        known = [f"{row['tflm_instructions']:,}", f"{row['tflm_arena_bytes']:,}"]
        lines.append(
            _line([
                row["model"], row["core"], row["optimize"], f"{row['instructions']:,}",
                f"{row['instructions_per_mac']:.2f}", *(f"{count:,}" for count in counts),
                f"{row['weights_to_constants']:.2f}",
                *([*known, f"{row['times_fewer']:.2f}"] if row["times_fewer"] else ["", "", ""]),
                f"{row['modelled_cycles']:,}" if row["modelled_cycles"] else "",
                f"{row['times_fewer_cycles']:.2f}" if row["times_fewer_cycles"] else "",
            ])
        )  # fmt: skip
    for what, key in RATIOS.items():
        lines += [f"\n## Geometric mean of times fewer {what}\n\n"]
        lines += [
            _line(["core", "optimised for", "networks", "times fewer"]),
            "| --- | --- | ---: | ---: |\n",
        ]
        for (core, goal), ratios in by_core(rows, key).items():
            lines.append(_line([core, goal, f"{len(ratios)}", f"{mean(ratios):.2f}"]))
    return head + "".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def by_core(rows: Sequence[dict[str, Any]], key: str) -> dict[tuple[str, str], list[float]]:
    """Returns the ratios to TFLM by core and goal, of the models for which it is known.

    Args:
        rows: Of the benchmark.
        key: One of the values of `RATIOS`.
    """
    found: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        if row[key]:
            found.setdefault((row["core"], row["optimize"]), []).append(row[key])
    return found


def mean(ratios: Sequence[float]) -> float:
    """Returns the geometric mean."""
    return math.exp(math.fsum(map(math.log, ratios)) / len(ratios))
