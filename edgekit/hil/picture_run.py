"""A camera's frames through the board's camera, model and boxes."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import EnvironmentFailed
from edgekit.hil.messages import Mode, Result
from edgekit.hil.run import unpack_outputs
from edgekit.hil.session import Session

Box = tuple[int, ...]
"""Left, upper, right and lower edge in 1/16 pixel, cell, class, and coverage as its tensor holds it."""

_HEAD = struct.Struct("<QI")  # ticks, count
_BOX = struct.Struct("<iiiiIhh")


@dataclass(frozen=True, slots=True)
class PicturesOutcome:
    """What a board made of a camera's frames.

    Args:
        input_crcs: CRC-32 of what the camera wrote into the model's input, of each frame.
        outputs: By name, [k, ...] of the tensor's dtype.
        boxes: Of each frame, as the C gives them; none where the model has no boxes.
        camera_ticks, boxes_ticks: Time of both for each frame, int64 [k], in the timer's unit.
        camera_stack, boxes_stack: Their deepest stacks in bytes; 0 where they are not measured.
    """

    input_crcs: list[int]
    outputs: dict[str, NDArray[np.generic]]
    boxes: list[list[Box]]
    camera_ticks: NDArray[np.int64]
    boxes_ticks: NDArray[np.int64]
    camera_stack: int
    boxes_stack: int


def run_pictures(session: Session, frames: Sequence[bytes], *, pipelined: bool = True) -> PicturesOutcome:
    """Streams a camera's frames, as bytes of its rows, and returns what came of them.

    Args:
        session: From `edgekit.hil.run.connect`.
        frames: Of `hello.frame_bytes` each.
        pipelined: See `Session.run`.

    Raises:
        EnvironmentFailed: The firmware has no camera, contradicts itself, or the board or link failed.
    """
    results = session.run(frames, mode=Mode.PICTURES, pipelined=pipelined)
    behind = [_boxes(session, result) for result in results]
    info = session.info()
    return PicturesOutcome(
        [result.input_crc for result in results],
        unpack_outputs(session.outputs, [result.outputs for result in results]),
        [boxes for _, boxes in behind],
        np.array([result.preproc_ticks for result in results], np.int64),
        np.array([ticks for ticks, _ in behind], np.int64),
        info.preproc_stack,
        info.boxes_stack,
    )


def _boxes(session: Session, result: Result) -> tuple[int, list[Box]]:
    """Returns the time that boxes took, and the boxes."""
    if not result.more:
        return 0, []
    if len(result.more) < _HEAD.size:
        raise EnvironmentFailed(
            where=session.transport.name,
            what=f"the board leaves less room behind picture {result.number} than a count of boxes takes",
            expected=f"{_HEAD.size} bytes or more",
            found=str(len(result.more)),
        )
    ticks, count = _HEAD.unpack_from(result.more)
    room = (len(result.more) - _HEAD.size) // _BOX.size
    if count > room:
        raise EnvironmentFailed(
            where=session.transport.name,
            what=f"the board gives more boxes of picture {result.number} than there is room for",
            expected=f"at most {room}",
            found=str(count),
        )
    places = range(_HEAD.size, _HEAD.size + count * _BOX.size, _BOX.size)
    return ticks, [_BOX.unpack_from(result.more, place) for place in places]
