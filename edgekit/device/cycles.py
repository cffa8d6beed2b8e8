"""Cycles of a Cortex-M4, modelled from how often it executes each instruction; no measurement of a chip.

Costs by class are those of the Cortex-M4 Technical Reference Manual (Arm DDI 0439, 3.3.1, "Cortex-M4
instructions"), with two cycles to refill the pipeline, 7 for a division, loads and stores back to back
pipelined, and memory without wait states.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

_REFILL = 2
_CONDITIONS = "eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|hs|lo"
_LINE = re.compile(r"^\s*([0-9a-f]+):\s+(\S+)\s*([^;@]*)")
_LOAD = re.compile(rf"ldr(b|h|sb|sh|t|ex)?({_CONDITIONS})?$")
_STORE = re.compile(rf"str(b|h|t|ex)?({_CONDITIONS})?$")
_PAIR = re.compile(rf"(ldr|str)d({_CONDITIONS})?$")
_MULTIPLE = re.compile(
    rf"((ldm|stm)(ia|db)?|push|pop|vldmia|vldmdb|vstmia|vstmdb|vpush|vpop)({_CONDITIONS})?$"
)
_BRANCH = re.compile(r"(b|bl|bx|blx)$")
_CONDITIONAL = re.compile(rf"(b({_CONDITIONS})|cbn?z)$")
_DIVISION = re.compile(rf"[su]div({_CONDITIONS})?$")
_ROOT = re.compile(rf"(vdiv|vsqrt)({_CONDITIONS})?$")
_VECTOR = re.compile(rf"(vldr|vstr)({_CONDITIONS})?$")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One line of a disassembly."""

    address: int
    mnemonic: str
    operands: str


def instructions(listing: str) -> Iterator[Instruction]:
    """Yields the instructions in what `objdump -d --no-show-raw-insn` printed."""
    for line in listing.splitlines():
        if match := _LINE.match(line):
            name = match[2].split(".")[0]
            yield Instruction(int(match[1], 16), name, match[3].strip())


def cortex_m4(code: Iterable[Instruction], counts: Mapping[int, int]) -> float:
    """Returns the cycles of a run.

    Args:
        code: In the order of addresses.
        counts: How often the instruction at an address was executed.
    """
    listed = list(code)
    total = 0.0
    for i, instruction in enumerate(listed):
        count = counts.get(instruction.address, 0)
        if count:
            before = listed[i - 1].mnemonic if i else ""
            behind = counts.get(listed[i + 1].address, 0) if i + 1 < len(listed) else 0
            total += _cycles(instruction, count, before, behind)
    return total


def _cycles(instruction: Instruction, count: int, before: str, behind: int) -> float:
    name, operands = instruction.mnemonic, instruction.operands
    if _CONDITIONAL.match(name):  # taken as often as what stands behind it was not executed
        return count + _REFILL * max(0, count - behind)
    return count * _each(name, operands, before)


def _each(name: str, operands: str, before: str) -> int:
    to_pc = _REFILL if re.search(r"\bpc\b", operands.split("[", maxsplit=1)[0]) else 0
    if _LOAD.match(name):
        return (1 if _LOAD.match(before) or _STORE.match(before) else 2) + to_pc
    if _PAIR.match(name):
        return 3
    if _MULTIPLE.match(name):
        return 1 + _registers(operands) + to_pc
    if _BRANCH.match(name) or name in ("tbb", "tbh"):
        return 1 + _REFILL
    if _DIVISION.match(name):
        return 7
    if _ROOT.match(name):
        return 14
    return 2 if _VECTOR.match(name) else 1


def _registers(operands: str) -> int:
    """Returns how many registers a list such as {r0, r4-r7, pc} holds."""
    held = operands[operands.index("{") + 1 : operands.index("}")]
    count = 0
    for part in held.split(","):
        first, _, last = (number.strip() for number in part.partition("-"))
        count += _number(last) - _number(first) + 1 if last else 1
    return count


def _number(register: str) -> int:
    named = {"sb": 9, "sl": 10, "fp": 11, "ip": 12, "sp": 13, "lr": 14, "pc": 15}
    return named[register] if register in named else int(register[1:])
