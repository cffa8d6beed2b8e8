"""Trials on Ray: each in a process of its own; a dead one costs its trial only."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edgekit.errors import EnvironmentFailed, InputError

Job = dict[str, Any]
Work = Callable[[Job], dict[str, Any]]

_STORE_BYTES = 80 << 20  # Ray's smallest object store: a trial's result is a page of JSON
_TRIAL_BYTES = 1536 << 20  # memory set aside for a trial; TensorFlow alone takes half of it
_ATTEMPTS = 2  # in all, of a trial whose process dies


@dataclass(frozen=True)
class Resources:
    """Where trials run.

    Args:
        workers: Trials at the same time; 0 = one per core.
        address: Of a Ray cluster, "auto" for the one on this machine; "" starts Ray here.
        gpus: GPUs of a trial; a fraction shares one; 0 = none.
    """

    workers: int = 0
    address: str = ""
    gpus: float = 0.0


@dataclass
class Ended:
    """How a job ended.

    Args:
        job: As it was submitted.
        result: What the work returned; None where its process died each time.
        reason: Why there is no result.
        attempts: Processes that it took.
    """

    job: Job
    result: dict[str, Any] | None
    reason: str = ""
    attempts: int = 1


@dataclass
class Workers:
    """A running Ray with room for some trials.

    Args:
        slots: Trials at the same time.
        work: What each does.
        options: Of Ray's tasks.
    """

    slots: int
    work: Work
    options: dict[str, Any]
    _running: dict[Any, Ended] = field(default_factory=dict)

    @property
    def free(self) -> int:
        """Trials that could start at once."""
        return self.slots - len(self._running)

    @property
    def busy(self) -> bool:
        """Whether any runs."""
        return bool(self._running)

    def submit(self, job: Job) -> None:
        """Starts a job as soon as Ray has room for it."""
        self._start(Ended(job, None))

    def wait(self) -> Iterator[Ended]:
        """Waits for jobs to end; yields none where one is started again because its process died."""
        import ray
        from ray.exceptions import RayError

        done, _ = ray.wait(list(self._running), num_returns=1)
        for reference in done:
            ended = self._running.pop(reference)
            try:
                ended.result = ray.get(reference)
            except RayError as error:
                ended.reason = f"its process died: {_first_line(error)}"
                if ended.attempts < _ATTEMPTS:
                    ended.attempts += 1
                    self._start(ended)
                    continue
                ended.reason += f" ({ended.attempts} times)"
            yield ended

    def _start(self, ended: Ended) -> None:
        import ray

        task = ray.remote(**self.options)(_enter)
        self._running[task.remote(self.work, ended.job, str(Path.cwd()))] = ended

    def stop(self) -> None:
        """Ends what still runs, at once."""
        import ray

        for reference in self._running:
            ray.cancel(reference, force=True)
        self._running.clear()


@contextmanager
def workers(resources: Resources, work: Work) -> Iterator[Workers]:
    """Starts Ray, or joins a cluster; ends what is left of it behind the block.

    Args:
        resources: Where trials run.
        work: A function that the workers can import.

    Raises:
        EnvironmentFailed: Ray does not start, or the cluster is not there.
        InputError: No machine has so many GPUs.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    import ray

    scratch = Path(tempfile.mkdtemp(prefix="ek-ray-"))  # short: Ray's sockets lie in it
    try:
        slots = _init(resources, scratch)
        _enough(resources.gpus)
        # Ray's worker ends with its task, so that every trial has a TensorFlow of its own; retries are ours.
        options: dict[str, Any] = {"num_cpus": 1, "max_calls": 1, "max_retries": 0, "memory": _TRIAL_BYTES}
        if resources.gpus:
            options["num_gpus"] = resources.gpus
        pool = Workers(slots, work, options)
        try:
            yield pool
        finally:
            pool.stop()
    finally:
        ray.shutdown()
        shutil.rmtree(scratch, ignore_errors=True)


def _init(resources: Resources, scratch: Path) -> int:
    import ray

    quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    try:
        if resources.address:
            ray.init(address=resources.address, **quiet)
            found: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
            return resources.workers or max(1, int(found.get("CPU", 1)))
        slots = resources.workers or os.cpu_count() or 1
        ray.init(
            num_cpus=slots,
            include_dashboard=False,
            object_store_memory=_STORE_BYTES,
            _temp_dir=str(scratch),
            **quiet,
        )
        return slots
    except Exception as error:  # Ray raises whatever its parts raise
        where = f"--address {resources.address}" if resources.address else "Ray"
        raise EnvironmentFailed(
            where=where,
            what=f"does not start: {_first_line(error)}" if not resources.address else "no cluster answers",
            found="" if not resources.address else _first_line(error),
            hint="ray start --head makes a cluster; without --address the sweep runs on this machine",
        ) from error


def _enough(gpus: float) -> None:
    """Raises InputError where a trial asks for more GPUs than any machine has: it would wait for ever."""
    import ray

    machines = ray.nodes()  # type: ignore[no-untyped-call]
    most = max((one["Resources"].get("GPU", 0.0) for one in machines if one["Alive"]), default=0.0)
    if gpus > most:
        raise InputError(
            where="--gpus", what="of a trial are more than a machine has", expected=f"at most {most:g}",
            found=f"{gpus:g}", hint="CUDA_VISIBLE_DEVICES says which Ray may see; --gpus 0 trains on CPUs",
        )  # fmt: skip


def _enter(work: Work, job: Job, folder: str) -> dict[str, Any]:
    """Runs in the worker: plug-ins beside the user are looked for in the folder where she started."""
    if Path(folder).is_dir():
        os.chdir(folder)
    return work(job)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
