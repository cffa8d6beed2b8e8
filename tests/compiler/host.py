"""Builds exported C on this machine and runs it on vectors."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from edgekit.compiler.export import Exported
from edgekit.manifest import Manifest, TensorInfo

WARNINGS = ("-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wconversion", "-Wshadow")
SANITIZE = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g")

# Fills the arena with garbage before each vector, unless a state lies in it, and looks for writes outside it
# afterwards.
_DRIVER = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "{name}.h"

static _Alignas(64) uint8_t memory[64U + 64U + {macro}_ARENA_SIZE + 64U];

int main(int argc, char **argv)
{{
    const size_t shift = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 0U;
    uint8_t *const arena = memory + 64U + shift;
    {name}_t model;
    memset(memory, 0xC3, sizeof(memory));
    if ({name}_init(&model, arena, {macro}_ARENA_SIZE) != EK_OK) {{
        return 2;
    }}
    for (;;) {{
{poison}
{reads}
        if ({name}_invoke(&model) != EK_OK) {{
            return 3;
        }}
{writes}
    }}
    for (size_t i = 0; i < sizeof(memory); i++) {{
        const int outside = memory + i < arena || memory + i >= arena + {macro}_ARENA_SIZE;
        if (outside && memory[i] != 0xC3U) {{
            return 4;
        }}
    }}
    return 0;
}}
"""


def compiler(name: str) -> str:
    """Returns the path of a compiler, or skips the test."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def build(
    exported: Exported, folder: Path, main: str = "", cc: str = "gcc", flags: Sequence[str] = ("-O1",)
) -> Path:
    """Compiles an export with a main program (default: the vector driver); any warning fails.

    Returns:
        The executable.
    """
    exported.write(folder)
    manifest = exported.manifest
    (folder / "driver.c").write_text(main or driver(manifest))
    include = [f"-I{folder / name}" for name in manifest.include_dirs]
    sources = [str(folder / name) for name in (*manifest.sources, "driver.c")]
    out = folder / "program"
    made = subprocess.run(
        [compiler(cc), *WARNINGS, *flags, *include, *sources, "-o", str(out)], capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr[:4000]
    return out


def driver(manifest: Manifest) -> str:
    name, macro = manifest.name, manifest.name.upper()
    reads, writes = transfers(manifest)
    poison = "" if manifest.stateful else f"memset(arena, 0xA5, {macro}_ARENA_SIZE);"
    return _DRIVER.format(
        poison=poison, name=name, macro=macro, reads="\n".join(reads), writes="\n".join(writes)
    )


def transfers(manifest: Manifest) -> tuple[list[str], list[str]]:
    """Returns C that reads the inputs of `model` from stdin (or breaks), and that writes its outputs."""
    name, macro = manifest.name, manifest.name.upper()

    def access(kind: str, tensor: TensorInfo, count: int) -> tuple[str, str]:
        suffix = f"_{tensor.name}" if count > 1 else ""
        pointer = f"{name}_{kind}{suffix}(&model)"
        return pointer, f"{macro}_{kind.upper()}{suffix.upper()}_SIZE"

    reads, writes = [], []
    for tensor in manifest.inputs:
        pointer, count = access("input", tensor, len(manifest.inputs))
        reads.append(f"if (fread({pointer}, sizeof(*{pointer}), {count}, stdin) != {count}) {{ break; }}")
    for tensor in manifest.outputs:
        pointer, count = access("output", tensor, len(manifest.outputs))
        writes.append(
            f"if (fwrite({pointer}, sizeof(*{pointer}), {count}, stdout) != {count}) {{ return 5; }}"
        )
    return reads, writes


def run(
    program: Path, manifest: Manifest, inputs: Mapping[str, np.ndarray], *arguments: str
) -> dict[str, np.ndarray]:
    """Runs the vector driver.

    Args:
        program: From `build`.
        manifest: Of the export.
        inputs: [n, ...] by name.

    Returns:
        [n, elements] by output name.
    """
    count = len(next(iter(inputs.values())))
    blob = b"".join(inputs[t.name][i].tobytes() for i in range(count) for t in manifest.inputs)
    done = subprocess.run([str(program), *arguments], input=blob, capture_output=True, timeout=120)
    assert done.returncode == 0, (done.returncode, done.stderr.decode(errors="replace")[:4000])
    record = np.dtype([(t.name, t.dtype, (t.elements,)) for t in manifest.outputs])
    found = np.frombuffer(done.stdout, record)
    assert len(found) == count
    return {t.name: found[t.name] for t in manifest.outputs}


def random_inputs(manifest: Manifest, count: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Returns full-range vectors, the extremes among them, as [count, *shape without the batch]."""
    source = np.random.default_rng(seed)
    made = {}
    for tensor in manifest.inputs:
        info = np.iinfo(tensor.dtype)
        values = source.integers(info.min, info.max + 1, (count, *tensor.shape[1:]), tensor.dtype)
        values[0] = info.min
        values[-1] = info.max
        made[tensor.name] = values
    return made
