"""Boards: one TOML file each, here in boards/ and beside the user in ./edgekit/boards/."""

from __future__ import annotations

import itertools
import math
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from edgekit import paths, validation
from edgekit.errors import InputError, did_you_mean
from edgekit.registry import key_of

_MAX_BYTES = 256 << 10

Feature = Literal["dsp", "fpu", "mve"]
Part = Literal["code", "weights", "data", "stack", "arena"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,31}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Core(_Strict):
    """The processor, as compiler and generated code see it."""

    name: str = Field(description="e.g. cortex-m4; generated code is chosen by it")
    family: Literal["host", "cortex_m", "riscv"] = Field(description="startup under firmware/ports/<family>/")
    features: list[Feature] = Field([], description="what generated code may use")
    toolchain: str = Field("", description="prefix of the compiler, e.g. arm-none-eabi; '' on the host")
    flags: list[str] = Field([], description="compiler flags that select core and float ABI")


class Memory(_Strict):
    """One block of addresses."""

    name: Name
    origin: int = Field(ge=0, lt=1 << 32)
    length: int = Field(gt=0, le=1 << 32)
    kind: Literal["flash", "ram"] = Field(description="flash: holds the image; ram: written at run time")
    note: str = ""

    @property
    def end(self) -> int:
        """First address behind it."""
        return self.origin + self.length


class Placement(_Strict):
    """Where each part of the firmware lies: the first memory named that has room for it."""

    code: list[Name] = Field(min_length=1)
    weights: list[Name] = Field(min_length=1)
    data: list[Name] = Field(min_length=1)
    stack: list[Name] = Field(min_length=1)
    arena: list[Name] = Field(min_length=1)
    stack_bytes: int = Field(8192, ge=1024, multiple_of=64)


class Console(_Strict):
    """The serial line that the board answers on."""

    baud: int = Field(115200, gt=0)
    receive_bytes: int = Field(
        4096, ge=64, multiple_of=64, description="bytes that wait, unread, without one being lost"
    )
    usb: list[Annotated[str, Field(pattern=r"^[0-9a-f]{4}:[0-9a-f]{4}$")]] = Field(
        [], description="vendor:product of the USB serial bridge"
    )


class Counter(_Strict):
    """What the time of an invocation is measured with."""

    unit: Literal["instructions", "cycles", "ns"]
    hz: int = Field(gt=0, description="ticks per second of the timer behind it")
    what: str = Field(description="the timer's name, for the record")


class Emulator(_Strict):
    """How QEMU stands in for the board."""

    program: str = "qemu-system-arm"
    machine: str
    args: list[str] = []
    icount_shift: int = Field(ge=0, le=10, description="an instruction takes 2^shift ns of emulated time")


class Flasher(_Strict):
    """A tool that writes the firmware to the board, and what it calls the part."""

    tool: Literal["jlink", "pyocd", "openocd", "picotool", "uf2"]
    device: str = Field(
        description="the part's name in that tool (OpenOCD: its file; uf2: the drive's Board-ID)"
    )
    interface: str = Field("", description="OpenOCD: the probe's file, where `device` does not include one")
    family: int = Field(0, ge=0, lt=1 << 32, description="uf2: family of the file")
    speed_khz: int = Field(4000, gt=0)

    @model_validator(mode="after")
    def _consistent(self) -> Flasher:
        if (self.tool == "uf2") != (self.family != 0):
            raise ValueError("family: the family of a UF2 file, and nothing else, needs one")
        return self


class Source(_Strict):
    """Where a figure comes from."""

    fact: str
    source: str = Field(description="document, section, revision; '' if none was opened")
    verified: bool = Field(True, description="false: nobody has opened a source for it")


class Board(_Strict):
    """A board: what firmware is built for and what runs it. `key` is the file's name."""

    key: str
    title: str
    port: Name = Field(description="folder under firmware/ports/")
    clock_hz: int = Field(0, ge=0, description="core clock; 0 where it means nothing")
    caches: str = Field("none", description="caches that a measurement depends on")
    core: Core
    memories: list[Memory] = []
    placement: Placement | None = None
    console: Console = Console()
    counter: Counter
    emulator: Emulator | None = None
    flashers: list[Flasher] = Field([], description="in order of preference")
    defines: dict[Annotated[str, Field(pattern=r"^EK_[A-Z0-9_]+$")], int] = Field(
        {}, description="constants of the port: addresses, interrupt numbers, clocks"
    )
    sources: list[Source] = []

    @property
    def emulated(self) -> bool:
        """Whether QEMU runs it."""
        return self.emulator is not None

    @property
    def is_host(self) -> bool:
        """Whether it is a process on this computer."""
        return self.core.family == "host"

    def memory(self, name: str) -> Memory:
        """Returns the memory of that name; the model has checked that there is one."""
        return next(memory for memory in self.memories if memory.name == name)

    @property
    def counter_ratio(self) -> tuple[int, int]:
        """(a, b) such that instructions = ceil(ticks * a / b); (1, 1) on hardware."""
        if self.emulator is None:
            return 1, 1
        a, b = 10**9, self.counter.hz << self.emulator.icount_shift
        common = math.gcd(a, b)
        return a // common, b // common

    @model_validator(mode="after")
    def _consistent(self) -> Board:
        faults = [*self._memory_faults()]
        if self.emulator is not None and self.counter.unit == "instructions":
            a, b = self.counter_ratio
            if a > b:
                faults.append(
                    "counter.hz: a tick is longer than an instruction, so counts would not be exact"
                )
        if self.emulator is not None and self.counter.unit == "cycles":
            faults.append("counter.unit: an emulator has no cycles; use 'instructions'")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _memory_faults(self) -> Iterator[str]:
        if self.is_host:
            return
        names = [memory.name for memory in self.memories]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"memories: '{name}' is there twice"
        ordered = sorted(self.memories, key=lambda memory: memory.origin)
        for low, high in itertools.pairwise(ordered):
            if low.end > high.origin:
                yield f"memories: '{low.name}' overlaps '{high.name}'"
        for memory in self.memories:
            if memory.end > 1 << 32:
                yield f"memories: '{memory.name}' ends behind the 32-bit address space"
        if self.placement is None:
            yield "placement: missing"
            return
        kinds = {memory.name: memory.kind for memory in self.memories}
        for part in get_args(Part):
            for name in getattr(self.placement, part):
                if name not in kinds:
                    yield f"placement.{part}: no memory '{name}'; {did_you_mean(name, kinds)}"
                elif (kinds[name] == "flash") != (part in ("code", "weights")):
                    yield f"placement.{part}: '{name}' is {kinds[name]}"


def keys() -> list[str]:
    """Returns the keys of all boards, sorted; the user's own are among them."""
    return sorted(_files())


def load(key_or_path: str | Path) -> Board:
    """Returns a board.

    Args:
        key_or_path: A key as `keys()` lists it, or the path of a `.toml` file.

    Raises:
        InputError: There is none, or its file is wrong; every fault is listed.
    """
    text = str(key_or_path)
    if text.endswith(".toml"):
        path = Path(text)
        if not path.is_file():
            raise InputError(where=text, what="no such file", expected="a board's .toml file")
    else:
        known = _files()
        if key_of(text) not in known:
            raise InputError(
                where=f"--target {text}",
                what="no such board",
                expected="a key of `edgekit boards`, or a path that ends in .toml",
                hint=did_you_mean(key_of(text), known),
            )
        path = known[key_of(text)]
    return _parse(path)


def all_boards() -> dict[str, Board]:
    """Returns every board by key."""
    return {key: load(key) for key in keys()}


def fitting(flash_bytes: int, ram_bytes: int, features: Sequence[str]) -> list[str]:
    """Returns keys of the boards whose core and memories would hold a firmware of that size.

    Args:
        flash_bytes: Code, constants and weights.
        ram_bytes: Arena, data and stack.
        features: What the code needs of the core.
    """
    found = []
    for key in keys():
        try:
            board = load(key)
        except InputError:  # a broken file of the user's is no reason to hide the others
            continue
        if board.is_host or not set(features) <= set(board.core.features):
            continue
        size = {
            kind: sum(m.length for m in board.memories if m.kind == kind and _used(board, m.name))
            for kind in ("flash", "ram")
        }
        if flash_bytes <= size["flash"] and ram_bytes <= size["ram"]:
            found.append(key)
    return found


def _used(board: Board, name: str) -> bool:
    return board.placement is not None and any(
        name in getattr(board.placement, part) for part in get_args(Part)
    )


def _files() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in (paths.share("boards"), paths.user("boards")):
        for path in sorted(folder.glob("*.toml")):
            found[key_of(path.stem)] = path
    return found


def _parse(path: Path) -> Board:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InputError(where=str(path), what=f"is larger than {_MAX_BYTES} bytes")
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(
            where=str(path), what=f"is not TOML: {error}", hint="see docs/adding-a-board.md"
        ) from error
    except OSError as error:
        raise InputError(where=str(path), what=f"cannot be read: {error.strerror}") from error
    return validation.parse(Board, {**tree, "key": key_of(path.stem)}, str(path))
