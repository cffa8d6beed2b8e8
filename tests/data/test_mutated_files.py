"""Real recordings with random damage: read, or skipped by name; never a crash, never in silence."""

from __future__ import annotations

import random
import shutil
import warnings

import pytest

from tests.data.reading import read

INSERTS = [b"9" * 12, b"-1", b"nan", b"/", b"\0\0", b"1e999", b" ", b"\n", b"x16", b"+99999999"]
RECORDINGS = {
    "lsad": ("cinc2021", "JS20000", (".hea", ".mat")),
    "holter": ("cpsc2021", "data_8_4", (".hea", ".dat", ".atr")),
}


def mutate(data: bytearray, rng: random.Random) -> None:
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data)) if data else 0
        kind = rng.random()
        if kind < 0.4 and data:
            data[at] = rng.randrange(256)
        elif kind < 0.6:
            del data[at : at + rng.randrange(1, 50)]
        elif kind < 0.8:
            data[at:at] = rng.choice(INSERTS)
        else:
            del data[at:]


@pytest.mark.parametrize("key", RECORDINGS)
def test_a_damaged_file_is_read_or_named(shared_data, tmp_path, key):
    folder, name, extensions = RECORDINGS[key]
    rng = random.Random(1)
    for number in range(300):
        root = tmp_path / str(number)
        root.mkdir()
        for extension in extensions:
            shutil.copy(shared_data / "ecg" / folder / (name + extension), root)
        victim = root / (name + rng.choice([".hea", ".hea", extensions[-1]]))
        data = bytearray(victim.read_bytes())
        mutate(data, rng)
        victim.write_bytes(bytes(data))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            records, skipped = read(key, root)
        assert records or skipped, f"mutation {number} vanished in silence"
        assert all(problem.where.startswith(str(root)) for problem in skipped)
        shutil.rmtree(root)


def test_a_length_that_only_the_header_claims_is_refused_at_once(shared_data, tmp_path):
    folder, name, extensions = RECORDINGS["holter"]
    for extension in extensions:
        shutil.copy(shared_data / "ecg" / folder / (name + extension), tmp_path)
    header = tmp_path / f"{name}.hea"
    header.write_text(header.read_text().replace("200 8235", "200 999999999999999", 1))
    records, (problem,) = read("holter", tmp_path)
    assert not records
    assert problem.what == "is cut"
