"""Random graphs give the oracles' bytes: planner, passes, kernels and emitter together.

30 graphs; 2,000 with EDGEKIT_SOAK=1 (`make soak`). EDGEKIT_FIRST_GRAPH=N begins with another number. Each
is compiled for one profile, goal and set of core features; the fast kernels then run in their portable form.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from edgekit import reference
from edgekit.compiler.export import Exported, export_model
from edgekit.compiler.ops.base import Target
from tests.compiler import host
from tests.compiler.random_graphs.graphs import Random

SOAK = bool(os.environ.get("EDGEKIT_SOAK"))
GRAPHS, FIRST = (2000 if SOAK else 30), int(os.environ.get("EDGEKIT_FIRST_GRAPH", "0"))
VECTORS = 4
_BATCH = 30  # graphs in one program
_FEATURES = (frozenset(), frozenset({"dsp"}), frozenset({"dsp", "mve"}))

_ONE = """
static int run_{name}(void)
{{
    static _Alignas(16) uint8_t arena[{macro}_ARENA_SIZE];
    {name}_t model;
    for (int n = 0; n < {vectors}; n++) {{
        memset(arena, 0xA5, sizeof arena);
        if ({name}_init(&model, arena, sizeof arena) != EK_OK) {{
            return 1;
        }}
{reads}
        if ({name}_invoke(&model) != EK_OK) {{
            return 1;
        }}
{writes}
    }}
    return 0;
}}
"""


@dataclass
class Made:
    """A graph with its export and vectors."""

    number: int
    model: bytes
    profile: str
    exported: Exported
    inputs: dict[str, np.ndarray]


def make(number: int) -> Made:
    """Returns the graph of a number, the same every time."""
    rng = np.random.default_rng([77, number])
    profile = ("litert", "tflm")[number % 2]
    model = Random(rng, profile).graph(int(rng.integers(5, 16)))
    features = _FEATURES[int(rng.integers(len(_FEATURES)))]
    target = Target("host", features, profile, str(rng.choice(["balanced", "speed", "ram"])))
    exported = export_model(model, "graph.tflite", f"g{number}", target)
    return Made(number, model, profile, exported, host.random_inputs(exported.manifest, VECTORS, number))


@pytest.mark.timeout(7200 if SOAK else 300)
def test_random_graphs_equal_the_oracles(tmp_path: Path) -> None:
    compared, failures = 0, []
    for start in range(FIRST, FIRST + GRAPHS, _BATCH):
        batch = [make(number) for number in range(start, min(start + _BATCH, FIRST + GRAPHS))]
        found = _run(batch, tmp_path / str(start))
        for profile in ("litert", "tflm"):
            chosen = [m for m in batch if m.profile == profile]
            wanted = reference.run_many(
                [reference.Task(m.model, list(m.inputs.values())) for m in chosen], profile
            )
            for m, want in zip(chosen, wanted, strict=True):
                if isinstance(want, reference.OracleFailed):
                    continue  # TFLM in particular bounds ranks and windows
                compared += 1
                for output, expected in zip(found[m.number], want.outputs.values(), strict=True):
                    differing = np.count_nonzero(output != expected.reshape(output.shape))
                    if differing:
                        target = m.exported.program.target if m.exported.program else None
                        failures.append(
                            f"graph {m.number}: {differing} of {output.size} values differ; {target}"
                        )
    assert not failures, f"{len(failures)} failures\n" + "\n".join(failures[:20])
    assert compared >= 0.9 * GRAPHS


def _run(batch: Sequence[Made], folder: Path) -> dict[int, list[np.ndarray]]:
    """Builds all graphs into one program and returns each one's outputs [vectors, elements]."""
    sources, includes, lines = {}, set(), ["#include <stdio.h>", "#include <stdlib.h>", "#include <string.h>"]
    bodies, calls = [], []
    for m in batch:
        manifest, home = m.exported.manifest, folder / m.exported.manifest.name
        m.exported.write(home)
        sources |= {Path(path).name: home / path for path in manifest.sources}
        includes |= {home / path for path in manifest.include_dirs}
        lines.append(f'#include "{manifest.name}.h"')
        reads, writes = host.transfers(manifest)
        name = manifest.name
        bodies.append(
            _ONE.format(
                name=name,
                macro=name.upper(),
                vectors=VECTORS,
                reads="\n".join(reads),
                writes="\n".join(writes),
            )
        )
        calls.append(f"if (run_{name}() != 0) {{ return {len(calls) + 1}; }}")
    main = folder / "main.c"
    main.write_text("\n".join([*lines, *bodies, "int main(void)", "{", *calls, "return 0;", "}"]))
    program = folder / "program"
    flags = (
        *host.WARNINGS,
        *(host.SANITIZE if SOAK else ()),
        "-O1",
        *(f"-I{path}" for path in sorted(includes)),
    )
    command = [
        host.compiler("gcc"),
        *flags,
        str(main),
        *map(str, sources.values()),
        "-lm",
        "-o",
        str(program),
    ]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr[:4000]
    given = b"".join(
        values[n].tobytes() for m in batch for n in range(VECTORS) for values in m.inputs.values()
    )
    done = subprocess.run([str(program)], input=given, capture_output=True, timeout=300)
    assert done.returncode == 0, (done.returncode, done.stderr.decode(errors="replace")[:4000])
    found, answer = {}, memoryview(done.stdout)
    for m in batch:
        record = np.dtype([(t.name, t.dtype, (t.elements,)) for t in m.exported.manifest.outputs])
        size = record.itemsize * VECTORS
        rows = np.frombuffer(answer[:size], record)
        found[m.number] = [rows[t.name] for t in m.exported.manifest.outputs]
        answer = answer[size:]
    assert not answer
    return found
