"""Every kernel compiles without a warning wherever a compiler is at hand, and keeps to the house rules."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from edgekit.paths import share

KERNELS = share("firmware") / "kernels"
POSTPROC = share("firmware") / "postproc"
FLAGS = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wconversion", "-Wshadow"]
COMPILERS = {
    "gcc": ["gcc"],
    "clang": ["clang"],
    "clang, everything": [
        *("clang", "-Weverything", "-Wno-padded", "-Wno-declaration-after-statement"),
        *("-Wno-bad-function-cast", "-Wno-unknown-warning-option", "-Wno-unsafe-buffer-usage"),
        *("-Wno-switch-default", "-Wno-pre-c11-compat"),
    ],
    "cortex-m0": ["arm-none-eabi-gcc", "-mcpu=cortex-m0", "-mthumb"],
    "cortex-m4": ["arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb"],
    "cortex-m55": ["arm-none-eabi-gcc", "-mcpu=cortex-m55", "-mthumb", "-mfloat-abi=hard"],
}


@pytest.mark.parametrize("name", COMPILERS)
def test_without_a_warning(name: str, tmp_path) -> None:
    command = COMPILERS[name]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    sources = sorted(map(str, [*KERNELS.glob("ek_*.c"), *POSTPROC.glob("ek_*.c")]))
    done = subprocess.run(
        [*command, *FLAGS, "-c", *sources], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert len(list(tmp_path.glob("*.o"))) == len(sources)


def test_each_kernel_keeps_to_the_house_rules() -> None:
    for path in KERNELS.glob("ek_*.[ch]"):
        text = path.read_text()
        assert not re.search(r"\b(malloc|free|alloca|printf|setjmp|goto)\b|stdio\.h|stdlib\.h", text), path
        if path.suffix == ".c":
            assert f'#include "{path.stem}.h"' in text, path
            if f"{path.stem}_params_t" in path.with_suffix(".h").read_text():
                assert f"void {path.stem}(const {path.stem}_params_t *p" in text, path
            else:  # no kernel, but a core: others call it, and it defines nothing but ek_ functions
                include = f'#include "{path.stem}.h"'
                assert any(include in c.read_text() for c in KERNELS.glob("ek_*.c") if c != path), path
                defined = re.findall(r"^(?!static\b)[a-z][\w *]*?\b(\w+)\([^;]*?\)\s*\{", text, re.MULTILINE)
                assert defined and all(name.startswith("ek_") for name in defined), path
