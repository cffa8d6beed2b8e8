"""Draws pictures into a folder: in several processes, whole files only, going on where a kill stopped it.

The folder holds `images/000000.png`, ..., a record of each picture in `records/`, and `scene.json`, which
says what was drawn: a picture whose record fits its bytes is kept, and a folder of other settings is refused.
"""

from __future__ import annotations

import functools
import io
import json
import multiprocessing
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from inspect import getfile
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import edgekit
from edgekit import console, files
from edgekit.errors import EdgekitError, EnvironmentFailed, InputError, Problem
from edgekit.scenes import gl, photographs
from edgekit.scenes.base import REGISTRY, Drawn, SceneSettings

SCHEMA = "edgekit.scene/1"
MOST = 1_000_000
_AT_A_TIME = 4  # pictures that a process is given
_HEAD = "scene.json"


@dataclass(frozen=True)
class Job:
    """What is to be drawn, and where.

    Args:
        scene: Registry key, or a path to a `.py` file.
        settings: Of that scene.
        seed: Another seed gives other pictures.
        folder: To fill.
        layers: Also write `masks/` (8 bits: the number of the instance, 0 = none) and `depths/` (16 bits:
            centimetres from the plane of the camera, 0 = nothing or too far).
    """

    scene: str
    settings: SceneSettings
    seed: int
    folder: Path
    layers: bool = False

    def image(self, index: int) -> Path:
        """Returns where picture number `index` lies."""
        return self.folder / "images" / f"{index:06d}.png"

    def record(self, index: int) -> Path:
        """Returns where the record of picture number `index` lies."""
        return self.folder / "records" / f"{index:06d}.json"

    def identity(self) -> dict[str, Any]:
        """Returns all that the pictures follow from, but for the renderer, as JSON values."""
        scene = REGISTRY.get(self.scene)
        return {
            "schema": SCHEMA,
            "scene": self.scene,
            "seed": self.seed,
            "settings": self.settings.model_dump(mode="json"),
            "photographs": photographs.fingerprint(self.settings.photographs),
            "sources": _sources(Path(getfile(type(scene)))),
        }


def render(job: Job, count: int, workers: int = 0) -> tuple[list[dict[str, Any]], int]:
    """Draws pictures number 0 to `count` - 1, those that are not there yet.

    Args:
        job: What and where.
        count: Of pictures, 1 to a million.
        workers: Processes; 0 = one for each core. The bytes do not depend on it.

    Returns:
        The records of all, in order, and how many pictures were there already. A record holds `file`, its
        `sha256`, the `renderer`, and `instances`: the fields of `base.Instance` and `counts`, COCO's run
        lengths of the mask.

    Raises:
        InputError: The count is out of range, or the folder holds pictures of other settings or something
            else.
        EnvironmentFailed: OpenGL cannot start, the disk refused, or a process died; what is drawn stays.
    """
    if not 1 <= count <= MOST:
        raise InputError(where="count", what="is out of range", expected=f"1 to {MOST}", found=str(count))
    _claim(job)
    workers = min(workers or os.cpu_count() or 1, -(-count // _AT_A_TIME))
    kept = 0
    with console.progress(f"Drawing {job.scene}, domain {job.settings.domain}", count) as advance:
        for was_there in _parallel(job, range(count), workers):
            kept += was_there
            advance()
    return [json.loads(job.record(index).read_text(encoding="utf-8")) for index in range(count)], kept


def run_lengths(mask: NDArray[np.bool_]) -> list[int]:
    """Returns COCO's uncompressed run lengths of a mask [h, w]: columns first, from a run of zeros."""
    flat = np.concatenate([[False], mask.T.ravel(), [False]])
    edges = np.flatnonzero(flat[1:-1] != flat[:-2])
    ends = np.concatenate([[0], edges, [mask.size]])
    return [int(length) for length in np.diff(ends)]


def _claim(job: Job) -> None:
    """Writes the folder's `scene.json`, or makes sure that it says the same."""
    head, mine = job.folder / _HEAD, job.identity()
    if head.is_file():
        try:
            said = json.loads(head.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            said = {}
        there = _flat(said.get("identity", {})) if isinstance(said, dict) else {}
        wanted = _flat(mine)
        others = [key for key in {**wanted, **there} if there.get(key) != wanted.get(key)]
        if others:
            raise InputError(
                where=str(head),
                what=f"the folder holds other pictures: another {', '.join(others)}"[:300],
                expected=f"{others[0]} = {wanted.get(others[0])}",
                found=f"{others[0]} = {there.get(others[0])}",
                hint="choose another folder",
            )
        return
    if job.folder.is_dir() and (others := _visible(job.folder)):
        raise InputError(
            where=str(job.folder),
            what="holds something else",
            expected=f"an empty folder, or one with {_HEAD}",
            found=", ".join(others[:5]),
            hint="choose another folder",
        )
    files.write_json(head, {"edgekit": edgekit.__version__, "identity": mine})


def _visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def _flat(tree: Mapping[str, Any]) -> dict[str, Any]:
    settings = tree.get("settings", {})
    return {
        **{f"settings.{key}": value for key, value in settings.items()},
        **{key: value for key, value in tree.items() if key != "settings"},
    }


@functools.cache
def _sources(own: Path) -> str:
    framework = sorted(Path(__file__).parent.glob("*.py"))
    return files.sha256("".join(files.sha256(path) for path in (*framework, own)).encode())[:16]


def _parallel(job: Job, indices: Sequence[int], workers: int) -> Iterator[bool]:
    context = multiprocessing.get_context("spawn")  # without the parent's threads and TensorFlow
    with _pool(ProcessPoolExecutor(workers, context, _start, (job,))) as pool:
        try:
            for outcome in pool.map(_try, indices, chunksize=_AT_A_TIME):
                if not isinstance(outcome, bool):
                    kind, problems = outcome
                    raise kind(problems)
                yield outcome
        except BrokenProcessPool as error:
            raise EnvironmentFailed(
                where=str(job.folder),
                what="a process that draws ended early, perhaps for want of memory",
                hint="run it again to go on, with fewer --workers",
            ) from error


@contextmanager
def _pool(pool: ProcessPoolExecutor) -> Iterator[ProcessPoolExecutor]:
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


_job: Job  # of this process, where it is a worker


def _start(job: Job) -> None:
    global _job
    _job = job
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(parent: int) -> None:
    wait([parent])  # a killed parent leaves its workers waiting for good
    os._exit(1)


def _try(index: int) -> bool | tuple[type[EdgekitError], Sequence[Problem]]:
    try:
        return _one(_job, index)
    except EdgekitError as error:  # does not survive pickling itself
        return type(error), tuple(error.problems)


def _one(job: Job, index: int) -> bool:
    """Draws a picture unless it is there and sound; returns whether it was."""
    if _sound(job, index):
        return True
    drawn = REGISTRY.get(job.scene).draw(index, job.settings, job.seed)
    data = _png(drawn.picture)
    if job.layers:
        mask, depth = _layers(job, index)
        files.write_bytes(mask, _png(drawn.mask.astype(np.uint8)))
        centimetres = np.rint(np.where(drawn.depth < 655, drawn.depth, 0) * 100)
        files.write_bytes(depth, _png(centimetres.astype(np.uint16)))
    files.write_bytes(job.image(index), data)
    record = {
        "file": job.image(index).name,
        "sha256": files.sha256(data),
        "renderer": gl.renderer().name,
        "instances": _instances(drawn),
    }
    files.write_text(job.record(index), json.dumps(record, allow_nan=False) + "\n")
    return False


def _sound(job: Job, index: int) -> bool:
    if job.layers and not all(path.is_file() for path in _layers(job, index)):
        return False
    try:
        record = json.loads(job.record(index).read_text(encoding="utf-8"))
        return bool(record["sha256"] == files.sha256(job.image(index)))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _layers(job: Job, index: int) -> tuple[Path, Path]:
    return job.folder / "masks" / f"{index:06d}.png", job.folder / "depths" / f"{index:06d}.png"


def _png(pixels: NDArray[Any]) -> bytes:
    from PIL import Image

    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG")
    return data.getvalue()


def _instances(drawn: Drawn) -> list[dict[str, Any]]:
    return [{**asdict(one), "counts": run_lengths(drawn.mask == one.number)} for one in drawn.instances]
