"""The boxes of the C are those of the reference, for random and hostile tensors, under sanitizers."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from edgekit import paths
from edgekit.postproc.boxes import Border, Decoder, Limits, decode, design
from edgekit.postproc.render import BOX_BYTES, parameters

FOLDER = paths.share("firmware") / "postproc"
FLAGS = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wconversion", "-Wshadow"]
SANITIZE = ["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
BOX = np.dtype([("corners", "<i4", 4), ("cell", "<u4"), ("label", "<i2"), ("score", "<i2")])

# Memory of the very size each time, so that the sanitizer sees a step beyond it.
DRIVER = """
#include "ek_boxes.h"
#include <stdio.h>
#include <stdlib.h>

_Static_assert(sizeof(ek_box_t) == 24U, "known to Python");

static void *tensor(uint32_t elements, bool wide)
{
    const size_t bytes = elements * (wide ? 2U : 1U);
    void *const made = malloc(bytes);
    if (made == NULL || fread(made, 1U, bytes, stdin) != bytes) {
        exit(2);
    }
    return made;
}

int main(void)
{
    int32_t given[14];
    while (fread(given, sizeof given, 1U, stdin) == 1U) {
        const ek_boxes_params_t p = {
            (uint32_t)given[0], (uint32_t)given[1], (uint32_t)given[2], given[3], given[4], given[5],
            given[6], given[7], given[8], given[9], (uint32_t)given[10], (uint32_t)given[11], given[12] != 0};
        const uint32_t cells = p.rows * p.columns * p.classes;
        void *const coverage = tensor(cells, p.wide);
        void *const boxes = given[13] != 0 ? tensor(4U * cells, p.wide) : NULL;
        ek_box_t *const found = malloc(p.max_candidates * sizeof *found);
        const uint32_t count = ek_boxes_suppress(&p, found, ek_boxes_decode(&p, coverage, boxes, found));
        fwrite(&count, sizeof count, 1U, stdout);
        fwrite(found, sizeof *found, count, stdout);
        free(coverage);
        free(boxes);
        free(found);
    }
    return 0;
}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Path:
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    folder = tmp_path_factory.mktemp("boxes")
    (folder / "main.c").write_text(DRIVER)
    sources = [str(folder / "main.c"), str(FOLDER / "ek_boxes.c")]
    done = subprocess.run(
        ["gcc", *FLAGS, *SANITIZE, f"-I{FOLDER}", *sources, "-o", str(folder / "program")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder / "program"


def check(program: Path, cases: list[tuple[Decoder, np.ndarray, np.ndarray | None]]) -> int:
    """Compares every case; returns how many boxes there were."""
    given = b""
    for decoder, coverage, boxes in cases:
        values = [*parameters(decoder, boxes is None).values(), coverage.dtype == np.int16, boxes is not None]
        given += np.array(values, "<i4").tobytes() + coverage.tobytes()
        given += b"" if boxes is None else boxes.tobytes()
    done = subprocess.run([str(program)], input=given, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()[:3000]
    at = total = 0
    for i, (decoder, coverage, boxes) in enumerate(cases):
        count = int(np.frombuffer(done.stdout, "<u4", 1, at)[0])
        found = np.frombuffer(done.stdout, BOX, count, at + 4)
        at += 4 + BOX_BYTES * count
        expected = decode(decoder, coverage, boxes)
        assert np.array_equal(found["corners"], expected.corners), (i, decoder)
        assert np.array_equal(found["label"], expected.labels), (i, decoder)
        assert np.array_equal(found["score"], expected.scores), (i, decoder)
        assert np.array_equal(found["cell"], expected.cells), (i, decoder)
        total += count
    assert at == len(done.stdout)
    return total


def case(source: np.random.Generator, dtype: type, levels: int, **limits):
    """Returns a random decoder and tensors of few (many ties) or many levels."""
    rows, columns, classes = (int(v) for v in source.integers(1, [12, 12, 4]))
    info = np.iinfo(dtype)
    scale = 10.0 ** source.uniform(-3, -1) * 127 / info.max
    zero = int(source.integers(info.min, info.max + 1))
    centroids = source.random() < 0.25
    most = int(source.integers(1, 65))
    limits = {
        "threshold": float(source.uniform(0.05, 0.95)),
        "iou": float(source.choice([0.0, 0.3, 0.5, 1.0])),
        "max_candidates": most,
        "max_boxes": int(source.integers(1, most + 1)),
        **limits,
    }
    decoder = design(
        (rows, columns, classes),
        int(source.choice([4, 8, 16, 32])),
        Border(scale, zero),
        None if centroids else Border(scale, int(source.integers(info.min, info.max + 1))),
        Limits(**limits),
        side=float(source.choice([0.0, 3.0, 40.0])) if centroids else 0.0,
    )
    grid = np.linspace(info.min, info.max, levels).astype(dtype)
    coverage = source.choice(grid, (rows, columns, classes))
    return decoder, coverage, None if centroids else source.choice(grid, (rows, columns, 4 * classes))


@pytest.mark.parametrize("dtype", [np.int8, np.int16])
def test_random_tensors_give_the_same_boxes(program, dtype):
    source = np.random.default_rng(5)
    cases = [case(source, dtype, int(source.choice([2, 5, 256]))) for _ in range(300)]
    assert check(program, cases) > 1000


def test_extremes_of_threshold_overlap_and_scale_give_the_same_boxes(program):
    source = np.random.default_rng(6)
    cases = []
    for dtype in (np.int8, np.int16):
        info = np.iinfo(dtype)
        for value in (info.min, -1, 0, info.max):
            for coverage_scale in (1e-4, 1.0):
                for box_scale in (1e-9, 0.05, 58.0):  # the last: nearly the largest multiplier there is
                    decoder = design(
                        (6, 5, 2), 16, Border(coverage_scale, value), Border(box_scale, info.min),
                        Limits(iou=float(source.choice([0, 1])), max_candidates=40, max_boxes=40),
                    )  # fmt: skip
                    for fill in (info.min, info.max):
                        boxes = np.full((6, 5, 8), fill, dtype)
                        cases.append((decoder, np.full((6, 5, 2), fill, dtype), boxes))
                        cases.append(
                            (decoder, source.choice([info.min, info.max], (6, 5, 2)).astype(dtype), boxes)
                        )
    counts = [len(decode(*one).cells) for one in cases]
    assert min(counts) == 0 and max(counts) == 40
    check(program, cases)
