"""The rendered C gives the bytes of its NumPy twin, for any format and size, under sanitizers."""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from edgekit import paths
from edgekit.camera.camera import Camera
from edgekit.camera.config import MOST_FRAME, MOST_INPUT
from edgekit.errors import InputError

GOLDEN = Path(__file__).parent / "golden"
WARNINGS = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wconversion", "-Wshadow"]
SANITIZE = ["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
DTYPES = ("int8", "int16", "float32")

# Pushes frames from its input and writes what the model would take. Rows lie at odd addresses and are
# overwritten at once; rows are fetched in both ways.
DRIVER = """
static {ctype} {name}_input[{upper}_CAMERA_ROWS * {upper}_CAMERA_ROW_SIZE];

static int {name}_drive(int taking)
{{
    static {name}_camera_t state;
    static uint8_t memory[1U + {upper}_CAMERA_ROW_BYTES];
    if ({name}_camera_init(&state) != EK_OK || {name}_camera_done(&state)) {{
        return 1;
    }}
    for (int frame = 0; frame < 2; frame++) {{
        size_t done = 0U;
        memset({name}_input, 0x55, sizeof {name}_input);
        for (size_t y = 0U; y < {upper}_CAMERA_HEIGHT; y++) {{
            if (fread(memory + 1, 1U, {upper}_CAMERA_ROW_BYTES, stdin) != {upper}_CAMERA_ROW_BYTES) {{
                return 2;
            }}
            if ({name}_camera_push_row(&state, memory + 1) != EK_OK) {{
                return 3;
            }}
            if ({name}_camera_ready(&state)) {{
                if ({name}_camera_push_row(&state, memory + 1) != EK_ERROR_STATE) {{
                    return 4;
                }}
                if (taking != 0) {{
                    const {ctype} *const row = {name}_camera_take(&state);
                    memcpy({name}_input + done, row, {upper}_CAMERA_ROW_SIZE * sizeof(*row));
                }} else if ({name}_camera_run(&state, {name}_input) != EK_OK) {{
                    return 5;
                }}
                done += {upper}_CAMERA_ROW_SIZE;
            }} else if ({name}_camera_take(&state) != NULL ||
                       {name}_camera_run(&state, {name}_input) != EK_ERROR_STATE) {{
                return 6;
            }}
        }}
        if (!{name}_camera_done(&state) ||
            fwrite({name}_input, sizeof {name}_input, 1U, stdout) != 1U) {{
            return 7;
        }}
    }}
    return 0;
}}
"""


def cameras(seed, count=16):
    """Returns cameras of every format, way of resizing and type, of random sizes."""
    source = np.random.default_rng(seed)
    made = []
    for i in range(count):
        kind = ("rgb565le", "rgb565be", "rgb888", "grey")[i % 4]
        colour = "grey" if kind == "grey" else ("rgb", "grey")[i // 4 % 2]
        width, height = (int(v) for v in source.integers(1, 70, 2))
        x, y = int(source.integers(0, width)), int(source.integers(0, height))
        crop = (x, y, int(source.integers(1, width - x + 1)), int(source.integers(1, height - y + 1)))
        if i % 5 == 0:
            crop = None
        extent = crop[2:] if crop else (width, height)
        size = tuple(int(source.integers(1, most + 1)) for most in extent)
        channels = 3 if colour == "rgb" else 1
        made.append(
            Camera.design(
                {
                    "format": kind,
                    "colour": colour,
                    "width": width,
                    "height": height,
                    "crop": crop,
                    "size": size,
                    "resize": ("area", "bilinear")[i // 8 % 2],
                    "mean": source.uniform(0, 1, channels).tolist() if i % 3 == 0 else [0.0],
                    "std": source.uniform(0.1, 1, channels).tolist() if i % 3 == 0 else [1.0],
                }
            )
        )
    return made


def quantisation(i):
    """Returns scale, zero point and type of the model's input; for some of them a value only shifts."""
    dtype = DTYPES[i // 2 % 3]
    if i % 2 == 0 and dtype == "int8":
        return float(np.float32(1 / 255)), -128, dtype
    return 0.0123, 7, dtype


def gives_the_twins_bytes(folder, some, frames):
    """Compiles cameras together, runs all on two frames each and compares with NumPy."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    heads, drivers, calls, sources = [], [], [], []
    for i, camera in enumerate(some):
        scale, zero_point, dtype = quantisation(i)
        name = f"c{i}"
        for file, text in camera.render_c(name, scale, zero_point, dtype).items():
            (folder / file).write_text(text)
        ctype = "float" if dtype == "float32" else f"{dtype}_t"
        heads.append(f'#include "{name}_camera.h"')
        drivers.append(DRIVER.format(name=name, upper=name.upper(), ctype=ctype))
        calls.append(f"if ((status = {name}_drive({i // 3 % 2})) != 0) {{ return {10 * (i + 1)} + status; }}")
        sources.append(str(folder / f"{name}_camera.c"))
    main = folder / "main.c"
    main.write_text(
        "\n".join(["#include <stdio.h>", "#include <string.h>", *heads, *drivers])
        + "\nint main(void)\n{\n    int status;\n    "
        + "\n    ".join(calls)
        + "\n    return 0;\n}\n"
    )
    include = f"-I{paths.share('firmware') / 'kernels'}"
    command = ["gcc", *WARNINGS, *SANITIZE, include, str(main), *sources, "-o", str(folder / "program")]
    made = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert made.returncode == 0, made.stderr[:4000]
    done = subprocess.run(
        [str(folder / "program")], input=b"".join(f.tobytes() for f in frames), capture_output=True,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, (done.returncode, done.stderr.decode()[:4000])
    at = 0
    for i, (camera, given_frames) in enumerate(zip(some, frames, strict=True)):
        seen = camera.pixels_of_rows(given_frames)
        scale, zero_point, dtype = quantisation(i)
        quantised = dtype != "float32"
        expected = camera.quantise(seen, scale, zero_point, dtype) if quantised else camera.normalise(seen)
        found = done.stdout[at : at + expected.nbytes]
        at += expected.nbytes
        assert found == expected.tobytes(), camera.config
    assert at == len(done.stdout)


@settings(max_examples=2, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1))
def test_any_format_and_size_gives_the_twins_bytes(tmp_path_factory, seed):
    some = cameras(seed)
    source = np.random.default_rng(seed)
    frames = [
        source.integers(0, 256, (2, camera.config.height, camera.row_bytes), np.uint8) for camera in some
    ]
    for given_frames in frames:
        given_frames[1, source.integers(0, given_frames.shape[1]) :] = 255
    gives_the_twins_bytes(tmp_path_factory.mktemp("cameras"), some, frames)


@pytest.mark.parametrize(
    ("resize", "size"), [("area", (1, MOST_FRAME // 2 - 1)), ("bilinear", (3, MOST_INPUT - 1))]
)
def test_the_brightest_and_largest_frame_does_not_overflow(tmp_path, resize, size):
    """Not only where the sums are small: the largest of them is bounded as well."""
    base = {"format": "grey", "colour": "grey", "resize": resize}
    largest = Camera.design({**base, "width": MOST_FRAME, "height": MOST_FRAME, "size": (2047, 2047)})
    assert 255 * largest.divisor + largest.divisor // 2 < 1 << 32
    assert largest.divisor == (MOST_FRAME**2 if resize == "area" else (2 * 2047) ** 2)
    tall = Camera.design({**base, "width": 3, "height": MOST_FRAME, "size": size})
    gives_the_twins_bytes(tmp_path, [tall], [np.full((2, MOST_FRAME, 3), 255, np.uint8)])


def test_a_colour_camera_reads_as_reviewed():
    camera = Camera.design(
        {"format": "rgb565be", "width": 160, "height": 120, "crop": (20, 0, 120, 120), "size": (8, 6)}
    )
    for name, text in camera.render_c("vision", 1 / 255, -128).items():
        golden = GOLDEN / name
        if os.environ.get("EDGEKIT_UPDATE_GOLDEN"):
            golden.write_text(text)
        assert text == golden.read_text()


@pytest.mark.parametrize("compiler", ["clang", "arm-none-eabi-gcc"])
def test_other_compilers_take_it_without_a_warning(tmp_path, compiler):
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    for i, camera in enumerate(cameras(1, 8)):
        for file, text in camera.render_c(f"c{i}", *quantisation(i)).items():
            (tmp_path / file).write_text(text)
    include = f"-I{paths.share('firmware') / 'kernels'}"
    sources = [str(path) for path in tmp_path.glob("*.c")]
    done = subprocess.run(
        [compiler, *WARNINGS, "-O2", "-c", include, *sources], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_state_and_tables_are_as_large_as_said():
    camera = Camera.design({"format": "rgb565le", "width": 320, "height": 240, "size": (96, 96)})
    assert camera.state_bytes() == 12 + 4 * 96 * 3 + 96 * 3
    assert camera.table_bytes(1 / 255, -128) == 8 * (96 + 97)
    assert camera.table_bytes(0.01, 0) == 8 * (96 + 97) + 256
    assert "_STATE_SIZE (1452U)" in camera.render_c("x", 0.01, 0)["x_camera.h"]


def test_a_bad_name_and_quantisation_are_listed_at_once():
    camera = Camera.design({"format": "grey", "colour": "grey", "width": 2, "height": 2, "size": (1, 1)})
    with pytest.raises(InputError) as caught:
        camera.render_c("1x", 0.0, 300)
    assert len(caught.value.problems) == 3
    with pytest.raises(InputError, match="type"):
        camera.render_c("x", 1.0, 0, "uint8")
