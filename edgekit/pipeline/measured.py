"""What a firmware and its run cost, as parts of the result record."""

from __future__ import annotations

from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from edgekit import files
from edgekit.device import size, tools
from edgekit.device.boards import Board
from edgekit.device.build import Built
from edgekit.hil.picture_run import PicturesOutcome
from edgekit.hil.run import HilRun, SignalOutcome
from edgekit.report.parts import (
    Clock,
    Compiler,
    Link,
    Memory,
    MemoryPart,
    MemoryRegion,
    PictureCost,
    PreprocCost,
    Timer,
)


def firmware(built: Built) -> dict[str, Any]:
    """Returns the fields of a record that the build decides."""
    board = built.board
    name, _, version = built.compiler.rpartition(" ")
    return {
        "firmware_sha256": files.sha256(built.elf),
        "clock": Clock(hz=board.clock_hz or None, caches=board.caches),
        "compiler": Compiler(name=name, version=version, flags=list(built.flags)),
        "emulator": f"QEMU {tools.version(board.emulator.program)}" if board.emulator else "",
        "memory": memory(built, stack_bytes=None),
    }


def run(ran: HilRun, built: Built) -> dict[str, Any]:
    """Returns the fields of a record that the run measured."""
    unit = cast(Literal["instructions", "cycles", "ns"], ran.hello.timer_unit)  # checked by the record
    return {
        "timer": Timer.of(
            unit,
            ran.ticks,
            max(1, ran.hello.timer_resolution),
            ran.hello.timer_hz or None,
        ),
        "init_ticks": ran.info.init_ticks or None,
        "memory": memory(built, stack_bytes=ran.info.invoke_stack),
        "link": Link(
            bytes=ran.link.bytes,
            seconds=round(ran.link.seconds, 3),
            retries=ran.link.retries,
            transport=ran.link.transport,
            baud=ran.link.baud,
        ),
    }


def preproc(got: SignalOutcome | None, built: Built) -> PreprocCost | None:
    """Returns what the preprocessing costs, from its run over the test signal."""
    info = built.manifest.preproc
    if got is None or info is None or not len(got.preproc_ticks):
        return None
    later = got.preproc_ticks[1:] if len(got.preproc_ticks) > 1 else got.preproc_ticks
    return PreprocCost(
        ticks=int(np.median(later)),
        first_ticks=int(got.preproc_ticks[0]),
        items=info.hop_samples,
        signal_seconds=info.hop_seconds,
        state_bytes=info.state_bytes,
        flash_bytes=built.preproc_bytes,
        table_bytes=info.table_bytes,
        stack_bytes=got.stack or None,
    )


def pictures(got: PicturesOutcome | None, built: Built) -> dict[str, PictureCost]:
    """Returns the fields of a record that say what camera and boxes cost, from their run over some frames."""
    if got is None:
        return {}
    costs = {}
    if camera := built.manifest.camera:
        costs["camera_cost"] = _picture_cost(
            got.camera_ticks, got.camera_stack, camera.state_bytes, built.camera_bytes, camera.table_bytes
        )
    if boxes := built.manifest.boxes:
        costs["boxes_cost"] = _picture_cost(
            got.boxes_ticks, got.boxes_stack, boxes.room_bytes, built.boxes_bytes
        )
    return costs


def _picture_cost(
    ticks: NDArray[np.int64], stack_bytes: int, ram_bytes: int, flash_bytes: int, table_bytes: int = 0
) -> PictureCost:
    return PictureCost(
        ticks=int(np.percentile(ticks, 50, method="inverted_cdf")),
        most_ticks=int(ticks.max()),
        ram_bytes=ram_bytes,
        flash_bytes=flash_bytes,
        table_bytes=table_bytes,
        stack_bytes=stack_bytes or None,
    )


def stack(ran: HilRun, board: Board) -> str:
    """Returns the deepest stack of a run and how much there is, in words; "" where it is not known."""
    if not ran.info.invoke_stack or board.placement is None:
        return ""
    return f"{ran.info.invoke_stack:,} of {board.placement.stack_bytes:,} bytes used by the inference"


def memory(built: Built, stack_bytes: int | None) -> Memory:
    """Returns what the firmware costs.

    Args:
        built: The firmware.
        stack_bytes: Deepest use below `_invoke`, as painted and measured; None before the run.
    """
    cost = built.memory.with_stack(stack_bytes or 0)
    board = built.board
    kinds = {item.name: item.kind for item in board.memories}
    return Memory(
        arena_bytes=cost.arena_bytes,
        static_ram_bytes=cost.static_ram_bytes,
        code_bytes=cost.code_bytes,
        weights_bytes=cost.weights_bytes,
        stack_bytes=stack_bytes or None,
        parts=_parts(built, cost),
        regions=[
            MemoryRegion(name=name, kind=kinds[name], bytes=use.length, used_bytes=use.used)
            for name, use in built.usage.items()
        ],
        placement={str(part): name for part, name in built.where.items()},
    )


def _parts(built: Built, cost: size.Memory) -> list[MemoryPart]:
    """Divides flash and RAM of the whole firmware: inference, stack, and the validation application."""
    kinds = {item.name: item.kind for item in built.board.memories}
    total = {
        kind: sum(use.used for name, use in built.usage.items() if kinds[name] == kind)
        for kind in ("flash", "ram")
    }
    parts = [
        MemoryPart(name="weights", kind="flash", bytes=cost.weights_bytes),
        MemoryPart(name="inference code", kind="flash", bytes=cost.code_bytes),
        MemoryPart(name="arena", kind="ram", bytes=built.memory.arena_bytes),
        MemoryPart(name="inference variables", kind="ram", bytes=cost.static_ram_bytes),
    ]
    if info := built.manifest.preproc:
        parts.append(MemoryPart(name="preprocessing", kind="flash", bytes=built.preproc_bytes))
        parts.append(MemoryPart(name="preprocessing", kind="ram", bytes=info.state_bytes))
    if camera := built.manifest.camera:
        parts.append(MemoryPart(name="camera", kind="flash", bytes=built.camera_bytes))
        parts.append(MemoryPart(name="camera", kind="ram", bytes=camera.state_bytes))
    if boxes := built.manifest.boxes:
        parts.append(MemoryPart(name="boxes", kind="flash", bytes=built.boxes_bytes))
        parts.append(MemoryPart(name="boxes", kind="ram", bytes=boxes.room_bytes))
    if built.board.placement:
        parts.append(MemoryPart(name="stack", kind="ram", bytes=built.board.placement.stack_bytes))
    for kind in ("flash", "ram"):
        rest = total[kind] - sum(part.bytes for part in parts if part.kind == kind)
        if rest > 0:
            parts.append(MemoryPart(name="validation application", kind=kind, bytes=rest))
    return parts
