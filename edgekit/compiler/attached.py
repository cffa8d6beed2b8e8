"""The C around a model of pictures: from a camera's rows to its input, from its outputs to boxes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from numpy.typing import NDArray

from edgekit.camera.camera import Camera as Design
from edgekit.errors import InputError
from edgekit.manifest import BoxesInfo, CameraInfo, TensorInfo
from edgekit.postproc import render
from edgekit.postproc.boxes import Border, Decoder, Limits, decode, design

COVERAGE, BOXES = "coverage", "boxes"


@dataclass(frozen=True, slots=True)
class Camera:
    """What makes the model's input.

    Args:
        info: For the manifest.
        files: Text by path in the exported folder.
    """

    info: CameraInfo
    files: Mapping[str, str]

    @classmethod
    def design(cls, camera: Design, name: str, inputs: Sequence[TensorInfo]) -> Camera:
        """Returns the C of a camera in front of a model.

        Args:
            camera: As the recipe describes it.
            name: Prefix of the C names.
            inputs: Of the model.

        Raises:
            InputError: The model takes something else.
        """
        dtypes = ("int8", "int16", "float32")
        if len(inputs) != 1 or inputs[0].shape[-3:] != list(camera.shape) or inputs[0].dtype not in dtypes:
            raise InputError(
                where="camera",
                what="gives pictures that the model does not take",
                expected=f"one input of {' or '.join(dtypes)} {[1, *camera.shape]}",
                found=", ".join(f"{tensor.name} {tensor.dtype} {tensor.shape}" for tensor in inputs),
                hint="camera.size and camera.colour are those of the model",
            )
        tensor, config = inputs[0], camera.config
        quantisation = (tensor.scale, tensor.zero_point, tensor.dtype)
        info = CameraInfo(
            format=config.format,
            width=config.width,
            height=config.height,
            crop=config.window,
            size=config.size,
            resize=config.resize,
            colour=config.colour,
            mean=config.mean,
            std=config.std,
            row_bytes=camera.row_bytes,
            state_bytes=camera.state_bytes(tensor.dtype),
            table_bytes=camera.table_bytes(*quantisation),
            description=camera.description,
        )
        files = camera.render_c(name, *quantisation)
        return cls(info, {f"src/{path}": text for path, text in files.items()})


def designed(info: CameraInfo) -> Design:
    """Returns the camera of an export."""
    keys = {"format", "width", "height", "crop", "size", "resize", "colour", "mean", "std"}
    return Design.design(info.model_dump(include=keys))


@dataclass(frozen=True, slots=True)
class Boxes:
    """What makes boxes of the model's outputs.

    Args:
        info: For the manifest.
        render: Returns text by path in the exported folder; `model` says whether the model's own C is there.
    """

    info: BoxesInfo
    render: Callable[..., Mapping[str, str]]

    @classmethod
    def design(
        cls,
        limits: Limits,
        side: float,
        name: str,
        inputs: Sequence[TensorInfo],
        outputs: Sequence[TensorInfo],
    ) -> Boxes:
        """Returns the C behind a detector.

        Args:
            limits: What counts as a box.
            side: Of the box around a centroid, in pixels; 0 = a cell's.
            name: Prefix of the C names.
            inputs, outputs: Of the model; the outputs are "coverage", [1, rows, columns, classes], logits,
                and "boxes", [1, rows, columns, 4 * classes]; where there is one alone, it is coverage.

        Raises:
            InputError: They are no detector's.
        """
        known = {tensor.name: tensor for tensor in outputs}
        coverage = outputs[0] if len(outputs) == 1 else known.get(COVERAGE)
        edges = None if len(outputs) == 1 else known.get(BOXES)
        if coverage is None or not _fit(inputs, coverage, edges, len(outputs)):
            raise InputError(
                where="outputs",
                what="are no detector's",
                expected="int8 or int16 'coverage' [1, rows, columns, classes] and 'boxes' "
                "[1, rows, columns, 4 * classes] of a picture of whole, square cells",
                found=", ".join(f"{tensor.name} {tensor.dtype} {tensor.shape}" for tensor in outputs),
            )
        rows, columns, classes = coverage.shape[1:]
        decoder = design(
            (rows, columns, classes),
            inputs[0].shape[1] // rows,
            Border(coverage.scale, coverage.zero_point),
            Border(edges.scale, edges.zero_point) if edges else None,
            limits,
            side,
        )
        suffixes = {COVERAGE: f"_{coverage.name}" if edges else ""}
        suffixes |= {BOXES: f"_{edges.name}"} if edges else {}
        info = BoxesInfo(
            coverage=coverage.name,
            boxes=edges.name if edges else "",
            decoder=asdict(decoder),
            room_bytes=render.BOX_BYTES * decoder.max_candidates,
        )
        return cls(info, partial(render.render, decoder, name, suffixes, coverage.dtype))

    def found(self, outputs: Mapping[str, NDArray[Any]]) -> list[tuple[int, ...]]:
        """Returns the boxes that the C finds, each as `ek_box_t` holds it.

        Args:
            outputs: By name; of one picture, with or without the batch.
        """
        return found(self.info, outputs)


def found(info: BoxesInfo, outputs: Mapping[str, NDArray[Any]]) -> list[tuple[int, ...]]:
    """Returns the boxes that an export's C finds, each as `ek_box_t` holds it.

    Args:
        info: Of its manifest.
        outputs: By name; of one picture, with or without the batch.
    """
    decoder = Decoder(**info.decoder)
    grid = (decoder.rows, decoder.columns)
    edges = outputs[info.boxes].reshape(*grid, -1) if info.boxes else None
    boxes = decode(decoder, outputs[info.coverage].reshape(*grid, -1), edges)
    columns = (*boxes.corners.T, boxes.cells, boxes.labels, boxes.scores)
    return [tuple(int(value) for value in box) for box in zip(*columns, strict=True)]


def _fit(inputs: Sequence[TensorInfo], coverage: TensorInfo, edges: TensorInfo | None, outputs: int) -> bool:
    if outputs > 2 or (outputs == 2) != (edges is not None) or len(inputs) != 1:
        return False
    if len(coverage.shape) != 4 or len(inputs[0].shape) != 4 or coverage.dtype not in ("int8", "int16"):
        return False
    _, rows, columns, classes = coverage.shape
    stride = inputs[0].shape[1] // max(1, rows)
    if stride == 0 or inputs[0].shape[1:3] != [rows * stride, columns * stride]:
        return False
    return edges is None or (edges.dtype, edges.shape[1:]) == (coverage.dtype, [rows, columns, 4 * classes])
