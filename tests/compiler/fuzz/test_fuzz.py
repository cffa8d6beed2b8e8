"""Damaged files are refused with the place, or compiled to C that stays inside its arrays, within bounds.

300 files; 10,000 with EDGEKIT_SOAK=1 (`make soak`).
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from edgekit.manifest import Manifest, load
from tests.compiler import host
from tests.compiler.fuzz import mutations, seeds
from tests.compiler.tflite_writer import Op, T, build

SOAK = bool(os.environ.get("EDGEKIT_SOAK"))
FILES, RUN = (10_000, 400) if SOAK else (300, 12)
_BATCH = 40  # models in one program

_ONE = """
static int run_{name}(void)
{{
    {name}_t model;
    uint8_t *arena = aligned_alloc(16U, ({macro}_ARENA_SIZE + 15U) / 16U * 16U);
    if (arena == NULL || {name}_init(&model, arena, {macro}_ARENA_SIZE) != EK_OK) {{
        return 1;
    }}
    for (int round = 0; round < 2; round++) {{
{fills}
        if ({name}_invoke(&model) != EK_OK) {{
            return 1;
        }}
    }}
    free(arena);
    return 0;
}}
"""
_HEAD = """
#include <stdbool.h>
#include <stdlib.h>
static void fill(void *data, size_t size, unsigned mask)
{
    static uint32_t state = 1U;
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525U + 1013904223U;
        ((uint8_t *)data)[i] = (uint8_t)((state >> 24) & mask);
    }
}
"""


@pytest.mark.timeout(3600 if SOAK else 300)
def test_damaged_files_are_refused_or_compiled_to_c_that_stays_inside_its_arrays(
    shared_models_or_none: Path | None, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "tests.compiler.fuzz.worker", "--seed=11", f"--count={FILES}"]
    command += [f"--keep={RUN}", f"--out={tmp_path}"]
    command += [f"--models={shared_models_or_none}"] if shared_models_or_none else []
    one_thread = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=one_thread)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    print({key: value for key, value in found.items() if key != "kept"})
    assert not found["faults"], f"{len(found['faults'])} faults\n" + "\n".join(found["faults"][:10])
    assert found["refused"] + found["compiled"] == FILES
    assert found["refused"] > FILES // 4 and len(found["kept"]) == RUN
    for first in range(0, RUN, _BATCH):
        _run(tmp_path, [f"m{number}" for number in found["kept"][first : first + _BATCH]])


@pytest.fixture
def shared_models_or_none(request: pytest.FixtureRequest) -> Path | None:
    """The folder of third-party models, where there is one."""
    try:
        return Path(request.getfixturevalue("shared_models"))
    except pytest.skip.Exception:
        return None


def _run(folder: Path, names: Sequence[str]) -> None:
    """Builds models into one program, with the sanitizers, and runs each twice on random inputs."""
    manifests = {name: load(folder / name) for name in names}
    program, main = folder / "program", folder / "main.c"
    includes = "".join(f'#include "{name}.h"\n' for name in names)
    bodies = "".join(_ONE.format(name=n, macro=n.upper(), fills=_fills(m)) for n, m in manifests.items())
    calls = "".join(f"    failed += run_{name}();\n" for name in names)
    main.write_text(
        f"{includes}{_HEAD}{bodies}int main(void)\n{{\n    int failed = 0;\n{calls}    return failed;\n}}\n"
    )
    sources = {main.name: main}
    for name, manifest in manifests.items():
        sources |= {Path(path).name: folder / name / path for path in manifest.sources}
    folders = {folder / name / path for name, m in manifests.items() for path in m.include_dirs}
    made = subprocess.run(
        [host.compiler("gcc"), *host.WARNINGS, *host.SANITIZE, *(f"-I{path}" for path in sorted(folders)),
         *map(str, sources.values()), "-lm", "-o", str(program)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[:4000]
    done = subprocess.run([str(program)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{names}\n{done.stderr[:4000]}"


def _fills(manifest: Manifest) -> str:
    lines = []
    for tensor in manifest.inputs:
        pointer = f"{manifest.name}_input{f'_{tensor.name}' if len(manifest.inputs) > 1 else ''}(&model)"
        mask = "1U" if tensor.dtype == "bool" else "255U"
        lines.append(f"        fill({pointer}, {tensor.elements}U * sizeof(*{pointer}), {mask});")
    return "\n".join(lines)


def test_altered_files_can_be_read_by_the_schemas_own_classes() -> None:
    """Otherwise they would all be refused by the reader, and nothing behind it would be tried."""
    data = build(
        [T("x", (1, 4), scale=0.5), T("y", (1, 4), scale=0.5)], [Op("RELU", ["x"], ["y"])], ["x"], ["y"]
    )
    made = {mutations.altered(random.Random(i), data) for i in range(20)}
    assert len(made) > 10 and all(blob[4:8] == b"TFL3" for blob in made)


def test_there_are_seeds_of_every_kind() -> None:
    assert len(seeds.small()) >= 40 and all(len(blob) < 20_000 for blob in seeds.small())
