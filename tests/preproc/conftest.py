"""Signals and compiled chains for the preprocessing tests."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from edgekit import paths
from edgekit.preproc.chain import Chain

ECG = (
    {"step": "resample", "rate_hz": 100.0},
    {"step": "bandpass", "low_hz": 1.0, "high_hz": 30.0, "order": 3},
    {"step": "frame", "samples": 800, "hop": 400},
    {"step": "znorm", "epsilon": 0.01},
)
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wconversion", "-Wshadow", "-Wdouble-promotion"]
FLAGS = ["-std=c11", "-ffp-contract=off", *WARNINGS]
SCALE, ZERO_POINT = 0.043, -5

# Drives the C as firmware would; beside it, from the same samples, frames as they are before quantisation.
# As a program it reads samples from its input and writes frames, quantised frames and the count, for the
# sanitizers.
HARNESS = """
#include "{name}_preproc.h"
#include "{name}_float_preproc.h"
#include <stdio.h>

long drive(const {sample} *samples, size_t count, const size_t *chunks, size_t chunk_count, float *frames,
           {ctype} *quantised, uint32_t *nonfinite);

long drive(const {sample} *samples, size_t count, const size_t *chunks, size_t chunk_count, float *frames,
           {ctype} *quantised, uint32_t *nonfinite) {{
    static {name}_preproc_t state;
    static {name}_float_preproc_t float_state;
    {name}_preproc_t *p = &state;
    {name}_float_preproc_t *f = &float_state;
    size_t chunk = 0U, at = 0U;
    long done = 0;
    if ({name}_preproc_init(p) != EK_OK || {name}_float_preproc_init(f) != EK_OK) {{
        return -1;
    }}
    while (at < count) {{
        const size_t wanted = chunks[chunk++ % chunk_count];
        const size_t size = wanted < count - at ? wanted : count - at;
        size_t used = 0U;
        while (used < size) {{
            size_t consumed = 0U, consumed_float = 0U;
            if ({name}_preproc_push(p, samples + at + used, size - used, &consumed) != EK_OK ||
                {name}_float_preproc_push(f, samples + at + used, size - used, &consumed_float) != EK_OK ||
                consumed != consumed_float) {{
                return -2;
            }}
            used += consumed;
            while ({name}_preproc_ready(p)) {{
                const size_t place = (size_t)done * {upper}_PREPROC_FRAME;
                if ({name}_preproc_run(p, quantised + place) != EK_OK ||
                    {name}_float_preproc_run(f, frames + place) != EK_OK) {{
                    return -3;
                }}
                done++;
            }}
        }}
        at += size;
    }}
    *nonfinite = {name}_preproc_nonfinite(p);
    return done;
}}

#ifdef PROGRAM
#define MOST (1 << 22)
static {sample} samples[MOST];
static float frames[MOST];
static {ctype} quantised[MOST];

int main(int argc, char **argv) {{
    size_t chunks[1] = {{(size_t)argc * 0U + 7U}};
    uint32_t nonfinite = 0U;
    (void)argv;
    const size_t count = fread(samples, sizeof samples[0], MOST, stdin);
    const long done = drive(samples, count, chunks, 1U, frames, quantised, &nonfinite);
    if (done < 0) {{
        return 1;
    }}
    fwrite(frames, sizeof(float), (size_t)done * {upper}_PREPROC_FRAME, stdout);
    fwrite(quantised, sizeof quantised[0], (size_t)done * {upper}_PREPROC_FRAME, stdout);
    fwrite(&nonfinite, sizeof nonfinite, 1U, stdout);
    return 0;
}}
#endif
"""


@dataclass(frozen=True)
class Result:
    frames: np.ndarray  # float32 [k, values of a frame]
    quantised: np.ndarray  # int8, same shape
    nonfinite: int


@dataclass(frozen=True)
class Compiled:
    """A chain's C as a shared library."""

    chain: Chain
    code: ctypes.CDLL

    def run(self, signal: np.ndarray, chunks: Sequence[int] = (4096,)) -> Result:
        signal = samples_of(self.chain, signal)
        width = self.chain.output.width
        most = int(len(signal) * self.chain.output.rate_hz / self.chain.rate_hz) + 2
        frames = np.zeros((most, width), np.float32)
        quantised = np.zeros((most, width), np.int8)
        sizes = (ctypes.c_size_t * len(chunks))(*chunks)
        nonfinite = ctypes.c_uint32()
        self.code.drive.restype = ctypes.c_long
        done = self.code.drive(
            signal.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_size_t(len(signal)),
            sizes,
            ctypes.c_size_t(len(chunks)),
            frames.ctypes.data_as(ctypes.c_void_p),
            quantised.ctypes.data_as(ctypes.c_void_p),
            ctypes.byref(nonfinite),
        )
        assert done >= 0, f"the C refused a call ({done})"
        return Result(frames[:done], quantised[:done], nonfinite.value)


def samples_of(chain: Chain, signal: np.ndarray) -> np.ndarray:
    """Returns a signal in the type in which the C takes it."""
    if not chain.int16:
        return np.ascontiguousarray(signal, np.float32)
    return np.round(chain.on_grid(signal) * 32768).astype(np.int16)


def write_c(chain: Chain, folder: Path, name: str = "x", dtype: str = "int8") -> list[str]:
    """Writes the rendered C and its harness; returns the files to compile together."""
    for file, text in chain.render_c(name, SCALE, ZERO_POINT, dtype).items():
        (folder / file).write_text(text)
    for file, text in chain.render_c(f"{name}_float", SCALE, ZERO_POINT, "float32").items():
        (folder / file).write_text(text)
    sample = "int16_t" if chain.int16 else "float"
    harness = folder / "harness.c"
    harness.write_text(HARNESS.format(name=name, upper=name.upper(), ctype=f"{dtype}_t", sample=sample))
    return [str(harness), *(str(folder / f"{part}_preproc.c") for part in (name, f"{name}_float"))]


def compiler(*command: str) -> None:
    """Runs a compiler; its messages are the failure's text."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def include() -> str:
    """Returns the option that finds ek_status.h."""
    return f"-I{paths.share('firmware') / 'kernels'}"


@pytest.fixture
def compiled(tmp_path: Path) -> Callable[..., Compiled]:
    """Compiles a chain for the host."""

    def build(chain: Chain, cc: str = "gcc", optimise: str = "-O2") -> Compiled:
        folder = tmp_path / f"{cc}{optimise}"
        folder.mkdir()
        sources = write_c(chain, folder)
        library = folder / "harness.so"
        command = [
            cc,
            *FLAGS,
            optimise,
            "-shared",
            "-fPIC",
            include(),
            *sources,
            "-o",
            str(library),
            "-lm",
        ]
        compiler(*command)
        return Compiled(chain, ctypes.CDLL(str(library)))

    return build


@pytest.fixture(scope="session")
def ecg_chain() -> Chain:
    return Chain.design(list(ECG), rate_hz=360.0)


@pytest.fixture(scope="session")
def real_ecg(shared_data: Path) -> np.ndarray:
    """Five minutes of MIT-BIH record 100, first lead, 360 Hz, mV."""
    wfdb = pytest.importorskip("wfdb")
    record = wfdb.rdrecord(str(shared_data / "ecg" / "mitdb" / "100"), channels=[0], sampto=5 * 60 * 360)
    return np.asarray(record.p_signal[:, 0], np.float32)


def pulses(count: int, rate_hz: float = 360.0) -> np.ndarray:
    """An ECG-like signal that needs no data: narrow pulses, a wave behind each, drift and noise."""
    time = np.arange(count) / rate_hz
    phase = (time * 1.2) % 1.0
    clean = np.exp(-(((phase - 0.3) / 0.012) ** 2)) + 0.25 * np.exp(-(((phase - 0.55) / 0.05) ** 2))
    noise = np.random.default_rng(7).normal(0, 0.02, count)
    return (clean + 0.3 * np.sin(2 * np.pi * 0.2 * time) + noise).astype(np.float32)


def hostile(base: np.ndarray) -> dict[str, np.ndarray]:
    """Signals that break careless code, made from a benign one of at least 30 s."""
    quarter = len(base) // 4
    made = {
        "benign": base.copy(),
        "nan at the start": base.copy(),
        "nan in bursts": base.copy(),
        "only nan": np.full(6000, np.nan, np.float32),
        "inf": base.copy(),
        "saturated": np.clip(base * 8, -0.5, 0.5).astype(np.float32),
        "rails": np.where(base > base.mean(), 32767, -32768).astype(np.float32),
        "largest floats": np.where(base > base.mean(), 3.4e38, -3.4e38).astype(np.float32),
        "smallest floats": (base * np.float32(1e-40)).astype(np.float32),
        "flat": np.full(9000, 0.7, np.float32),
        "flat at 1000": np.full(9000, 1000.1, np.float32),
        "zeros": np.zeros(9000, np.float32),
        "step of 1000": base.copy(),
        "offset of 1000": base + np.float32(1000),
        "one sample": base[:1],
        "three samples": base[:3],
        "one frame": base[:2880],
        "nothing": base[:0],
    }
    made["nan at the start"][:500] = np.nan
    made["nan in bursts"][quarter : quarter + 700] = np.nan
    made["nan in bursts"][2 * quarter :: 97] = np.nan
    made["inf"][quarter::211] = np.inf
    made["inf"][quarter + 5 :: 307] = -np.inf
    made["step of 1000"][2 * quarter :] += 1000
    return made
