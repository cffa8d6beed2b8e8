"""The rendered C computes what NumPy computes, on benign and hostile signals, on every compiler."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgekit.errors import InputError
from edgekit.preproc.chain import Chain
from edgekit.preproc.view import c_float
from edgekit.quant import quantize

from .conftest import ECG, FLAGS, SCALE, WARNINGS, ZERO_POINT, compiler, hostile, include, pulses, write_c

GOLDEN = Path(__file__).parent / "golden"
CHAINS = {
    "ecg": (360.0, ECG),
    "no resampling": (100.0, ECG),
    "up": (62.5, ECG),
    "notch first": (360.0, ({"step": "notch", "frequency_hz": 60.0}, *ECG)),
    "only frames": (100.0, ({"step": "frame", "samples": 50, "hop": 20},)),
    "gaps between frames": (100.0, ({"step": "frame", "samples": 33, "hop": 100}, {"step": "znorm"})),
    "many outputs per sample": (
        10.0,
        ({"step": "resample", "rate_hz": 95.0}, {"step": "frame", "samples": 7, "hop": 3}),
    ),
    "frames of frames": (
        100.0,
        ({"step": "frame", "samples": 10, "hop": 15}, {"step": "frame", "samples": 4, "hop": 1}),
    ),
}


def chain_of(name: str) -> Chain:
    rate_hz, steps = CHAINS[name]
    return Chain.design(list(steps), rate_hz)


def assert_agrees(result, chain, signal):
    """The contract: 1e-5 of each frame's largest magnitude before, 0.1 % by one step after quantising."""
    frames, nonfinite = chain.frames(signal)
    frames = frames.reshape(len(frames), chain.output.width)
    expected = quantize(frames, SCALE, ZERO_POINT)
    assert result.frames.shape == frames.shape
    assert result.nonfinite == nonfinite
    assert np.isfinite(result.frames).all()
    if frames.size:
        bound = 1e-5 * np.abs(frames).max(axis=1, keepdims=True)
        assert (np.abs(result.frames.astype(np.float64) - frames) <= bound).all()
        steps = np.abs(result.quantised.astype(int) - expected.astype(int))
        assert steps.max() <= 1
        assert np.count_nonzero(steps) <= 0.001 * steps.size


def test_five_minutes_of_real_ecg_are_equal_in_every_bit(ecg_chain, real_ecg, compiled):
    frames, _ = ecg_chain.frames(real_ecg)
    assert len(frames) == 74
    result = compiled(ecg_chain).run(real_ecg, chunks=[100])
    assert np.array_equal(result.frames.view(np.uint32), frames.view(np.uint32))
    assert np.array_equal(result.quantised, quantize(frames, SCALE, ZERO_POINT))


@pytest.mark.parametrize("chunk", [1, 7, 100, 4096])
def test_hostile_signals_made_from_real_ecg_agree(ecg_chain, real_ecg, compiled, chunk):
    c = compiled(ecg_chain)
    for name, signal in hostile(real_ecg[: 40 * 360]).items():
        print(name)  # shown when it fails
        assert_agrees(c.run(signal, [chunk]), ecg_chain, signal)


@pytest.mark.parametrize("name", CHAINS)
def test_every_step_agrees_on_hostile_signals(name, compiled):
    chain = chain_of(name)
    c = compiled(chain)
    for case, signal in hostile(pulses(12000 if chain.rate_hz > 100 else 4000)).items():
        print(case)  # shown when it fails
        assert_agrees(c.run(signal, [100]), chain, signal)


@pytest.mark.parametrize(
    ("cc", "optimise"), [("gcc", "-O0"), ("gcc", "-O3"), ("clang", "-O0"), ("clang", "-O2")]
)
def test_the_numbers_do_not_depend_on_the_compiler(ecg_chain, compiled, cc, optimise):
    signal = hostile(pulses(12000))["nan in bursts"]
    frames, _ = ecg_chain.frames(signal)
    result = compiled(ecg_chain, cc, optimise).run(signal)
    assert np.array_equal(result.frames.view(np.uint32), frames.view(np.uint32))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chunks=st.lists(st.integers(1, 5000), min_size=1, max_size=20))
def test_any_chunking_gives_the_same_bytes(chunked, chunks):
    c, signal, expected = chunked
    result = c.run(signal, chunks)
    assert np.array_equal(result.quantised, expected.quantised)
    assert result.nonfinite == expected.nonfinite


@pytest.fixture
def chunked(ecg_chain, compiled):
    signal = hostile(pulses(12000))["inf"]
    c = compiled(ecg_chain)
    return c, signal, c.run(signal)


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("ecg", "int8"),
        ("ecg", "int16"),
        ("gaps between frames", "int8"),
        ("many outputs per sample", "int8"),
        ("frames of frames", "int8"),
    ],
)
def test_sanitizers_find_nothing(name, dtype, tmp_path):
    chain = chain_of(name)
    program = tmp_path / "program"
    sanitize = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-O1", "-g", "-DPROGRAM"]
    sources = write_c(chain, tmp_path, dtype=dtype)
    compiler("gcc", *FLAGS, *sanitize, include(), *sources, "-o", str(program), "-lm")
    for case, signal in hostile(pulses(12000)).items():
        done = subprocess.run([program], input=signal.tobytes(), capture_output=True, timeout=60)
        assert done.returncode == 0, f"{case}: {done.stderr.decode()}"
        frames, nonfinite = chain.frames(signal)
        expected = frames.tobytes() + quantize(frames, SCALE, ZERO_POINT, np.dtype(dtype)).tobytes()
        assert done.stdout == expected + nonfinite.to_bytes(4, "little"), case


def test_status_codes_of_wrong_calls(ecg_chain, tmp_path):
    write_c(ecg_chain, tmp_path)
    main = tmp_path / "main.c"
    main.write_text(
        """
        #include "x_preproc.h"
        static x_preproc_t state;
        int main(void) {
            size_t consumed = 9U;
            int8_t out[X_PREPROC_FRAME];
            float samples[1] = {0.0f};
            if (x_preproc_init(NULL) != EK_ERROR_ARGUMENT) return 1;
            if (x_preproc_init(&state) != EK_OK) return 2;
            if (x_preproc_push(NULL, samples, 1U, &consumed) != EK_ERROR_ARGUMENT) return 3;
            if (x_preproc_push(&state, NULL, 1U, &consumed) != EK_ERROR_ARGUMENT) return 4;
            if (x_preproc_push(&state, samples, 1U, NULL) != EK_ERROR_ARGUMENT) return 5;
            if (x_preproc_push(&state, NULL, 0U, &consumed) != EK_OK || consumed != 0U) return 6;
            if (x_preproc_run(&state, NULL) != EK_ERROR_ARGUMENT) return 7;
            if (x_preproc_run(&state, out) != EK_ERROR_STATE) return 8;
            if (x_preproc_ready(&state) || x_preproc_ready(NULL) || x_preproc_nonfinite(NULL) != 0U) return 9;
            while (!x_preproc_ready(&state))
                if (x_preproc_push(&state, samples, 1U, &consumed) != EK_OK || consumed != 1U) return 10;
            if (x_preproc_push(&state, samples, 1U, &consumed) != EK_OK || consumed != 0U) return 11;
            if (x_preproc_run(&state, out) != EK_OK || out[0] != -5 || x_preproc_ready(&state)) return 12;
            return 0;
        }
        """
    )
    program = tmp_path / "main"
    compiler("gcc", *FLAGS, include(), str(main), str(tmp_path / "x_preproc.c"), "-o", str(program), "-lm")
    assert subprocess.run([program], timeout=60).returncode == 0


@pytest.mark.parametrize(
    "command",
    [
        "gcc -std=c11 -O2",
        "gcc -std=gnu11 -O2",
        "clang -std=c11 -O2",
        "arm-none-eabi-gcc -std=c11 -Os -mthumb -mcpu=cortex-m0plus",
        "arm-none-eabi-gcc -std=c11 -O2 -mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard",
        "arm-none-eabi-gcc -std=gnu11 -O2 -mthumb -mcpu=cortex-m55 -mfloat-abi=hard",
    ],
)
@pytest.mark.parametrize("name", CHAINS)
def test_compiles_without_a_warning(name, command, tmp_path):
    write_c(chain_of(name), tmp_path)
    out = ["-o", str(tmp_path / "x.o")]
    compiler(*command.split(), *WARNINGS, include(), "-c", str(tmp_path / "x_preproc.c"), *out)


def test_the_header_is_valid_cpp(ecg_chain, tmp_path):
    write_c(ecg_chain, tmp_path)
    (tmp_path / "x.cpp").write_text('#include "x_preproc.h"\nx_preproc_t state;\n')
    out = ["-o", str(tmp_path / "x.o")]
    compiler("g++", "-Wall", "-Wextra", "-Werror", include(), "-c", str(tmp_path / "x.cpp"), *out)


def test_gcc_fuses_no_operations_even_when_asked_to(ecg_chain, tmp_path):
    write_c(ecg_chain, tmp_path)
    command = "arm-none-eabi-gcc -std=gnu11 -O3 -ffp-contract=fast -mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16"
    assembly = tmp_path / "x.s"
    options = ["-mfloat-abi=hard", include(), "-S", "-o", str(assembly)]
    compiler(*command.split(), *options, str(tmp_path / "x_preproc.c"))
    text = assembly.read_text()
    assert "vmul.f32" in text
    assert not any(fused in text for fused in ("vfma", "vfms", "vmla", "vmls", "__aeabi_d"))


def test_fast_math_is_refused(ecg_chain, tmp_path):
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    write_c(ecg_chain, tmp_path)
    command = ["gcc", "-ffast-math", include(), "-fsyntax-only", str(tmp_path / "x_preproc.c")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "compile this file without -ffast-math" in done.stderr


def test_golden_text():
    """To renew after a change that is meant: write what `render_c` gives to tests/preproc/golden/."""
    chain = Chain.design(
        [
            {"step": "resample", "rate_hz": 100.0, "zero_crossings": 2},
            {"step": "notch", "frequency_hz": 45.0},
            {"step": "bandpass", "low_hz": 1.0, "high_hz": 30.0, "order": 2},
            {"step": "frame", "samples": 200, "hop": 100},
            {"step": "znorm", "epsilon": 0.01},
        ],
        rate_hz=250.0,
    )
    files = chain.render_c("golden", 0.043, -5)
    assert sorted(files) == ["golden_preproc.c", "golden_preproc.h"]
    for name, text in files.items():
        assert text == (GOLDEN / name).read_text()


def test_rendering_twice_gives_the_same_bytes(ecg_chain):
    assert ecg_chain.render_c("a", 0.1, 0) == ecg_chain.render_c("a", 0.1, 0)


def test_bad_arguments_are_listed_at_once(ecg_chain):
    with pytest.raises(InputError) as caught:
        ecg_chain.render_c("9 lives", 0.0, 300)
    assert [problem.where for problem in caught.value.problems] == ["name", "scale", "zero_point"]
    assert ecg_chain.render_c("x", 0.1, 300, "int16")
    with pytest.raises(InputError, match="int8 or int16"):
        ecg_chain.render_c("x", 0.1, 0, "uint8")


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_literal_reads_back_as_the_same_float32(value):
    text = c_float(value)
    assert text.endswith("f")
    assert any(c in text for c in ".e")
    assert np.float32(text[:-1]) == np.float32(value)
