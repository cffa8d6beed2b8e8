"""The parent's side: hands tasks to a child process and names whatever becomes of it."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import EnvironmentFailed, InputError, Problem

Profile = Literal["litert", "tflm"]
State = Literal["carried", "reset"]
Tensors = bool | Literal["last"]

_MAX_BYTES = 1 << 30
_SIGN = "alive"  # a file that the child touches after each vector
_LOOK_S = 1.0  # from one look for a sign of life to the next
_CANDIDATES: dict[str, tuple[str, ...]] = {
    "litert": ("ai_edge_litert", "tflite_runtime", "tensorflow"),
    "tflm": ("tflite_micro",),
}
_LABELS = {"ai_edge_litert": "litert", "tflite_micro": "tflm"}
_INSTALL = {"litert": "pip install ai-edge-litert", "tflm": "pip install tflite-micro"}


class OracleFailed(EnvironmentFailed):
    """The reference runtime crashed, hung or refused the model: nothing was proved."""


@dataclass(frozen=True, slots=True)
class Task:
    """One model and the vectors to run it on.

    Args:
        model: The .tflite file.
        inputs: By tensor name (any name where there is one input), or in the model's order: one array
            [n, ...] each, of the tensor's own dtype. A leading batch of 1 may be there or not.
        state: "carried": the vectors are one sequence, state is reset before the first only;
            "reset": before each.
        tensors: Whether to return the intermediate tensors too; "last": those of the last vector only.
        input_names, output_names: The caller's names in the model's order, where they are not the
            model's own.
    """

    model: bytes
    inputs: Mapping[str, NDArray[Any]] | Sequence[NDArray[Any]]
    state: State = "carried"
    tensors: Tensors = False
    input_names: Sequence[str] | None = None
    output_names: Sequence[str] | None = None

    def placed(self) -> dict[str, NDArray[Any]]:
        """Returns the arrays as the child takes them: under their names, or "#0", "#1", ..."""
        if not isinstance(self.inputs, Mapping):
            return {f"#{i}": np.asarray(value) for i, value in enumerate(self.inputs)}
        if self.input_names is None:
            return {name: np.asarray(value) for name, value in self.inputs.items()}
        if set(self.input_names) != set(self.inputs):
            raise InputError(
                where="inputs",
                what="do not match the model's inputs",
                expected=", ".join(self.input_names),
                found=", ".join(self.inputs) or "none",
            )
        return {f"#{i}": np.asarray(self.inputs[name]) for i, name in enumerate(self.input_names)}


@dataclass(frozen=True, slots=True)
class ReferenceResult:
    """What the reference computed.

    Args:
        outputs: By tensor name: [n, *shape], where a leading extent of 1 (the batch) is left out.
        runtime: "litert", "tflm", or the package that stood in, e.g. "tensorflow".
        version: Of the runtime.
        kernels: "builtin_ref" or "reference".
        tensors: Where asked for: every intermediate tensor [n, *shape] ([1, *shape] for "last") by its
            index in the model.
    """

    outputs: dict[str, NDArray[Any]]
    runtime: str
    version: str
    kernels: str
    tensors: dict[int, NDArray[Any]] = field(default_factory=dict)


def run(
    model: bytes,
    inputs: Mapping[str, NDArray[Any]] | Sequence[NDArray[Any]],
    profile: Profile = "litert",
    *,
    state: State = "carried",
    tensors: Tensors = False,
    input_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    deadline_s: float = 300.0,
) -> ReferenceResult:
    """Runs a model on vectors with the reference runtime of a profile.

    Args:
        model, inputs, state, tensors, input_names, output_names: As `Task` describes them.
        profile: "litert" (LiteRT's reference kernels) or "tflm".
        deadline_s: Seconds without another vector after which the runtime counts as hung.

    Raises:
        InputError: The vectors do not fit the model.
        OracleFailed: The runtime crashed, hung or refused the model.
        EnvironmentFailed: No installed runtime passes the probes for this profile.
    """
    task = Task(model, inputs, state, tensors, input_names, output_names)
    result = run_many([task], profile, deadline_s=deadline_s)[0]
    if isinstance(result, OracleFailed):
        raise result
    return result


def run_many(
    tasks: Sequence[Task], profile: Profile = "litert", *, deadline_s: float = 300.0
) -> list[ReferenceResult | OracleFailed]:
    """Runs many tasks in as few child processes as their crashes allow; failures stand in the list.

    Args:
        tasks: What to run.
        profile: As for `run`.
        deadline_s: As for `run`.

    Raises:
        InputError, EnvironmentFailed: As for `run`.
    """
    specs = []
    with tempfile.TemporaryDirectory(prefix="edgekit-reference-") as name:
        folder = Path(name)
        for index, task in enumerate(tasks):
            placed = task.placed()
            counts = {len(value) for value in placed.values() if value.ndim}
            if len(counts) != 1 or any(value.ndim == 0 for value in placed.values()):
                raise InputError(where="inputs", what="need one array [n, ...] each, all of the same n")
            if sum(value.nbytes for value in placed.values()) > _MAX_BYTES:
                raise InputError(
                    where="inputs", what=f"take more than {_MAX_BYTES} bytes", hint="give fewer vectors"
                )
            if any(value.dtype.hasobject for value in placed.values()):
                raise InputError(where="inputs", what="hold Python objects, not numbers")
            (folder / f"{index}.tflite").write_bytes(task.model)
            np.savez(folder / f"{index}.npz", allow_pickle=False, **placed)
            specs.append({"kind": "run", "count": counts.pop(), "state": task.state, "tensors": task.tensors})
        child = _Child(folder, profile, specs, deadline_s)
        child.run()
        return [_result(child, index, task) for index, task in enumerate(tasks)]


def tflm_arena(model: bytes, *, deadline_s: float = 120.0) -> int:
    """Returns the bytes of tensor arena that TFLM's interpreter measures on this PC.

    Args:
        model: The .tflite file.
        deadline_s: Seconds after which the runtime counts as hung.

    Raises:
        OracleFailed, EnvironmentFailed: As for `run`.
    """
    with tempfile.TemporaryDirectory(prefix="edgekit-reference-") as name:
        (Path(name) / "0.tflite").write_bytes(model)
        child = _Child(Path(name), "tflm", [{"kind": "arena"}], deadline_s)
        child.run()
        answer = child.answer(0)
        if isinstance(answer, OracleFailed):
            raise answer
        return int(answer["arena_bytes"])


def available() -> list[dict[str, str]]:
    """Returns one row per profile and runtime: profile, runtime, version, fault, hint.

    `fault` is "" where the runtime is installed and passes every probe.
    """
    rows = []
    for profile, packages in _CANDIDATES.items():
        for package in packages:
            row = {"profile": profile, "runtime": package, "version": "", "fault": "not installed"}
            if importlib.util.find_spec(package):
                with tempfile.TemporaryDirectory(prefix="edgekit-reference-") as name:
                    child = _Child(Path(name), profile, [], 120.0)
                    row["fault"] = child.start(package, 0)
                    row["version"] = child.version
            rows.append({**row, "hint": _INSTALL[profile] if row["fault"] else ""})
    return rows


class _Child:
    """A folder of tasks and the processes that work through it."""

    def __init__(self, folder: Path, profile: str, tasks: list[dict[str, Any]], deadline_s: float) -> None:
        self.folder, self.profile, self.tasks, self.deadline_s = folder, profile, tasks, deadline_s
        self.package = self.version = self.kernels = ""
        self.failures: dict[int, OracleFailed] = {}

    def run(self) -> None:
        """Works through all tasks with the first runtime that passes the probes."""
        problems = []
        for package in _CANDIDATES[self.profile]:
            if not importlib.util.find_spec(package):
                problems.append(Problem(package, "not installed"))
                continue
            fault = self.start(package, 0)
            if fault:
                problems.append(Problem(f"{package} {self.version}".strip(), fault))
                continue
            while (first := self._unanswered()) < len(self.tasks):
                fault = self.start(package, first)
                if fault:
                    raise OracleFailed(where=package, what=fault)
            return
        what = f"no installed runtime is a reference for the profile '{self.profile}'"
        raise EnvironmentFailed([*problems, Problem("reference", what, hint=_INSTALL[self.profile])])

    def start(self, package: str, first: int) -> str:
        """Runs one process over the tasks from `first` on; returns why it cannot serve, or ""."""
        self.package = package
        job = {
            "runtime": package,
            "profile": self.profile,
            "first": first,
            "tasks": self.tasks,
            "sign": _SIGN,
        }
        (self.folder / "job.json").write_text(json.dumps(job))
        (self.folder / "ready.json").unlink(missing_ok=True)
        end, log = self._process()
        if not (self.folder / "ready.json").exists():
            return f"{end} while it passed the probes{log}"
        ready = json.loads((self.folder / "ready.json").read_text())
        self.version, self.kernels = ready["version"], ready["kernels"]
        if not ready["fault"] and (at := self._unanswered()) < len(self.tasks):
            self.failures[at] = OracleFailed(
                where=f"{_LABELS.get(package, package)} {self.version}",
                what=f"the reference runtime {end}{log}",
                hint="reduce the model to the operator at fault, or choose the other --numerics",
            )
        return str(ready["fault"])

    def _process(self) -> tuple[str, str]:
        """Returns how the process ended, in words, and the end of what it printed."""
        roots = [str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH", "")]
        with (self.folder / "log").open("w+b") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "edgekit.reference.worker", str(self.folder)],
                cwd=self.folder,
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(filter(None, roots)),
                    "TF_CPP_MIN_LOG_LEVEL": "2",
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
            try:
                code = self._wait(process)
                end = f"ended with status {code}" if code >= 0 else f"crashed with {_signal_name(-code)}"
            except subprocess.TimeoutExpired:
                end = f"hung: no answer within {self.deadline_s:g} s"
            finally:
                process.kill()
                process.wait()
            log.seek(max(0, log.seek(0, os.SEEK_END) - 800))
            text = log.read().decode(errors="replace").strip()
        return end, f"; it printed: {text}" if text else ""

    def _wait(self, process: subprocess.Popen[bytes]) -> int:
        """Returns the process's status; raises `TimeoutExpired` once it has been without a sign for long."""
        sign = self.folder / _SIGN
        sign.touch()
        seen, since = 0, time.monotonic()
        while True:
            changed = sign.stat().st_mtime_ns
            if changed != seen:
                seen, since = changed, time.monotonic()
            left = self.deadline_s - (time.monotonic() - since)
            try:
                return process.wait(max(0.0, min(left, _LOOK_S)))
            except subprocess.TimeoutExpired:
                if left <= 0:
                    raise

    def _log(self, start: int) -> str:
        with (self.folder / "log").open("rb") as log:
            log.seek(start)
            return log.read(800).decode(errors="replace").strip()

    def _unanswered(self) -> int:
        for index in range(len(self.tasks)):
            if index not in self.failures and not (self.folder / f"{index}.json").exists():
                return index
        return len(self.tasks)

    def answer(self, index: int) -> dict[str, Any] | OracleFailed:
        """Returns what the child wrote about a task, or the named failure."""
        if index in self.failures:
            return self.failures[index]
        answer: dict[str, Any] = json.loads((self.folder / f"{index}.json").read_text())
        if "refused" in answer:
            raise InputError(where="vectors", what=answer["refused"])
        if "error" in answer:
            return OracleFailed(
                where=f"{_LABELS.get(self.package, self.package)} {self.version}",
                what=f"the reference runtime refused the model: {answer['error']}",
                found=self._log(answer["log_start"]),
            )
        return answer


def _result(child: _Child, index: int, task: Task) -> ReferenceResult | OracleFailed:
    answer = child.answer(index)
    if isinstance(answer, OracleFailed):
        return answer
    arrays = _load(child.folder / f"{index}.out.npz")
    names = list(task.output_names or answer["names"])
    outputs = {name: _without_batch(arrays[f"out{i}"]) for i, name in enumerate(names)}
    tensors = {
        int(name.removeprefix("tensor")): value for name, value in arrays.items() if name.startswith("tensor")
    }
    label = _LABELS.get(child.package, child.package)
    return ReferenceResult(outputs, label, child.version, child.kernels, tensors)


def _load(path: Path) -> dict[str, NDArray[Any]]:
    with zipfile.ZipFile(path) as archive:
        if sum(member.file_size for member in archive.infolist()) > 2 * _MAX_BYTES:
            raise OracleFailed(where="reference", what="the child's answer is too large to read")
    with np.load(path, allow_pickle=False) as stored:
        return dict(stored)


def _without_batch(values: NDArray[Any]) -> NDArray[Any]:
    return values[:, 0] if values.ndim > 2 and values.shape[1] == 1 else values


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
