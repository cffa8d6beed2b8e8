"""The user's own TensorFlow Lite Micro: its headers and its library for the core of a board."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edgekit.device.boards import Board
from edgekit.errors import EnvironmentFailed

VARIABLE = "TFLM_DIR"
LIBRARY = "libtensorflow-microlite.a"

_HEADER = Path("tensorflow/lite/micro/micro_interpreter.h")
# Third-party headers, as TFLM's Makefile puts them and as its create_tflm_tree.py does.
_THIRD_PARTY = (
    "tensorflow/lite/micro/tools/make/downloads/flatbuffers/include",
    "tensorflow/lite/micro/tools/make/downloads/gemmlowp",
    "tensorflow/lite/micro/tools/make/downloads/ruy",
    "third_party/flatbuffers/include",
    "third_party/gemmlowp",
    "third_party/ruy",
)
_BEST = ("cmsis_nn", "release")  # of several builds, that whose folder's name holds most of these


@dataclass(frozen=True, slots=True)
class Tflm:
    """A TFLM that can be linked.

    Args:
        includes: Folders of its headers.
        archive: Built for the board's core.
    """

    includes: Sequence[Path]
    archive: Path


def locate(board: Board) -> Tflm:
    """Returns the TFLM that $TFLM_DIR names.

    Args:
        board: The library is that for its core: `lib/<core>/libtensorflow-microlite.a`, or what TFLM's
            Makefile built below `gen/`.

    Raises:
        EnvironmentFailed: The variable is not set, or there is no such folder, header or library.
    """
    core = "linux_x86_64" if board.is_host else board.core.name
    expected = (
        f"{VARIABLE} naming a folder with {_HEADER}, third_party/ or TFLM's downloads/, and "
        f"lib/{core}/{LIBRARY} or gen/*{core}*/lib/{LIBRARY}"
    )
    hint = (
        "in a checkout of github.com/tensorflow/tflite-micro: make -f "
        f"tensorflow/lite/micro/tools/make/Makefile TARGET=cortex_m_generic TARGET_ARCH={core} "
        "OPTIMIZED_KERNEL_DIR=cmsis_nn BUILD_TYPE=release microlite (for hard float cortex-m4+fp, "
        f"cortex-m7+fp); then export {VARIABLE}=<checkout>"
    )
    name = os.environ.get(VARIABLE, "")
    if not name:
        raise EnvironmentFailed(where=VARIABLE, what="is not set", expected=expected, hint=hint)
    folder = Path(name).expanduser().resolve()
    if not (folder / _HEADER).is_file():
        raise EnvironmentFailed(
            where=f"{VARIABLE}={name}", what=f"holds no {_HEADER}", expected=expected, hint=hint
        )
    libraries = sorted(folder.glob(f"lib/{core}/{LIBRARY}")) or sorted(
        (path for path in folder.glob(f"gen/*/lib/{LIBRARY}") if _is_for(core, path)),
        key=lambda path: -sum(word in path.parts[-3] for word in _BEST),
    )
    if not libraries:
        raise EnvironmentFailed(
            where=f"{VARIABLE}={name}",
            what=f"holds no {LIBRARY} for {core}",
            expected=expected,
            found=", ".join(str(path.relative_to(folder)) for path in folder.glob(f"gen/*/lib/{LIBRARY}")),
            hint=hint,
        )
    return Tflm([folder, *(path for part in _THIRD_PARTY if (path := folder / part).is_dir())], libraries[0])


def _is_for(core: str, archive: Path) -> bool:
    """Says whether `gen/<target>_<arch>_<options>/lib/...` is of a core; one with an FPU may have +fp."""
    name = archive.parts[-3]
    return f"_{core}_" in name or f"_{core}+fp_" in name or name.startswith(f"{core}_")
