"""From an exported folder to a firmware: what is refused, what is rebuilt, what a failure says."""

from __future__ import annotations

import re

import pytest

from edgekit import manifest
from edgekit.device import boards, build, firmware
from edgekit.device.size import sections
from edgekit.device.toolchain import Toolchain
from edgekit.errors import CheckFailed, EnvironmentFailed, InputError
from tests.device import tiny
from tests.device.conftest import PROBE, need, tools_of

BUILT = [pytest.param(k, marks=[] if k == "host" else pytest.mark.board) for k in boards.keys()]


def built(folder, key="host", **options):
    board = boards.load(key)
    need(*tools_of(board)[:1])
    return build.build(folder, board, **options)


@pytest.mark.parametrize("key", BUILT)
def test_an_export_becomes_a_firmware_in_its_own_folder(tiny_export, key):
    made = built(tiny_export, key)
    assert made.elf == tiny_export / "build" / key / "firmware.elf"
    assert made.elf.read_bytes()[:4] == b"\x7fELF"
    assert not made.edited
    assert made.memory.weights_bytes == tiny.WEIGHTS_BYTES
    assert made.memory.arena_bytes == 64
    assert 100 < made.memory.code_bytes < 600
    assert all(used.used <= used.length for used in made.usage.values())
    conditions = made.conditions()
    assert re.search(r"gcc \d+\.\d+", conditions["compiler"])
    assert "-O2" in conditions["flags"]


def test_apollo4_is_linked_for_its_own_addresses(tiny_export):
    need("arm-none-eabi-gcc")
    made = built(tiny_export, "apollo4")
    address = {section.name: section.address for section in sections(made.elf)}
    assert address[".text"] == 0x18000
    assert made.where == {"code": "MRAM", "weights": "MRAM", "data": "TCM", "stack": "TCM", "arena": "TCM"}


def test_an_arena_too_large_for_tcm_goes_to_shared_sram(tmp_path):
    made = built(tiny.make(tmp_path / "x", arena=600_000), "apollo4")
    assert made.where["arena"] == "SSRAM"
    assert made.usage["SSRAM"].used == 600_000


def test_the_same_export_gives_the_same_bytes_anywhere(tmp_path):
    first = built(tiny.make(tmp_path / "a"))
    second = built(tiny.make(tmp_path / "somewhere" / "else"))
    assert first.elf.read_bytes() == second.elf.read_bytes()


def test_a_second_build_compiles_nothing(tiny_export):
    built(tiny_export)
    objects = tiny_export / "build" / "host" / "obj"
    before = {path: path.stat().st_mtime_ns for path in objects.glob("*.o")}
    built(tiny_export)
    assert before == {path: path.stat().st_mtime_ns for path in objects.glob("*.o")}


def test_a_changed_header_compiles_what_includes_it(tiny_export):
    built(tiny_export)
    objects = tiny_export / "build" / "host" / "obj"
    before = {path: path.stat().st_mtime_ns for path in objects.glob("*.o")}
    header = tiny_export / "src" / "tiny.h"
    header.write_text(header.read_text() + "/* changed */\n")
    built(tiny_export)
    changed = {
        path.name.rsplit("-", 1)[0] for path, time in before.items() if path.stat().st_mtime_ns != time
    }
    assert changed == {"tiny", "app_model", "size_root"}


def test_an_edited_file_is_built_and_reported(tiny_export, capsys):
    source = tiny_export / "src" / "tiny.c"
    source.write_text(source.read_text().replace("sum /= 16", "sum /= 8"))
    assert built(tiny_export).edited == ["src/tiny.c"]
    assert "edited since the export: src/tiny.c" in capsys.readouterr().err


def test_a_missing_file_is_named(tiny_export):
    (tiny_export / "src" / "tiny.h").unlink()
    with pytest.raises(InputError, match=r"src/tiny\.h: is missing from the export"):
        built(tiny_export)


def test_no_export():
    with pytest.raises(InputError, match="is not an exported folder"):
        build.build("nowhere", boards.load("host"))


def test_code_for_features_that_the_core_lacks_is_refused(tmp_path):
    folder = tiny.make(tmp_path / "x", features=("dsp", "mve"))
    with pytest.raises(InputError, match="exported for a core with mve, which mps2-an386 lacks") as caught:
        build.build(folder, boards.load("mps2-an386"))
    assert "edgekit export model.tflite --target mps2-an386" in str(caught.value)


def test_a_manifest_cannot_name_files_outside_the_export(tiny_export):
    found = manifest.load(tiny_export)
    found.model_copy(update={"sources": ["../outside.c", "/etc/passwd"]}).save(tiny_export)
    with pytest.raises(InputError, match="names a path outside it") as caught:
        build.build(tiny_export, boards.load("host"))
    assert len(caught.value.problems) == 2


def test_what_does_not_compile_shows_the_compilers_first_errors(tiny_export):
    source = tiny_export / "src" / "tiny.c"
    source.write_text(source.read_text() + "int broken(void) { int unused; return 1.5F; }\n")
    with pytest.raises(EnvironmentFailed, match=r"1 of 1 files do not compile\n.*tiny\.c:\d+:\d+: error"):
        built(tiny_export)


def test_nothing_stale_is_left_when_a_build_fails(tmp_path):
    folder = tiny.make(tmp_path / "x")
    elf = built(folder, "mps2-an386").elf
    big = tiny.make(tmp_path / "y", weights=5 << 20)
    (folder / "src" / "tiny.c").write_text((big / "src" / "tiny.c").read_text())
    with pytest.raises(CheckFailed):
        built(folder, "mps2-an386")
    assert not elf.exists()


@pytest.mark.board
def test_a_memory_that_is_too_small_says_by_how_much_and_what_would_do(tmp_path):
    folder = tiny.make(tmp_path / "x", weights=3_000_000)
    with pytest.raises(CheckFailed) as caught:
        built(folder, "apollo4")
    text = str(caught.value)
    over = int(re.search(r"apollo4: MRAM: the firmware does not fit: over by (\d+) bytes", text).group(1))
    assert 3_000_000 - 1_998_848 < over < 3_020_000 - 1_998_848
    assert "at most 1998848 bytes" in text
    assert re.search("these boards have them: apollo510, mps2-an385, mps2-an386, .*mps3-an547", text)


@pytest.mark.board
def test_no_board_would_do(tmp_path):
    with pytest.raises(CheckFailed, match="no known board has them"):
        built(tiny.make(tmp_path / "x", arena=100_000_000), "mps2-an386")


def test_without_a_compiler_the_message_installs_it(tiny_export, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentFailed, match="sudo apt-get install gcc-arm-none-eabi"):
        build.build(tiny_export, boards.load("mps2-an386"))


def test_a_board_whose_port_is_absent(tmp_path):
    board = boards.load("host").model_copy(update={"port": "nowhere"})
    with pytest.raises(EnvironmentFailed, match="no such port"):
        firmware.port_sources(board)


@pytest.mark.board
@pytest.mark.parametrize("key", [key for key in boards.keys() if not boards.load(key).is_host])
def test_every_port_builds_a_minimal_firmware_without_a_warning(tmp_path, key):
    board = boards.load(key)
    need(*tools_of(board)[:1])
    toolchain = Toolchain(board, tmp_path)
    sources, includes = firmware.port_sources(board)
    objects = toolchain.compile([*sources, PROBE], includes, firmware.port_defines(board))
    assert firmware.link(toolchain, objects, []).elf.is_file()
