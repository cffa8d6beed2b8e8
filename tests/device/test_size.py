"""Bytes are attributed to what they are: code, weights, variables, arena."""

from __future__ import annotations

import pytest

from edgekit import files
from edgekit.device import boards, firmware, size
from edgekit.device.toolchain import Toolchain
from edgekit.errors import EnvironmentFailed
from tests.device.conftest import need

KNOWN = """
#include <stddef.h>
__attribute__((section(".rodata.ek_weights"))) const unsigned char weights[100] = {1};
const unsigned char table[40] = {2};
unsigned int initialised[3] = {7, 8, 9};
unsigned int zeroed[5];
const unsigned char never_used[5000] = {3};
int ek_size_root(void);
int never_called(void);
int never_called(void) { return never_used[0]; }
__attribute__((section(".ek_root"))) int ek_size_root(void)
{
    return *(volatile const unsigned char *)weights + *(volatile const unsigned char *)table
           + (int)*(volatile unsigned int *)initialised + (int)*(volatile unsigned int *)zeroed;
}
"""


@pytest.mark.parametrize("key", ["host", pytest.param("mps2-an386", marks=pytest.mark.board)])
def test_a_known_program_is_counted_to_the_byte(tmp_path, key):
    board = boards.load(key)
    need(f"{board.core.toolchain}-gcc" if board.core.toolchain else "host compiler")
    toolchain = Toolchain(board, tmp_path)
    source, script, elf = tmp_path / "known.c", tmp_path / "size.ld", tmp_path / "known.elf"
    files.write_text(source, KNOWN)
    files.write_text(script, firmware.render("device/size.ld.j2"))
    objects = toolchain.compile([source], [], {})
    args = ["-nostartfiles", "-nostdlib", "-static", f"-T{script}"]
    assert toolchain.link(objects, elf, args + (["-no-pie"] if board.is_host else [])) == ""
    assert size.inference(elf, arena_bytes=1000).to_dict() == {
        "arena_bytes": 1000,
        "static_ram_bytes": 3 * 4 + 5 * 4,
        "code_bytes": 40 + 3 * 4,
        "weights_bytes": 100,
    }


def test_stack_beyond_512_bytes_counts_as_arena():
    memory = size.Memory(1000, 20, 300, 4000)
    assert memory.with_stack(0) == memory
    assert memory.with_stack(512) == memory
    assert memory.with_stack(700).arena_bytes == 1188


@pytest.mark.board
def test_initialised_variables_take_flash_and_ram(tmp_path):
    board = boards.load("mps2-an386")
    need("arm-none-eabi-gcc")
    toolchain = Toolchain(board, tmp_path)
    sources, includes = firmware.port_sources(board)
    usages = []
    for name, text in (("small", "1"), ("large", "1, [999] = 2")):
        source = tmp_path / f"{name}.c"
        files.write_text(
            source,
            f'#include "ek_port.h"\nstatic volatile uint32_t values[] = {{{text}}};\n'
            "int ek_app_main(void) { return (int)values[0]; }\n",
        )
        objects = toolchain.compile([*sources, source], includes, firmware.port_defines(board))
        usages.append(size.usage(firmware.link(toolchain, objects, []).elf, board))
    small, large = usages
    for name in ("SSRAM1", "SSRAM23"):
        assert abs(large[name].used - small[name].used - 999 * 4) <= 8


def test_rows_leave_out_what_is_empty():
    used = {"MRAM": size.Usage(512, 2048), "SSRAM": size.Usage(0, 4096)}
    assert list(size.rows(used)) == [("MRAM", "512", "2048", "25.0 %")]


def test_what_is_no_elf_is_refused(tmp_path):
    path = tmp_path / "firmware.elf"
    path.write_bytes(b"MZ and so on")
    with pytest.raises(EnvironmentFailed, match="not a readable ELF"):
        size.sections(path)
