"""Energy comes from a power analyser's file, or there is none."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.pipeline import energy
from edgekit.report.record import dump_hil, load_hil
from tests.report import example


def csv(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def trace(path: Path, pulses: list[tuple[float, float]], column: str = "power_w") -> Path:
    """A sampled trace: pulses of (seconds, watts) with idle power between them."""
    rows, now = [f"time_s,{column},gate"], 0.0
    for seconds, power in pulses:
        for gate, length, value in ((0, 0.01, 0.001), (1, seconds, power)):
            steps = np.linspace(0, length, 101)
            rows += [f"{now + step:.9f},{value},{gate}" for step in steps]
            now += length + 1e-4
    rows.append(f"{now:.9f},0.001,0")
    return csv(path, "\n".join(rows))


def test_one_row_per_inference(tmp_path):
    found = energy.read(csv(tmp_path / "e.csv", "vector,energy_uj\n1,30\n0,10\n2,20\n"), 3)
    assert (found.per_vector_uj, found.median_uj, found.source) == ([10, 30, 20], 20, "e.csv")


def test_power_is_integrated_over_each_pulse_of_the_gate(tmp_path):
    pulses = [(0.002, 0.05), (0.004, 0.05), (0.002, 0.1)]
    found = energy.read(trace(tmp_path / "t.csv", pulses), 3)
    assert found.per_vector_uj == pytest.approx([100, 200, 200], rel=1e-6)
    amperes = trace(tmp_path / "i.csv", [(s, w / 2.5) for s, w in pulses], "current_a")
    assert energy.read(amperes, 3, volts=2.5).per_vector_uj == pytest.approx([100, 200, 200], rel=1e-6)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "lacks columns"),
        ("time_s,power_w\n0,1\n", "lacks columns"),
        ("energy_uj\n1\n2\n", "another number of inferences"),
        ("energy_uj\n1\nx\n3\n", "line 3"),
        ("energy_uj\n1\n2,2\n3\n", "line 3"),
        ("energy_uj\n1\n-2\n3\n", "negative or not finite"),
        ("energy_uj\n1\nnan\n3\n", "negative or not finite"),
        ("time_s,gate,current_a\n0,1,1\n", "--volts"),
        ("time_s,gate,power_w\n1,1,1\n0,1,1\n", "run backwards"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        energy.read(csv(tmp_path / "e.csv", text), 3)


def test_it_stands_in_the_result_of_the_run(tmp_path):
    for board in ("apollo4", "host"):
        record = example.hil_record(board, vectors=3)
        path = tmp_path / "hil" / f"{board}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(dump_hil([record])))
    measured = csv(tmp_path / "e.csv", "energy_uj\n5\n6\n7\n")
    energy.add(tmp_path, measured, "apollo4")
    (record,) = load_hil(tmp_path / "hil" / "apollo4.json")
    assert record.energy is not None and record.energy.per_vector_uj == [5, 6, 7]
    assert load_hil(tmp_path / "hil" / "host.json")[0].energy is None
    with pytest.raises(InputError, match="--board with one of: apollo4, host"):
        energy.add(tmp_path, measured)
    with pytest.raises(InputError, match="no result of 'pico'"):
        energy.add(tmp_path, measured, "pico")
