"""A hand-made export: one dense layer, eight inputs, two outputs, weights in flash."""

from __future__ import annotations

import shutil
from pathlib import Path

from edgekit import files, paths
from edgekit.manifest import Manifest, ModelInfo, TensorInfo

WEIGHTS_BYTES = 16

HEADER = """\
#ifndef TINY_H
#define TINY_H
#include <stddef.h>
#include <stdint.h>
#include "ek_status.h"
#define TINY_ARENA_SIZE ({arena}U)
#define TINY_ARENA_ALIGN (16U)
typedef struct {{
    uint8_t *arena;
}} tiny_t;
EK_CHECK ek_status_t tiny_init(tiny_t *model, void *arena, size_t arena_size);
int8_t *tiny_input(const tiny_t *model);
EK_CHECK ek_status_t tiny_invoke(tiny_t *model);
const int8_t *tiny_output(const tiny_t *model);
#endif
"""

SOURCE = """\
#include "tiny.h"
#define EK_WEIGHTS __attribute__((section(".rodata.ek_weights")))
EK_WEIGHTS static const _Alignas(16) int8_t weights[{weights}] = {{1, 2, 3, 4, 5, 6, 7, 8,
                                                                 -1, -2, -3, -4, -5, -6, -7, -8}};
static const uint8_t rounding[4] = {{1, 2, 4, 8}};

ek_status_t tiny_init(tiny_t *model, void *arena, size_t arena_size)
{{
    if (model == NULL || arena == NULL) {{
        return EK_ERROR_ARGUMENT;
    }}
    if (arena_size < TINY_ARENA_SIZE) {{
        return EK_ERROR_ARENA_SIZE;
    }}
    model->arena = arena;
    return EK_OK;
}}

int8_t *tiny_input(const tiny_t *model)
{{
    return (int8_t *)model->arena;
}}

const int8_t *tiny_output(const tiny_t *model)
{{
    return (const int8_t *)model->arena + 8;
}}

ek_status_t tiny_invoke(tiny_t *model)
{{
    const int8_t *input = tiny_input(model);
    for (int row = 0; row < 2; row++) {{
        int32_t sum = rounding[(uint8_t)input[0] & 3U];
        for (int i = 0; i < 8; i++) {{
            sum += input[i] * weights[row * 8 + i];
        }}
        sum /= 16;
        model->arena[8 + row] = (uint8_t)(sum < -128 ? -128 : sum > 127 ? 127 : sum);
    }}
    return EK_OK;
}}
"""


def make(
    folder: Path,
    *,
    features: tuple[str, ...] = (),
    engine: str = "aot",
    arena: int = 64,
    weights: int = WEIGHTS_BYTES,
) -> Path:
    """Writes the export into `folder` and returns it."""
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "tiny.h").write_text(HEADER.format(arena=arena))
    (folder / "src" / "tiny.c").write_text(SOURCE.format(weights=weights))
    (folder / "kernels").mkdir()
    shutil.copy(paths.share("firmware") / "kernels" / "ek_status.h", folder / "kernels")
    (folder / "model.tflite").write_bytes(b"not a model, and nobody reads it here")
    names = ["src/tiny.h", "src/tiny.c", "kernels/ek_status.h", "model.tflite"]
    digests = {name: files.sha256(folder / name) for name in names}
    manifest = Manifest(
        edgekit="0",
        name="tiny",
        target="host",
        core="host",
        features=list(features),
        engine=engine,
        engines=[engine],
        numerics="litert",
        optimize="balanced",
        model=ModelInfo(file="model.tflite", sha256=digests["model.tflite"], bytes=37),
        inputs=[TensorInfo(name="x", dtype="int8", shape=[1, 8], scale=0.5, zero_point=0)],
        outputs=[TensorInfo(name="y", dtype="int8", shape=[1, 2], scale=0.5, zero_point=0)],
        arena_bytes=arena,
        weights_bytes=weights,
        sources=["src/tiny.c"],
        include_dirs=["src", "kernels"],
        files=digests,
    )
    manifest.save(folder)
    return folder
