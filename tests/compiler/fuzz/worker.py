"""Compiles damaged files in a process of its own, within bounds: `python -m tests.compiler.fuzz.worker`.

Writes a JSON object: how many were refused and compiled, the slowest in seconds, what went wrong in other
ways, and which compiled ones were kept as folders of C.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import signal
import time
import traceback
from pathlib import Path
from typing import Any

from edgekit.compiler.export import Exported, export_model
from edgekit.compiler.ops.base import Target
from edgekit.errors import InputError
from tests.compiler.fuzz import mutations, seeds

MEMORY = 1 << 30  # bytes that one file may take, beyond what the process has
SECONDS = 1.0  # of processor time
_FEATURES = (frozenset[str](), frozenset({"dsp"}), frozenset({"dsp", "mve"}))
_LARGEST = 1 << 20  # arenas and weights beyond are compiled, but not run
_MOST_WORK = 10_000_000


def main() -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--keep", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--models", type=Path)
    given = parser.parse_args()
    small, whole = seeds.small(), seeds.whole(given.models)
    _bound_memory()
    found: dict[str, Any] = {"refused": 0, "compiled": 0, "slowest": 0.0, "faults": [], "kept": []}
    for number in range(given.count):
        source = random.Random(given.seed * 1_000_003 + number)
        data = _mutation(source, small, whole)
        _one(data, number, source, given, found)
    found["peak_kib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps(found))


def _mutation(source: random.Random, small: list[bytes], whole: list[bytes]) -> bytes:
    if whole and source.random() < 0.1:
        return mutations.damaged(source, source.choice(whole))
    change = mutations.altered if source.random() < 0.6 else mutations.damaged
    return change(source, source.choice(small))


def _bound_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    bound = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))


def _one(data: bytes, number: int, source: random.Random, given: Any, found: dict[str, Any]) -> None:
    target = Target(
        features=source.choice(_FEATURES),
        numerics=source.choice(["litert", "tflm"]),
        optimize=source.choice(["balanced", "speed", "ram"]),
    )
    signal.alarm(60)  # ends a file that never ends, and with it this process
    begin = time.process_time()
    try:
        exported = export_model(data, "m.tflite", f"m{number}", target)
    except InputError as error:
        found["refused"] += 1
        if not all(problem.where and problem.what for problem in error.problems):
            found["faults"].append(f"{number}: refused without a place or a reason: {error}")
    except Exception:
        found["faults"].append(f"{number}: {traceback.format_exc()[-1500:]}")
        (given.out / f"{number}.tflite").write_bytes(data)
    else:
        found["compiled"] += 1
        if len(found["kept"]) < given.keep and _runs_quickly(exported):
            exported.write(given.out / f"m{number}")
            found["kept"].append(number)
    seconds = time.process_time() - begin
    signal.alarm(0)
    if seconds > SECONDS:
        found["faults"].append(f"{number}: took {seconds:.2f} s")
        (given.out / f"{number}.tflite").write_bytes(data)
    found["slowest"] = max(found["slowest"], seconds)


def _runs_quickly(exported: Exported) -> bool:
    made = exported.manifest
    return max(made.arena_bytes, made.weights_bytes) <= _LARGEST and made.macs <= _MOST_WORK


if __name__ == "__main__":
    main()
