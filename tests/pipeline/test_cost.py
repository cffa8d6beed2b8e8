"""What a network costs on a board, also on one that it does not fit."""

from __future__ import annotations

import pytest

from edgekit.device import boards
from edgekit.errors import CheckFailed
from edgekit.pipeline import cost
from edgekit.pipeline.model_file import ModelFile
from edgekit.report.ladder import LadderRecord, Rung, rows

pytestmark = pytest.mark.board


@pytest.fixture
def little(tmp_path):
    """A board whose flash holds no firmware."""
    text = (boards.paths.share("boards") / "microbit.toml").read_text()
    path = tmp_path / "little.toml"
    path.write_text(text.replace("length = 0x0004_0000", "length = 0x0000_1000"))
    return str(path)


def test_what_does_not_fit_is_told_from_the_code_alone(tiny_file, little, tmp_path):
    model = ModelFile.open(tiny_file)
    with pytest.raises(CheckFailed, match="does not fit: over by"):
        cost.measure(model, little, tmp_path / "refused")
    found = cost.measure(model, little, tmp_path / "told", must_fit=False)
    fits = cost.measure(model, "microbit", tmp_path / "fits")
    assert (found.macs, found.arena_bytes) == (fits.macs, fits.arena_bytes)
    assert found.weights_bytes > 0 and found.macs > 0
    assert (found.code_bytes, found.ram_bytes, found.flash_bytes, found.instructions) == (None,) * 4


def test_a_rung_that_does_not_fit_stands_in_the_table():
    known = {"step": "train", "run": "a", "value_float": 0.9, "value_quantized": 0.9, "parameters": 4000,
             "model_bytes": 4000, "macs": 9000, "arena_bytes": 512, "weights_bytes": 4000}  # fmt: skip
    unknown = dict.fromkeys(("code_bytes", "ram_bytes", "flash_bytes"))
    there = {"code_bytes": 900, "ram_bytes": 2000, "flash_bytes": 9000, "instructions": 70}
    record = LadderRecord(
        recipe="r", metric="mAP50", target="b", emulated=True, synthetic=True,
        rungs=[Rung(**known, **unknown), Rung(**known, **there)],
    )  # fmt: skip
    first, second = rows(record)
    assert first[-3:] == ["n/a", "4,000", "n/a"] and second[-1] == "70"
