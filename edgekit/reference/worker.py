"""The child process: loads one runtime, passes the probes, runs the tasks, leaves by `os._exit`.

    python -m edgekit.reference.worker FOLDER

`FOLDER` holds job.json, and <i>.tflite and <i>.npz per task; the child adds <i>.out.npz and, last,
<i>.json, and touches a file after each vector. The parent (`oracle.py`) reads them; whatever lacks its
<i>.json did not come back.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.reference import probes
from edgekit.reference.runtimes import RUNTIMES, Runtime, Tflm

MAX_RESULT_BYTES = 1 << 30


class Refused(Exception):
    """The vectors do not fit the model."""


def main(folder: Path) -> None:
    """Runs the job that lies in `folder`."""
    job = json.loads((folder / "job.json").read_text())
    runtime = RUNTIMES[job["runtime"]]
    fault = probes.fault(runtime, job["profile"])
    _write(folder / "ready.json", {"version": runtime.version(), "kernels": runtime.kernels, "fault": fault})
    if fault:
        return
    answered = (folder / job["sign"]).touch
    for index in range(job["first"], len(job["tasks"])):
        _write(folder / f"{index}.json", _task(folder, index, runtime, job["tasks"][index], answered))


def _task(
    folder: Path, index: int, runtime: type[Runtime], task: dict[str, Any], answered: Callable[[], None]
) -> dict[str, Any]:
    start = os.fstat(2).st_size
    try:
        model = (folder / f"{index}.tflite").read_bytes()
        if task["kind"] == "arena":
            return _arena(model)
        with np.load(folder / f"{index}.npz", allow_pickle=False) as given:
            return _run(folder / f"{index}.out.npz", runtime, model, dict(given), task, answered)
    except Refused as error:
        return {"refused": str(error)}
    except Exception as error:  # a runtime may raise anything; the parent names it
        return {"error": f"{type(error).__name__}: {error}", "log_start": start}


def _run(
    out: Path,
    runtime: type[Runtime],
    model: bytes,
    given: dict[str, NDArray[Any]],
    task: dict[str, Any],
    answered: Callable[[], None],
) -> dict[str, Any]:
    """Runs a task's vectors and says so after each."""
    loaded = runtime(model, bool(task["tensors"]))
    vectors = _vectors(loaded.inputs(), given)
    rows: dict[str, list[NDArray[Any]]] = {}
    size = 0
    for place in range(task["count"]):
        if task["state"] == "reset" and place:
            loaded.reset()
        outputs = loaded.invoke([vector[place] for vector in vectors])
        row = {f"out{i}": value for i, value in enumerate(outputs)}
        if task["tensors"] and (task["tensors"] != "last" or place == task["count"] - 1):
            row |= {f"tensor{i}": value for i, value in loaded.tensors().items()}
        size += sum(value.nbytes for value in row.values())
        if size > MAX_RESULT_BYTES:
            raise Refused(f"the results take more than {MAX_RESULT_BYTES} bytes: give fewer vectors")
        for name, value in row.items():
            rows.setdefault(name, []).append(value)
        answered()
    with out.open("wb") as file:
        np.savez(file, allow_pickle=False, **{name: np.stack(values) for name, values in rows.items()})
    return {"names": loaded.output_names()}


def _vectors(wanted: list[dict[str, Any]], given: dict[str, NDArray[Any]]) -> list[NDArray[Any]]:
    """Puts the given arrays, by name or by position, into the model's order, shape and type."""
    names = [details["name"] for details in wanted]
    if len(given) != len(wanted):
        raise Refused(f"the model has {len(wanted)} inputs {names}, {len(given)} were given")
    if set(given) == set(names):
        given = {f"#{i}": given[name] for i, name in enumerate(names)}
    elif len(given) == 1:
        given = {"#0": next(iter(given.values()))}
    elif set(given) != {f"#{i}" for i in range(len(wanted))}:
        raise Refused(f"the model's inputs are {names}, given were {sorted(given)}")
    placed = []
    for i, details in enumerate(wanted):
        values, shape = given[f"#{i}"], details["shape"]
        if values.dtype.name != details["dtype"]:
            raise Refused(f"input '{details['name']}' is {details['dtype']}, given was {values.dtype.name}")
        if int(np.prod(values.shape[1:])) != int(np.prod(shape)):
            raise Refused(f"input '{details['name']}' is {shape}, given was {list(values.shape[1:])}")
        placed.append(np.ascontiguousarray(values).reshape(len(values), *shape))
    return placed


def _arena(model: bytes) -> dict[str, Any]:
    loaded = Tflm(model, keep=False)
    loaded.invoke([np.zeros(given["shape"], given["dtype"]) for given in loaded.inputs()])
    return {"arena_bytes": loaded.arena_bytes()}


def _write(path: Path, value: dict[str, Any]) -> None:
    temporary = path.with_suffix(".part")
    temporary.write_text(json.dumps(value))
    temporary.replace(path)


if __name__ == "__main__":
    status = 1
    try:
        main(Path(sys.argv[1]))
        status = 0
    except ImportError as error:
        print(f"cannot be imported: {error}", file=sys.stderr)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)  # some runtimes hang or crash while the interpreter shuts down
