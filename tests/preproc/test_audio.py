"""Audio front ends as a whole: the C equals NumPy in every bit, on speech and on what microphones do."""

import subprocess
import time
import wave

import numpy as np
import pytest

from edgekit.preproc.chain import Chain
from edgekit.quant import quantize

from .conftest import FLAGS, SCALE, WARNINGS, ZERO_POINT, compiler, include, samples_of, write_c

MEL = {"step": "mel", "bands": 64, "low_hz": 125.0, "high_hz": 7500.0}
FRILL = (
    {"step": "window", "samples": 400, "hop": 160},
    {"step": "rfft", "length": 512},
    {"step": "magnitude"},
    MEL,
    {"step": "log", "offset": 0.001},
    {"step": "frame", "samples": 96, "hop": 48},
)
CHAINS = {
    "frill": FRILL,
    "pcen behind pre-emphasis": (
        {"step": "pre-emphasis"},
        {"step": "window", "samples": 300, "hop": 100, "shape": "hamming"},
        {"step": "rfft", "length": 1024},
        {"step": "power"},
        {**MEL, "bands": 40, "scale": "slaney", "norm": "slaney", "sides": "hz"},
        {"step": "pcen"},
        {"step": "frame", "samples": 20, "hop": 30},
    ),
    "normalised decibels": (
        {"step": "frame", "samples": 256, "hop": 128},
        {"step": "rfft"},
        {"step": "power"},
        {"step": "log", "unit": "10log10", "floor": 1e-10},
        {"step": "normalise", "mean": -60.0, "std": 20.0},
        {"step": "frame", "samples": 8, "hop": 8},
        {"step": "znorm"},
    ),
    "microfrontend": (
        {"step": "microfrontend"},
        {"step": "normalise", "mean": 300.0, "std": 100.0},
        {"step": "frame", "samples": 20, "hop": 15},
    ),
    "microfrontend of other lengths": (
        {"step": "pre-emphasis", "coefficient": 0.5},
        {"step": "microfrontend", "samples": 201, "hop": 100, "bands": 16, "pcan": False, "log": False},
        {"step": "frame", "samples": 5, "hop": 5},
    ),
    "normalised by band": (
        {"step": "window", "samples": 64, "hop": 64, "shape": "rectangular"},
        {"step": "rfft"},
        {"step": "power"},
        {"step": "mel", "bands": 4, "low_hz": 500.0, "high_hz": 8000.0},
        {"step": "log", "unit": "log10"},
        {"step": "normalise", "mean": [0.0, 0.5, 1.0, -1.0], "std": [1.0, 2.0, 3.0, 0.7]},
        {"step": "frame", "samples": 25, "hop": 25},
    ),
}
RATE = 16000


def chain_of(name, samples="float32"):
    return Chain.design(list(CHAINS[name]), RATE, samples)


def read(path):
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def voice(count=24000):
    """Speech-like: harmonics of a gliding pitch, in syllables, with noise."""
    time_s = np.arange(count) / RATE
    phase = 2 * np.pi * np.cumsum(120 + 30 * np.sin(2 * np.pi * 0.7 * time_s)) / RATE
    harmonics = sum(np.sin(k * phase) / k for k in range(1, 30))
    noise = np.random.default_rng(3).normal(0, 0.01, count)
    return (0.2 * harmonics * np.maximum(0, np.sin(2 * np.pi * 3 * time_s)) + noise).astype(np.float32)


def signals():
    """What a microphone may give, full scale +-1."""
    noise = np.random.default_rng(0).normal(0, 0.3, 24000).astype(np.float32)
    made = {
        "voice": voice(),
        "noise": noise,
        "clipped": np.clip(20 * voice(), -1, 1),
        "silence": np.zeros(24000, np.float32),
        "dc": np.full(24000, 0.25, np.float32),
        "one step of int16": np.where(np.arange(24000) % 2, 1 / 32768, 0).astype(np.float32),
        "rails": np.where(noise > 0, 32767 / 32768, -1).astype(np.float32),
        "nan and inf": voice(),
        "short": noise[:100],
    }
    made["nan and inf"][5000::97] = np.nan
    made["nan and inf"][6000::89] = -np.inf
    return made


def equal_bits(a, b):
    return a.shape == b.shape and np.array_equal(a.view(np.uint32), b.view(np.uint32))


@pytest.mark.parametrize("samples", ["float32", "int16"])
@pytest.mark.parametrize("name", CHAINS)
def test_c_equals_numpy_in_every_bit(name, samples, compiled):
    chain = chain_of(name, samples)
    c = compiled(chain)
    huge = {"largest floats": np.float32(3e38) * np.sign(voice())} if samples == "float32" else {}
    for case, signal in {**signals(), **huge}.items():
        print(case)  # shown when it fails
        frames, _ = chain.frames(signal)
        frames = frames.reshape(len(frames), chain.output.width)
        for chunk in (64, 4096):
            result = c.run(signal, [chunk])
            assert np.isfinite(frames).all()
            assert equal_bits(result.frames, frames)
            assert np.array_equal(result.quantised, quantize(frames, SCALE, ZERO_POINT))


@pytest.mark.parametrize("word", ["yes", "no", "silence", "noise"])
def test_speech_is_equal_in_every_bit(word, shared_data, compiled):
    signal = read(shared_data / "audio" / f"{word}_1000ms.wav")
    chain = chain_of("frill", "int16")
    frames, _ = chain.frames(signal)
    assert frames.shape == (1, 96, 64)
    c = compiled(chain)
    for chunks in ([160], [1, 7, 1000]):
        assert equal_bits(c.run(signal, chunks).frames.reshape(frames.shape), frames)


def test_int16_samples_are_a_32768th_of_full_scale_each():
    signal = (np.random.default_rng(0).integers(-32768, 32768, 20000)).astype(np.int16)
    as_int16, as_float = chain_of("frill", "int16"), chain_of("frill")
    frames, nonfinite = as_int16.frames(signal)
    assert nonfinite == 0
    assert np.array_equal(frames, as_float.frames(signal / 32768)[0])
    assert np.array_equal(frames, as_int16.frames_batch(np.stack([signal / 32768] * 2))[1])


@pytest.mark.parametrize(("value", "sample"), [(1.0, 32767), (-1.0, -32768), (5.0, 32767), (0.4 / 32768, 0)])
def test_what_int16_cannot_hold_is_rounded_and_clipped(value, sample):
    grid = chain_of("frill", "int16").on_grid(np.full(3, value))
    assert (grid * 32768).tolist() == [sample] * 3


@pytest.mark.parametrize("samples", ["float32", "int16"])
@pytest.mark.parametrize("name", CHAINS)
def test_sanitizers_find_nothing(name, samples, tmp_path):
    chain = chain_of(name, samples)
    program = tmp_path / "program"
    sanitize = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-O1", "-g", "-DPROGRAM"]
    compiler("gcc", *FLAGS, *sanitize, include(), *write_c(chain, tmp_path), "-o", str(program), "-lm")
    signal = np.concatenate(list(signals().values()))
    done = subprocess.run(
        [program], input=samples_of(chain, signal).tobytes(), capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()
    assert len(done.stdout) == 4 + 5 * chain.frames(signal)[0].size


@pytest.mark.parametrize(
    "command",
    [
        "clang -O2",
        "arm-none-eabi-gcc -O2 -mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard",
        "arm-none-eabi-gcc -O2 -mthumb -mcpu=cortex-m55 -mfloat-abi=hard",
    ],
)
def test_compiles_without_a_warning(command, tmp_path):
    for i, name in enumerate(CHAINS):
        write_c(chain_of(name, "int16"), tmp_path, f"x{i}")
        source, out = str(tmp_path / f"x{i}_preproc.c"), str(tmp_path / "x.o")
        compiler(*command.split(), "-std=c11", *WARNINGS, include(), "-c", source, "-o", out)


@pytest.mark.parametrize("name", CHAINS)
def test_float32_stays_near_float64(name):
    """The design check; the bound is of the frames' values, which are logarithms, roots or z-values."""
    chain = chain_of(name)
    frames, _ = chain.frames(voice())
    assert np.abs(frames - chain.frames_float64(voice())).max() < 1e-4


def test_a_second_takes_little_time():
    batch = np.stack([voice(16000)] * 20)
    chain = chain_of("frill", "int16")
    started = time.perf_counter()
    assert chain.frames_batch(batch).shape == (20, 1, 96, 64)
    assert time.perf_counter() - started < 4  # some 0.2 s


def test_what_the_state_holds():
    chain = chain_of("frill", "int16")
    ring, buffers, frame = 2 * 400, 4 * (512 + 64), 96 * 64
    assert ring + buffers + frame < chain.state_bytes() < ring + buffers + frame + 32
    assert chain.state_bytes("int16") - chain.state_bytes() == frame
    assert chain_of("frill").state_bytes() - chain.state_bytes() == 2 * 400 + 8
