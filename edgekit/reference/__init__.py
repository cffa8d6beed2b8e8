"""The PC oracles (LiteRT, TFLM), each in a child process: their crash is a named result.

A runtime counts as reference only where it passes the probe models in `probes/`.
"""

from edgekit.reference.oracle import (
    OracleFailed,
    ReferenceResult,
    Task,
    available,
    run,
    run_many,
    tflm_arena,
)

__all__ = ["OracleFailed", "ReferenceResult", "Task", "available", "run", "run_many", "tflm_arena"]
