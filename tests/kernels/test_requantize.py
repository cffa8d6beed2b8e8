"""ek_requantize.h equals the NumPy definition of each rounding rule, on the edges of int32 too."""

from __future__ import annotations

import ctypes
import subprocess

import numpy as np
import pytest

from edgekit.compiler.ops.common.fixedpoint import Fine
from edgekit.paths import share
from edgekit.quant import requantize_twice

SOURCE = """
#include "ek_requantize.h"
void twice(const int32_t *x, int32_t m, int32_t s, int32_t *y, int32_t n);
void fine(const int32_t *x, int32_t m, uint32_t f, int32_t s, int32_t *y, int32_t n);
void twice(const int32_t *x, int32_t m, int32_t s, int32_t *y, int32_t n) {
    for (int32_t i = 0; i < n; ++i) y[i] = ek_requantize_twice(x[i], m, s);
}
void fine(const int32_t *x, int32_t m, uint32_t f, int32_t s, int32_t *y, int32_t n) {
    for (int32_t i = 0; i < n; ++i) y[i] = ek_requantize_fine(x[i], m, f, s);
}
"""
EDGES = [-(1 << 31), -(1 << 31) + 1, -(1 << 30), -2, -1, 0, 1, 2, 1 << 30, (1 << 31) - 1]


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> ctypes.CDLL:
    folder = tmp_path_factory.mktemp("requantize")
    (folder / "r.c").write_text(SOURCE)
    flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-O2", "-shared", "-fPIC"]
    kernels = share("firmware") / "kernels"
    made = [*flags, "-fsanitize=undefined", "-fsanitize-undefined-trap-on-error", f"-I{kernels}"]
    subprocess.run(["gcc", *made, str(folder / "r.c"), "-o", str(folder / "r.so")], check=True)
    return ctypes.CDLL(str(folder / "r.so"))


def call(function, x: np.ndarray, *arguments: ctypes._SimpleCData) -> np.ndarray:
    y = np.empty_like(x)
    pointer = ctypes.POINTER(ctypes.c_int32)
    function(x.ctypes.data_as(pointer), *arguments, y.ctypes.data_as(pointer), ctypes.c_int32(len(x)))
    return y


def draws(seed: int):
    """Yields (x, multiplier, shift) over the whole range of each."""
    rng = np.random.default_rng(seed)
    for shift in range(-31, 31):
        for multiplier in [0, 1 << 30, (1 << 31) - 1, int(rng.integers(1 << 30, 1 << 31))]:
            wide = rng.integers(-(1 << 31), 1 << 31, 200)
            small = rng.integers(-(1 << 12), 1 << 12, 200)
            yield np.array([*EDGES, *wide, *small], np.int32), multiplier, shift


def test_twice(library) -> None:
    for x, multiplier, shift in draws(1):
        shifted = x << shift if shift > 0 else x  # in int32: wraps, as the reference runtimes do
        wanted = requantize_twice(shifted, multiplier, min(shift, 0))
        found = call(library.twice, x, ctypes.c_int32(multiplier), ctypes.c_int32(shift))
        np.testing.assert_array_equal(found, wanted.astype(np.int32), f"{multiplier} {shift}")


def test_fine(library) -> None:
    rng = np.random.default_rng(3)
    for x, multiplier, shift in draws(3):
        fraction = int(rng.integers(0, 1 << 32))
        wanted = Fine(multiplier, fraction, shift).apply(x.astype(np.int64)).astype(np.int32)
        arguments = (ctypes.c_int32(multiplier), ctypes.c_uint32(fraction), ctypes.c_int32(shift))
        np.testing.assert_array_equal(call(library.fine, x, *arguments), wanted, f"{multiplier} {shift}")
