"""A detector's way on the board, from a camera's rows to boxes, beside its NumPy twins, byte for byte."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.camera import frames as made
from edgekit.compiler import attached
from edgekit.hil.compare import compare
from edgekit.hil.picture_run import Box, PicturesOutcome
from edgekit.manifest import CameraInfo, Manifest, TensorInfo
from edgekit.report.parts import PictureCheck

SHOWN = 6  # of the first vectors become frames, and are shown with their boxes
_MOST_BYTES = 1 << 24  # of these frames

Reference = Callable[[Mapping[str, NDArray[Any]]], Mapping[str, NDArray[Any]]]


@dataclass(frozen=True)
class Twin:
    """What the PC makes of frames.

    Args:
        inputs: What the camera gives the model, [k, ...] of its dtype.
        outputs: Of the reference, by name.
        boxes: Of each frame, as the C holds them; none where the model has no boxes.
    """

    inputs: NDArray[Any]
    outputs: Mapping[str, NDArray[Any]]
    boxes: list[list[Box]]


def frames(info: CameraInfo, inputs: Mapping[str, NDArray[Any]], tensor: TensorInfo) -> NDArray[np.uint8]:
    """Returns frames to test an export with: the first vectors as the camera takes them, then hostile ones.

    Args:
        info: The camera.
        inputs: Of the model, by name.
        tensor: The model's input.

    Returns:
        uint8 [k, height, row bytes]
    """
    camera = attached.designed(info)
    most = max(1, min(SHOWN, _MOST_BYTES // (info.height * info.row_bytes)))
    values = inputs[tensor.name][:most]
    given = made.seen(camera, values, tensor.scale, tensor.zero_point, tensor.dtype)
    return np.concatenate([made.taken(camera, given), made.hostile(camera)])


def twin(exported: Manifest, given: NDArray[np.uint8], reference: Reference) -> Twin:
    """Returns what the PC makes of a camera's frames.

    Args:
        exported: With a camera.
        given: uint8 [k, height, row bytes]
        reference: Gives the outputs for inputs, both by name.
    """
    assert exported.camera is not None
    camera, tensor = attached.designed(exported.camera), exported.inputs[0]
    seen = camera.pixels_of_rows(given)
    inputs: NDArray[Any]
    if tensor.dtype == "float32":
        inputs = camera.normalise(seen)
    else:
        inputs = camera.quantise(seen, tensor.scale, tensor.zero_point, tensor.dtype)
    outputs = reference({tensor.name: inputs})
    boxes: list[list[Box]] = [[] for _ in given]
    if exported.boxes:
        boxes = [
            attached.found(exported.boxes, {name: values[i] for name, values in outputs.items()})
            for i in range(len(given))
        ]
    return Twin(inputs, outputs, boxes)


def check(pc: Twin, board: PicturesOutcome) -> PictureCheck:
    """Returns how a board's camera, model and boxes agree with the PC's."""
    compared = compare(board.outputs, {name[:63]: values for name, values in pc.outputs.items()})
    crcs = [zlib.crc32(np.ascontiguousarray(one).tobytes()) for one in pc.inputs]
    return PictureCheck(
        frames=len(crcs),
        differing_inputs=sum(a != b for a, b in zip(crcs, board.input_crcs, strict=True)),
        elements=compared.elements,
        differing_elements=compared.mismatched_elements,
        boxes=sum(map(len, pc.boxes)),
        differing_boxes=sum(a != b for a, b in zip(pc.boxes, board.boxes, strict=True)),
    )
