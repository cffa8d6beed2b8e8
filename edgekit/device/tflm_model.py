"""Compiles a model for TFLM's interpreter behind the C interface that the application knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import NamedTuple

import numpy as np

from edgekit import files
from edgekit.device import firmware, tflm
from edgekit.device.toolchain import Toolchain
from edgekit.errors import EnvironmentFailed
from edgekit.manifest import Manifest

# As TFLM's Makefile has them: structures of its headers depend on the first.
_DEFINES = {
    "TF_LITE_STATIC_MEMORY": "1",
    "TF_LITE_DISABLE_X86_NEON": "1",
    "TF_LITE_STRIP_ERROR_STRINGS": "1",
}
_AROUND = ("_preproc", "_camera", "_boxes")  # ends of the names of sources that are not the aot engine's
_TYPES = {
    **{name: f"{name}_t" for name in ("int8", "uint8", "int16", "int32", "int64")},
    "float32": "float",
    "bool": "bool",
}


def compiled(
    toolchain: Toolchain,
    export_dir: Path,
    exported: Manifest,
    includes: Sequence[Path],
    defines: Mapping[str, str],
) -> list[Path]:
    """Returns what to link for the model: objects, and TFLM's library behind them.

    Args:
        toolchain: Of the board.
        export_dir: What `edgekit export --engine tflm` wrote.
        exported: Its manifest.
        includes: Folders of headers; the toolchain's folder, where the interface is put, among them.
        defines: Of the firmware; EK_TRACE tells the interpreter to keep every tensor.

    Raises:
        EnvironmentFailed: No TFLM, no C++ headers, or they do not compile.
    """
    found = tflm.locate(toolchain.board)
    _require_headers(toolchain)
    traced = _traced(exported)
    values = {
        "m": exported,
        "macro": exported.name.upper(),
        "types": _TYPES,
        "traced": traced,
        "traced_bytes": sum(-(-piece.bytes // 16) * 16 for piece in traced),  # TFLM aligns each tensor
    }
    for suffix in ("h", "cc"):
        text = firmware.render(f"firmware/tflm_model.{suffix}.j2", **values)
        files.write_text(toolchain.build_dir / f"{exported.name}.{suffix}", text)
    flatbuffer = export_dir / "src" / f"{exported.name}_flatbuffer.cc"
    sources = [toolchain.build_dir / f"{exported.name}.cc", flatbuffer]
    trace = {name: value for name, value in defines.items() if name == "EK_TRACE"}
    objects = toolchain.compile(sources, includes, {**_DEFINES, **trace}, found.includes)
    sources = [export_dir / source for source in exported.sources]
    around = [path for path in sources if path.stem.endswith(_AROUND)]
    objects += toolchain.compile(around, includes, {})
    return [*objects, found.archive]


class _Piece(NamedTuple):
    """A tensor that a node writes, and where it lies in the node's outputs, one behind the other."""

    node: int
    place: int
    tensor: int
    bytes: int


def _traced(exported: Manifest) -> list[_Piece]:
    pieces = []
    for node in exported.nodes:
        place = 0
        for output in node.outputs:
            size = prod(output.shape) * np.dtype(output.dtype).itemsize
            if output.tensor is not None:
                pieces.append(_Piece(node.index, place, output.tensor, size))
            place += size
    return pieces


def _require_headers(toolchain: Toolchain) -> None:
    probe = toolchain.build_dir / "cxx_probe.cc"
    files.write_text(probe, "#include <cstdint>\n#include <type_traits>\n")
    try:
        toolchain.compile([probe], [], {})
    except EnvironmentFailed as error:
        raise EnvironmentFailed(
            where=f"{toolchain.description} for {toolchain.board.key}",
            what="compiles no C++, or lacks its standard headers; TFLM is C++",
            hint="sudo apt-get install libstdc++-arm-none-eabi-newlib (for the host: g++)",
        ) from error
