"""A board is one TOML file: every one that edgekit carries makes sense, and a wrong one says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgekit import paths
from edgekit.device import boards
from edgekit.errors import InputError

KEYS = boards.keys()


def edited(tmp_path: Path, key: str, old: str, new: str) -> Path:
    text = (paths.share("boards") / f"{key.replace('-', '_')}.toml").read_text()
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new))
    return path


def test_the_boards_that_every_recipe_may_count_on():
    assert {"host", "mps2-an386", "mps3-an547", "apollo4"} <= set(KEYS)
    assert {"mps2-an385", "mps2-an500", "mps2-an505", "netduinoplus2"} <= set(KEYS)
    assert {"microbit", "riscv32-virt"} <= set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_each_board_has_a_port_and_says_where_its_figures_come_from(key):
    board = boards.load(key)
    assert board.key == key
    assert (paths.share("firmware") / "ports" / board.port).is_dir()
    if not board.is_host:
        assert board.sources
    for source in board.sources:
        assert source.verified == bool(source.source)


@pytest.mark.parametrize("key", [key for key in KEYS if not boards.load(key).is_host])
def test_each_board_has_somewhere_to_run(key):
    board = boards.load(key)
    assert board.emulated or board.flashers
    assert board.counter.unit == ("instructions" if board.emulated else "cycles")


def test_the_page_of_boards_has_each_and_says_what_was_run():
    page = Path(__file__).parents[2] / "docs" / "boards.md"
    rows = {
        line.split("`")[1]: line
        for line in page.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    }
    for key in KEYS:
        board = boards.load(key)
        state = "runs as a process" if board.is_host else "runs in QEMU, in every test"
        assert (state if board.emulated or board.is_host else "nobody has run it yet") in rows[key], key
        assert board.counter.unit in rows[key], key


def test_apollo4_stays_within_its_memories():
    """2 MB of MRAM below which the boot loader lies, 384 KB of TCM, 1 MB of shared SRAM."""
    board = boards.load("apollo4")
    assert {memory.name: (memory.origin, memory.end) for memory in board.memories} == {
        "MRAM": (0x18000, 2 << 20),
        "TCM": (0x10000000, 0x10000000 + 384 * 1024),
        "SSRAM": (0x10060000, 0x10060000 + (1 << 20)),
    }


def test_a_misspelt_key_is_answered_with_the_nearest():
    with pytest.raises(InputError, match="did you mean 'mps2-an386'"):
        boards.load("mps2-an368")


def test_underscores_do_as_well():
    assert boards.load("mps2_an386").key == "mps2-an386"


def test_a_path_is_a_board_of_the_users(tmp_path):
    board = boards.load(edited(tmp_path, "mps2-an386", "25_000_000", "20_000_000"))
    assert board.clock_hz == 20_000_000
    assert board.key == "mine"


def test_a_board_beside_the_user_is_found_and_wins(tmp_path, monkeypatch):
    folder = tmp_path / "edgekit" / "boards"
    folder.mkdir(parents=True)
    text = (paths.share("boards") / "host.toml").read_text()
    (folder / "my_board.toml").write_text(text)
    (folder / "host.toml").write_text(text.replace("This computer", "My computer"))
    monkeypatch.chdir(tmp_path)
    assert "my-board" in boards.keys()
    assert boards.load("host").title == "My computer"


def test_no_such_file():
    with pytest.raises(InputError, match="no such file"):
        boards.load("absent.toml")


@pytest.mark.parametrize("content", [b"[core\nname = 1", b"\xff\xfe", b"a = " + b"[" * 5000])
def test_damaged_toml_is_named(tmp_path, content):
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"bad\.toml: is not TOML"):
        boards.load(path)


def test_a_huge_file_is_not_read(tmp_path):
    path = tmp_path / "huge.toml"
    path.write_text("#" * (1 << 20))
    with pytest.raises(InputError, match="larger than"):
        boards.load(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("clock_hz", "clock_khz", "did you mean 'clock_hz'"),
        ("icount_shift", "icount_shfit", "did you mean 'icount_shift'"),
        ("origin = 0x2000_0000", "orgin = 0x2000_0000", "did you mean 'origin'"),
        ("length = 0x0040_0000", "length = 0x3000_0000", "'SSRAM1' overlaps 'SSRAM23'"),
        ('code = ["SSRAM1"]', 'code = ["SSRAM"]', "no memory 'SSRAM'; did you mean 'SSRAM1'"),
        ('data = ["SSRAM23"]', 'data = ["SSRAM1"]', "placement.data: 'SSRAM1' is flash"),
        ('name = "PSRAM"', 'name = "SSRAM23"', "'SSRAM23' is there twice"),
        ("origin = 0x2100_0000", "origin = 0xFFFF_0000", "behind the 32-bit address space"),
        ("icount_shift = 6", "icount_shift = 5", "a tick is longer than an instruction"),
        ('unit = "instructions"', 'unit = "cycles"', "an emulator has no cycles"),
        ("EK_UART_BASE", "UART_BASE", "UART_BASE"),
    ],
)
def test_what_is_wrong_in_a_board_is_said(tmp_path, old, new, message):
    with pytest.raises(InputError) as caught:
        boards.load(edited(tmp_path, "mps2-an386", old, new))
    assert message in str(caught.value)


def test_all_faults_come_at_once(tmp_path):
    path = edited(tmp_path, "host", 'unit = "ns"', 'unit = "years"\nhertz = 1')
    with pytest.raises(InputError) as caught:
        boards.load(path)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("key", "ratio"),
    [
        ("mps2-an386", (5, 8)),
        ("mps3-an547", (125, 256)),
        ("microbit", (125, 128)),
        ("riscv32-virt", (1, 64)),
        ("apollo4", (1, 1)),
    ],
)
def test_ticks_become_instructions_by_an_exact_ratio(key, ratio):
    assert boards.load(key).counter_ratio == ratio


def test_every_count_of_instructions_is_recovered_from_ticks():
    """The formula of firmware/ports/common/ek_icount.h, in integers."""
    for board in (board for board in boards.all_boards().values() if board.emulated):
        a, b = board.counter_ratio
        for n in [*range(3000), *range(10**12, 10**12 + 3000)]:
            ticks = n * (board.counter.hz << board.emulator.icount_shift) // 10**9
            assert -(-ticks * a // b) == n


def test_boards_that_would_hold_a_firmware():
    assert boards.fitting(3 << 20, 1 << 20, []) == [
        "apollo510",
        "mps2-an385",
        "mps2-an386",
        "mps2-an500",
        "mps2-an505",
        "mps3-an547",
        "riscv32-virt",
    ]
    assert "microbit" in boards.fitting(256 << 10, 16 << 10, [])
    assert "microbit" not in boards.fitting(1000, (16 << 10) + 1, [])
    assert boards.fitting(1 << 20, 1 << 20, ["mve"]) == ["apollo510", "mps3-an547"]
    assert boards.fitting(1 << 30, 0, []) == []
