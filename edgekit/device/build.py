"""Builds an exported folder into the validation firmware of a board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgekit import console, files, manifest, paths
from edgekit.device import firmware, size, tflm_model
from edgekit.device.boards import Board, Part
from edgekit.device.toolchain import SMALL, Toolchain
from edgekit.errors import EnvironmentFailed, InputError, Problem
from edgekit.manifest import Manifest

# Their loops are assembly anyway, or work on few values.
_SMALL_SOURCES = ("*_dsp.c", "ek_softmax*.c", "ek_fixedpoint.c")


@dataclass(frozen=True, slots=True)
class Built:
    """A firmware and what it costs.

    Args:
        elf: The image; on the host an executable.
        board: What it was built for.
        manifest: Of the export that it was built from.
        memory: What inference alone needs; the stack is added by who measures it.
        preproc_bytes: Flash that the preprocessing alone needs: code, tables and libc helpers; 0 without.
        camera_bytes, boxes_bytes: Likewise of what makes the input of a camera's rows, and boxes of outputs.
        usage: How full each memory of the board is, by name; empty on the host.
        where: Which memory holds code, weights, data, stack and arena; empty on the host.
        compiler: Name and version.
        flags: What decided the code.
        edited: Files of the export that are no longer what was exported.
    """

    elf: Path
    board: Board
    manifest: Manifest
    memory: size.Memory
    preproc_bytes: int
    camera_bytes: int
    boxes_bytes: int
    usage: Mapping[str, size.Usage]
    where: Mapping[Part, str]
    compiler: str
    flags: Sequence[str]
    edited: Sequence[str]

    def conditions(self) -> dict[str, Any]:
        """Returns what a measurement of this firmware depends on, for its record."""
        return {
            "clock_hz": self.board.clock_hz,
            "caches": self.board.caches,
            "code_memory": self.where.get("code", ""),
            "weights_memory": self.where.get("weights", ""),
            "arena_memory": self.where.get("arena", ""),
            "compiler": self.compiler,
            "flags": " ".join(self.flags),
        }


def build(
    export_dir: Path,
    board: Board,
    *,
    build_dir: Path | None = None,
    defines: Mapping[str, str] | None = None,
    app: str = "app",
    portable: bool = False,
) -> Built:
    """Builds the validation firmware of an export; a second build compiles only what has changed.

    Args:
        export_dir: What `edgekit export -o` wrote.
        board: What to build for.
        build_dir: Where to build; default `<export_dir>/build/<board>`.
        defines: Further preprocessor names and values, for application and model.
        app: Folder of the application under firmware/.
        portable: Whether portable kernels may stand in where the core lacks what the export needs.

    Raises:
        InputError: The export is damaged, or needs what the board's core lacks.
        CheckFailed: A memory of the board is too small.
        EnvironmentFailed: The compiler is absent or failed.
    """
    export_dir = Path(export_dir).resolve()
    exported = manifest.load(export_dir)
    _check(export_dir, exported, board, portable)
    edited = edited_files(export_dir, exported)
    if edited:
        console.warn(f"edited since the export: {', '.join(edited)}")

    build_dir = Path(build_dir) if build_dir else export_dir / "build" / board.key
    build_dir.mkdir(parents=True, exist_ok=True)
    share = paths.share("firmware")
    toolchain = Toolchain(board, build_dir, {export_dir: "export", share: "firmware"})
    port_sources, port_includes = firmware.port_sources(board)
    includes = [export_dir / folder for folder in exported.include_dirs]
    all_defines = {**firmware.port_defines(board), **(defines or {})}

    if exported.engine == "tflm":
        includes += [build_dir, share / "kernels"]  # the interface, and ek_status.h
        model = tflm_model.compiled(toolchain, export_dir, exported, includes, all_defines)
    else:
        sources = [export_dir / source for source in exported.sources]
        model = toolchain.compile(sources, includes, all_defines, small=lambda path: _small(exported, path))
    bridge = build_dir / "app_model.c"
    files.write_text(bridge, firmware.render("firmware/app_model.c.j2", manifest=exported))
    sources = [*sorted((share / app).glob("*.c")), *sorted((share / "link").glob("*.c")), bridge]
    app_includes = [*includes, share / "app", share / "link", *port_includes]
    objects = toolchain.compile([*port_sources, *sources], app_includes, all_defines)
    linked = firmware.link(toolchain, [*objects, *model], exported.features)

    def flash_of(part: object, root: str) -> int:
        """Links a part of what stands around the model with nothing else, and returns what it adds."""
        if part is None:
            return 0
        return size.inference(_alone(toolchain, exported, model, includes, root), 0).code_bytes

    return Built(
        elf=linked.elf,
        board=board,
        manifest=exported,
        memory=_inference(toolchain, exported, model, includes),
        preproc_bytes=flash_of(exported.preproc, "size_preproc"),
        camera_bytes=flash_of(exported.camera, "size_camera"),
        boxes_bytes=flash_of(exported.boxes, "size_boxes"),
        usage=size.usage(linked.elf, board),
        where=linked.where,
        compiler=toolchain.description,
        flags=[*toolchain.flags, *_size_flags(exported)],
        edited=edited,
    )


def _size_flags(exported: Manifest) -> list[str]:
    """Returns what stands in the record for the files that are compiled for size."""
    return (
        [f"{SMALL} ({', '.join(_SMALL_SOURCES)})"]
        if any(_small(exported, Path(name)) for name in exported.sources)
        else []
    )


def _small(exported: Manifest, source: Path) -> bool:
    """Says whether a kernel is compiled for size, to save memory."""
    return exported.optimize == "ram" and any(source.match(pattern) for pattern in _SMALL_SOURCES)


def edited_files(export_dir: Path, exported: Manifest) -> list[str]:
    """Returns the files of an export whose content is not what was exported.

    Raises:
        InputError: A file is missing.
    """
    missing = [name for name in exported.files if not (export_dir / name).is_file()]
    if missing:
        raise InputError(
            Problem(str(export_dir / name), "is missing from the export", hint="export again")
            for name in missing
        )
    return [name for name, digest in exported.files.items() if files.sha256(export_dir / name) != digest]


def _check(export_dir: Path, exported: Manifest, board: Board, portable: bool) -> None:
    problems = []
    again = f"edgekit export {exported.model.file} --target {board.key} -o {export_dir.name}"
    lacking = sorted(set(exported.features) - set(board.core.features))
    if lacking and not portable:
        problems.append(
            Problem(
                str(export_dir),
                f"was exported for a core with {', '.join(lacking)}, which {board.key} lacks",
                expected=f"features of {board.core.name}: {', '.join(board.core.features) or 'none'}",
                found=", ".join(exported.features),
                hint=again,
            )
        )
    outside = [
        name
        for name in (*exported.sources, *exported.include_dirs, *exported.files)
        if Path(name).is_absolute() or ".." in Path(name).parts
    ]
    problems += [Problem(f"{export_dir}: {name}", "the manifest names a path outside it") for name in outside]
    if problems:
        raise InputError(problems)


def _inference(
    toolchain: Toolchain, exported: Manifest, model: Sequence[Path], includes: Sequence[Path]
) -> size.Memory:
    """Links init and invoke with nothing around them, and measures the result."""
    elf = _alone(toolchain, exported, model, includes, "size_root")
    arena = exported.arena_bytes
    if exported.engine == "tflm":
        sizes = exported.tflm_arena_bytes
        arena = sizes.get(toolchain.board.core.name, sizes["cortex-m0"])  # others have no SIMD that TFLM uses
    return size.inference(elf, arena)


def _alone(
    toolchain: Toolchain, exported: Manifest, model: Sequence[Path], includes: Sequence[Path], root: str
) -> Path:
    """Links what templates/device/<root>.c.j2 calls, and nothing else."""
    folder = toolchain.build_dir / "size"
    source, script, elf = folder / f"{root}.c", folder / "size.ld", folder / f"{root}.elf"
    files.write_text(source, firmware.render(f"device/{root}.c.j2", name=exported.name, m=exported))
    files.write_text(script, firmware.render("device/size.ld.j2"))
    args = ["-nostartfiles", "-static", f"-T{script}"]
    if toolchain.board.is_host:  # the host's libc is shared with everyone: only what is ours counts
        args += ["-nostdlib", "-no-pie", "-Wl,--unresolved-symbols=ignore-all"]
    else:
        args += ["-lm"]
    objects = toolchain.compile([source], includes, {})
    if said := toolchain.link([*objects, *model], elf, args):
        raise EnvironmentFailed(where=str(elf), what=f"cannot be linked to measure it: {said[:500]}")
    return elf
