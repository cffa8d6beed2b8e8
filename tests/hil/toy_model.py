"""The hand-made model on both sides: its C built with the application for the host, and its Python twin."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import jinja2
import numpy as np

from edgekit import paths
from edgekit.manifest import Manifest, ModelInfo, NodeInfo, PreprocInfo, TensorInfo

INPUTS = 1500
HOP = 300
SHA256 = "".join(f"{(i * 7 + 1) % 256:02x}" for i in range(32))
HERE = Path(__file__).parent / "toy"
FLAGS = ["-std=c11", "-O1", "-g", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wconversion", "-Wshadow"]
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


def manifest(stateful: bool = False) -> Manifest:
    """Returns the manifest that an export of the model would have."""
    return Manifest(
        edgekit="0.0",
        name="toy",
        target="host",
        core="host",
        features=[],
        engine="aot",
        engines=["aot"],
        numerics="litert",
        optimize="balanced",
        model=ModelInfo(file="toy.tflite", sha256=SHA256, bytes=1),
        inputs=[TensorInfo(name="input", dtype="int8", shape=[1, INPUTS], scale=0.5, zero_point=-3)],
        outputs=[
            TensorInfo(name="scores", dtype="int8", shape=[1, 8], scale=0.25, zero_point=1),
            TensorInfo(name="sums", dtype="int32", shape=[2]),
        ],
        stateful=stateful,
        arena_bytes=1520,
        weights_bytes=0,
        preproc=None
        if stateful
        else PreprocInfo(
            input_rate_hz=250.0,
            frame_samples=INPUTS,
            hop_samples=HOP,
            state_bytes=6016,
            description=["round"],
        ),
        nodes=[NodeInfo(index=i, op="TOY", name="", output_shape=[]) for i in range(4)],
        sources=["toy.c"],
        include_dirs=["."],
    )


def missing() -> bool:
    """Says whether there is no compiler."""
    return shutil.which("gcc") is None


def build(
    folder: Path, stateful: bool = False, defines: tuple[str, ...] = (), port: Path | None = None
) -> Path:
    """Builds application, port (default: the host's) and model under sanitizers; returns the executable."""
    firmware = paths.share("firmware")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(paths.share("templates")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    bridge = folder / "app_model.c"
    template = environment.get_template("firmware/app_model.c.j2")
    bridge.write_text(template.render(manifest=manifest(stateful)))
    sources = [*sorted((firmware / "link").glob("*.c")), *sorted((firmware / "app").glob("*.c"))]
    sources += [port or firmware / "ports" / "host" / "port.c", bridge, HERE / "toy.c"]
    includes = [firmware / name for name in ("link", "app", "ports", "kernels")] + [HERE]
    elf = folder / "firmware"
    subprocess.run(
        [
            "gcc",
            *FLAGS,
            *SANITIZERS,
            "-DEK_CONSOLE_RECEIVE_BYTES=4096U",
            *(["-DTOY_STATEFUL"] if stateful else []),
            *(f"-D{define}" for define in defines),
            *(f"-I{folder}" for folder in includes),
            *map(str, sources),
            "-lm",
            "-o",
            str(elf),
        ],
        check=True,
    )
    return elf


@dataclass
class Toy:
    """The model in Python."""

    stateful: bool = False
    state: int = 0

    def invoke(self, data: bytes) -> bytes:
        """Returns all outputs for all inputs."""
        value = 2166136261
        for byte in data:
            value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
        if self.stateful:
            value = (value + self.state) & 0xFFFFFFFF
            self.state = value
        scores = bytes((value >> (3 * i)) & 0xFF for i in range(8))
        return scores + b"".join((value * (i + 1) & 0xFFFFFFFF).to_bytes(4, "little") for i in range(2))


def vectors(count: int, seed: int = 0) -> list[bytes]:
    """Returns random inputs."""
    return [
        row.tobytes() for row in np.random.default_rng(seed).integers(-128, 128, (count, INPUTS), np.int8)
    ]


def outputs(inputs: list[bytes], stateful: bool = False) -> list[bytes]:
    """Returns what a run over the inputs gives."""
    toy = Toy(stateful)
    return [toy.invoke(data) for data in inputs]
