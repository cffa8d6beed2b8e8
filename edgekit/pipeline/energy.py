"""Energy per inference from the file of a power analyser; no number is made up.

Two forms of CSV, told apart by their columns:

- `energy_uj`: one row per inference, in the order of the vectors (optionally `vector`, its number);
- `time_s`, `gate`, and `power_w` or `current_a`: samples. The gate is 1 while the board infers
  (ek_port_gate in firmware/ports/ek_port.h); each pulse is one inference, and the power within it is
  integrated by the trapezoidal rule.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit import files
from edgekit.errors import InputError
from edgekit.report.parts import Energy
from edgekit.report.record import dump_hil, load_hil

_MAX_BYTES = 1 << 30


def add(folder: Path, path: Path, board: str = "", volts: float = 0.0) -> Energy:
    """Puts the energy of a run's inferences into its result, `<folder>/hil/<board>.json`.

    Args:
        folder: What `edgekit export` wrote, with the result of `edgekit hil` in it.
        path: The CSV of the power analyser.
        board: Whose result; may be left out where there is one.
        volts: Supply voltage, where the file has currents.

    Raises:
        InputError: There is no such result, or the file does not fit it.
    """
    found = {file.stem: file for file in sorted((Path(folder) / "hil").glob("*.json"))}
    if not board and len(found) == 1:
        (board,) = found
    if board not in found:
        raise InputError(
            where=str(folder),
            what=f"holds no result of '{board}'" if board else "holds the results of several boards, or none",
            expected=f"--board with one of: {', '.join(found)}" if found else "hil/<board>.json",
            hint="" if found else "edgekit hil DIR --target BOARD --port PORT",
        )
    records = load_hil(found[board])
    measured = read(Path(path), records[0].vectors, volts)
    records[0] = records[0].model_copy(update={"energy": measured})
    files.write_json(found[board], dump_hil(records))
    return measured


def read(path: Path, vectors: int, volts: float = 0.0) -> Energy:
    """Reads the energy of each inference.

    Args:
        path: The CSV.
        vectors: Number of inferences that there must be.
        volts: Supply voltage, where the file has currents.

    Raises:
        InputError: The file is damaged, lacks columns, or holds another number of inferences.
    """
    columns = _columns(path)
    if "energy_uj" in columns:
        energies = columns["energy_uj"]
        if "vector" in columns:
            energies = energies[np.argsort(columns["vector"], kind="stable")]
    else:
        energies = 1e6 * _integrated(path, columns, volts)
    if len(energies) != vectors:
        raise InputError(
            where=str(path),
            what="holds another number of inferences than were run",
            expected=str(vectors),
            found=str(len(energies)),
            hint="record from before the first vector to after the last, with the gate on the board's pin",
        )
    if not np.isfinite(energies).all() or (energies < 0).any():
        raise InputError(where=str(path), what="holds an energy that is negative or not finite")
    return Energy(
        source=path.name,
        sha256=files.sha256(path),
        median_uj=float(np.median(energies)),
        per_vector_uj=energies.tolist(),
    )


def _integrated(path: Path, columns: dict[str, NDArray[np.float64]], volts: float) -> NDArray[np.float64]:
    """Returns the energy of each pulse of the gate in joules."""
    if not {"time_s", "gate"} <= set(columns) or not {"power_w", "current_a"} & set(columns):
        raise InputError(
            where=str(path),
            what="lacks columns",
            expected="energy_uj; or time_s, gate, and power_w or current_a",
            found=", ".join(columns),
        )
    if "power_w" not in columns and volts <= 0:
        raise InputError(
            where=str(path), what="holds currents, and the voltage is not known", hint="--volts 3.3"
        )
    power = columns["power_w"] if "power_w" in columns else volts * columns["current_a"]
    time, gate = columns["time_s"], columns["gate"] > 0.5
    if (np.diff(time) < 0).any():
        raise InputError(where=str(path), what="its times run backwards")
    steps = np.flatnonzero(np.diff(np.concatenate([[False], gate, [False]]).astype(np.int8)))
    return np.array(
        [np.trapezoid(power[a:b], time[a:b]) for a, b in zip(steps[::2], steps[1::2], strict=True)]
    )


def _trapezoidal(time: NDArray[np.float64], power: NDArray[np.float64]) -> float:
    return float(((power[1:] + power[:-1]) / 2 * np.diff(time)).sum())


def _columns(path: Path) -> dict[str, NDArray[np.float64]]:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InputError(where=str(path), what=f"is larger than {_MAX_BYTES} bytes")
        with path.open(encoding="utf-8", newline="") as stream:
            rows = csv.reader(stream)
            names = [name.strip().lower() for name in next(rows, [])]
            values = [_numbers(path, number, row, len(names)) for number, row in enumerate(rows, 2) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(where=str(path), what=f"cannot be read: {error}") from error
    table = np.array(values, np.float64).reshape(len(values), len(names))
    return {name: table[:, i] for i, name in enumerate(names)}


def _numbers(path: Path, number: int, row: Sequence[str], count: int) -> list[float]:
    try:
        if len(row) == count:
            return [float(value) for value in row]
    except ValueError:
        pass
    raise InputError(
        where=f"{path}, line {number}",
        what="does not fit",
        expected=f"{count} numbers",
        found=",".join(row)[:80],
    )
