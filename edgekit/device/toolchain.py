"""The compiler of a board, with the flags that all firmware is built with, and its object cache."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from edgekit import files
from edgekit.device import tools
from edgekit.device.boards import Board
from edgekit.errors import EnvironmentFailed

WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wconversion", "-Wshadow")
# -ffp-contract=off: a fused multiply-add rounds once where the reference rounds twice.
CODE = ("-std=c11", "-O2", "-ffp-contract=off", "-ffunction-sections", "-fdata-sections", "-fno-common")
SMALL = "-Os"  # in place of -O2, for files that are to be small
# What C++ (TFLM's interpreter) is compiled with instead of C11; without its library, which the link lacks.
CXX = ("-std=c++17", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics")
# The small C library of each core family, by its compiler's name for it: headers and code.
LIBRARY = {"host": (), "cortex_m": ("--specs=nano.specs",), "riscv": ("--specs=picolibc.specs",)}
DEBUG = ("-g", "-gno-record-gcc-switches")
_SHOWN_ERRORS = 8


@dataclass(frozen=True, slots=True)
class _Job:
    source: Path
    argv: list[str]
    object: Path


@dataclass
class Toolchain:
    """Compiles and links for one board in one folder; what has not changed is not compiled again.

    Args:
        board: What to build for.
        build_dir: Folder for objects and results.
        roots: Folders whose paths are kept out of the result, with the names that stand for them.
    """

    board: Board
    build_dir: Path
    roots: Mapping[Path, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        prefix = self.board.core.toolchain
        tool = f"{prefix}-gcc" if prefix else "host compiler"
        self.program = tools.find(tool)
        self.version = tools.version(tool)
        self.build_dir = self.build_dir.resolve()
        self.objects = self.build_dir / "obj"

    @property
    def flags(self) -> list[str]:
        """What decides the generated code; stands in every record."""
        return [*self.board.core.flags, *LIBRARY[self.board.core.family], *CODE]

    @property
    def description(self) -> str:
        """The compiler and its version."""
        return f"{self.program.name} {self.version}"

    def compile(
        self,
        sources: Sequence[Path],
        include_dirs: Sequence[Path],
        defines: Mapping[str, str],
        foreign_dirs: Sequence[Path] = (),
        small: Callable[[Path], bool] = lambda source: False,
    ) -> list[Path]:
        """Compiles what has changed and returns the objects, in the order of `sources`.

        Args:
            sources: C, C++ and assembler files.
            include_dirs: Where headers are looked for.
            defines: Preprocessor names and values.
            foreign_dirs: Where headers are looked for that may cause warnings.
            small: Whether a file is compiled for size.

        Raises:
            EnvironmentFailed: A file does not compile; the compiler's first errors are in the message.
        """
        self.objects.mkdir(parents=True, exist_ok=True)
        jobs = [
            self._job(source, include_dirs, defines, foreign_dirs, [SMALL] if small(source) else [])
            for source in sources
        ]
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            failed = [text for text in pool.map(self._run, jobs) if text]
        if failed:
            raise EnvironmentFailed(
                where=f"{self.description} for {self.board.key}",
                what=f"{len(failed)} of {len(jobs)} files do not compile\n{_first_errors(failed)}",
                hint="if you edited the export, export again; else report it with this text",
            )
        return [job.object for job in jobs]

    def link(self, objects: Sequence[Path], output: Path, args: Sequence[str]) -> str:
        """Links, and returns what the linker said: "" when `output` is there.

        Args:
            objects: As `compile` returned them.
            output: The ELF; where linking fails, an older one is removed.
            args: Further arguments.
        """
        temporary = output.with_name(f".{output.name}.{os.getpid()}")
        argv = [str(self.program), *self.flags, *map(str, objects), *args, "-Wl,--gc-sections"]
        argv += ["-Wl,--build-id=none", "-o", str(temporary)]
        done = tools.run(argv, cwd=self.build_dir)
        if done.returncode != 0:
            temporary.unlink(missing_ok=True)
            output.unlink(missing_ok=True)
            return done.stderr.strip() or f"status {done.returncode}"
        temporary.replace(output)
        return ""

    def _job(
        self,
        source: Path,
        include_dirs: Sequence[Path],
        defines: Mapping[str, str],
        foreign_dirs: Sequence[Path],
        further: Sequence[str],
    ) -> _Job:
        assembler = source.suffix == ".S"  # which knows no suffix of integer constants
        flags = [flag for flag in self.flags if flag != "-std=c11"] if source.suffix == ".cc" else self.flags
        argv = [
            str(self.program),
            *flags,
            *WARNINGS,
            *DEBUG,
            *further,
            *(CXX if source.suffix == ".cc" else ()),
        ]
        for name, value in sorted(defines.items()):
            argv.append(f"-D{name}={value.removesuffix('U') if assembler else value}")
        argv += [f"-I{folder}" for folder in include_dirs]
        argv += [part for folder in foreign_dirs for part in ("-isystem", str(folder))]
        for folder, name in {**self.roots, self.build_dir: "build"}.items():
            argv.append(f"-ffile-prefix-map={folder}={name}")
        argv += ["-c", str(source.resolve())]
        digest = files.sha256("\0".join([self.version, *argv]).encode())[:12]
        return _Job(source, argv, self.objects / f"{source.stem}-{digest}.o")

    def _run(self, job: _Job) -> str:
        record = job.object.with_suffix(".json")
        if job.object.is_file() and _is_current(record):
            return ""
        temporary = job.object.with_suffix(f".{os.getpid()}.tmp")
        listing = job.object.with_suffix(".d")
        argv = [*job.argv, "-MMD", "-MF", str(listing), "-o", str(temporary)]
        done = tools.run(argv, cwd=self.build_dir)
        if done.returncode != 0:
            temporary.unlink(missing_ok=True)
            return done.stderr.strip() or f"{job.source}: error: status {done.returncode}"
        record.unlink(missing_ok=True)
        temporary.replace(job.object)
        files.write_json(record, {str(path): files.sha256(path) for path in _prerequisites(listing)})
        return ""


def _is_current(record: Path) -> bool:
    """Says whether every file that an object was made from is as it was."""
    try:
        seen = json.loads(record.read_text(encoding="utf-8"))
        return all(files.sha256(Path(name)) == digest for name, digest in seen.items())
    except (OSError, ValueError, AttributeError):
        return False


def _prerequisites(listing: Path) -> list[Path]:
    """Returns the files in a make rule that the compiler wrote."""
    rule = listing.read_text(encoding="utf-8").replace("\\\n", " ").split(": ", 1)[1]
    return [Path(name.replace("\\ ", " ")) for name in re.findall(r"(?:\\ |\S)+", rule)]


def _first_errors(outputs: Sequence[str]) -> str:
    lines = [line for text in outputs for line in text.splitlines()]
    errors = [line for line in lines if re.search(r"\b(error|Error)\b", line)] or lines
    shown = [f"  {line}" for line in errors[:_SHOWN_ERRORS]]
    if len(errors) > len(shown):
        shown.append(f"  ... and {len(errors) - len(shown)} more")
    return "\n".join(shown)
