"""The cycle model gives each class of instructions what the manual says."""

from __future__ import annotations

import pytest

from edgekit.device.cycles import cortex_m4, instructions

LISTING = """
00000100 <f>:
     100:\tpush\t{r4, r5, lr}
     102:\tldr\tr0, [r1, #0]
     104:\tldrb.w\tr2, [r1, #4]
     108:\tadds\tr0, r0, r2
     10a:\tsmlad\tr3, r0, r2, r3
     10e:\tsdiv\tr0, r0, r3
     112:\tbne.n\t102 <f+0x2>
     114:\tldmia.w\tr1, {r2, r4-r7, ip}
     118:\tvldr\ts0, [pc, #4]
     11c:\tbl\t200 <g>
     120:\tpop\t{r4, r5, pc}
"""
CYCLES = {0x100: 4, 0x102: 2, 0x104: 1, 0x108: 1, 0x10A: 1, 0x10E: 7, 0x114: 7, 0x118: 2, 0x11C: 3, 0x120: 6}


@pytest.mark.parametrize("address", CYCLES)
def test_each_class(address: int) -> None:
    assert cortex_m4(instructions(LISTING), {address: 5}) == 5 * CYCLES[address]


def test_a_branch_costs_more_where_it_is_taken() -> None:
    code = list(instructions(LISTING))
    assert cortex_m4(code, {0x112: 10}) == 10 * 3
    assert cortex_m4(code, {0x112: 10, 0x114: 1}) == 10 + 2 * 9 + 7
    assert cortex_m4(code, {0x112: 10, 0x114: 10}) == 10 + 70
