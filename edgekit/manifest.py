"""`manifest.json` of an exported folder (`edgekit.export/1`): what build, flash and hil obey."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from edgekit import files, validation
from edgekit.errors import InputError

FILE_NAME = "manifest.json"
_MAX_BYTES = 4 << 20

Engine = Literal["aot", "tflm"]
Numerics = Literal["litert", "tflm"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TensorInfo(_Strict):
    """One input or output of the model."""

    name: str
    dtype: str
    shape: list[int]
    scale: float = 0.0
    zero_point: int = 0

    @property
    def elements(self) -> int:
        """Number of values."""
        count = 1
        for dim in self.shape:
            count *= dim
        return count


class PreprocInfo(_Strict):
    """The preprocessing C that stands in front of the model."""

    input_rate_hz: float
    input: Literal["float32", "int16"] = Field("float32", description="type of its samples")
    channels: int = 1
    frame_samples: int
    hop_samples: int
    state_bytes: int
    hop_seconds: float = Field(0.0, description="from the start of one frame to that of the next")
    table_bytes: int = Field(0, description="constants of its C: coefficients, sines, weights")
    description: list[str]


class CameraInfo(_Strict):
    """The C that makes the model's input of a camera's rows."""

    format: str
    width: int
    height: int
    crop: tuple[int, int, int, int] = Field(description="x, y, width, height of the part that is used")
    size: tuple[int, int] = Field(description="width, height of the model's input")
    resize: str
    colour: str
    mean: list[float] = [0.0]
    std: list[float] = [1.0]
    row_bytes: int = Field(description="of a frame")
    state_bytes: int
    table_bytes: int
    description: list[str]


class BoxesInfo(_Strict):
    """The C that makes boxes of the model's outputs; whole numbers, as `edgekit.postproc.boxes.Decoder`."""

    coverage: str = Field(description="name of the output")
    boxes: str = Field(description="name of the output; empty: centroids alone")
    decoder: dict[str, int]
    room_bytes: int = Field(description="of the caller's array")


class NodeOutput(_Strict):
    """One tensor that a node writes."""

    tensor: int | None = Field(description="its number in the model file; null where a pass made it")
    shape: list[int]
    dtype: str
    scale: float = 0.0
    zero_point: int = 0


class NodeInfo(_Strict):
    """One operator as generated code runs it."""

    index: int
    op: str
    name: str
    output_shape: list[int]
    outputs: list[NodeOutput] = []


class PassInfo(_Strict):
    """What one compiler pass did: places that it changed, and what the graph no longer costs."""

    name: str
    changes: int
    gain: dict[str, int]


class ModelInfo(_Strict):
    """The model file that was exported."""

    file: str
    sha256: str
    bytes: int


class Manifest(_Strict):
    """What an exported folder holds, in relative paths.

    `sources` and `include_dirs` are what a build compiles for the `aot` engine (model, kernels,
    preprocessing); `files` names every file of the export with its SHA-256.
    """

    schema_: Literal["edgekit.export/1"] = Field("edgekit.export/1", alias="schema")
    edgekit: str
    name: str
    target: str
    core: str
    features: list[str] = Field(description="what the core must have; weights are packed for it")
    engine: Engine
    engines: list[Engine]
    numerics: Numerics
    optimize: str
    model: ModelInfo
    inputs: list[TensorInfo]
    outputs: list[TensorInfo]
    stateful: bool = False
    push_rows: bool = Field(
        False, description="the caller pushes the input's rows; it never lies in the arena whole"
    )
    task: str = Field("", description="what the model is for, as its recipe says")
    labels: list[str] = []
    arena_bytes: int
    arena_align: int = 16
    weights_bytes: int
    constants_bytes: int = Field(0, description="of the model file: what weights_bytes was made from")
    tflm_arena_bytes: dict[str, int] = {}
    macs: int = 0
    nodes: list[NodeInfo] = []
    passes: list[PassInfo] = []
    preproc: PreprocInfo | None = None
    camera: CameraInfo | None = None
    boxes: BoxesInfo | None = None
    sources: list[str]
    include_dirs: list[str]
    vectors: str = ""
    test_examples: int = Field(0, description="of the run; the vectors are the first of them")
    files: dict[str, str] = {}

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    def save(self, folder: Path) -> None:
        """Writes `manifest.json` into `folder`."""
        files.write_text(folder / FILE_NAME, self.model_dump_json(by_alias=True, indent=2) + "\n")


def load(folder: Path) -> Manifest:
    """Reads the manifest of an exported folder.

    Args:
        folder: What `edgekit export -o` wrote.

    Raises:
        InputError: No export lies there, or its manifest is damaged.
    """
    path = Path(folder) / FILE_NAME
    if not path.is_file():
        raise InputError(
            where=str(folder),
            what="is not an exported folder",
            expected=f"a folder with {FILE_NAME}",
            found="no such folder" if not Path(folder).is_dir() else f"a folder without {FILE_NAME}",
            hint="edgekit export MODEL --target BOARD -o " + str(folder),
        )
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError(f"larger than {_MAX_BYTES} bytes")
        tree = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(where=str(path), what=f"cannot be read: {error}", hint="export again") from error
    return validation.parse(Manifest, tree, str(path), hint="export again")
