"""Where a board and the PC agree: outputs, preprocessing, and pictures from camera to boxes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit import console
from edgekit.errors import CheckFailed
from edgekit.hil.compare import Comparison
from edgekit.hil.picture_run import PicturesOutcome
from edgekit.hil.run import SignalOutcome
from edgekit.manifest import Manifest
from edgekit.pipeline import board_pictures, export, picture_check
from edgekit.pipeline.model_file import read_chain
from edgekit.pipeline.vectors import Vectors
from edgekit.quant import quantize
from edgekit.report.parts import Mismatch, PictureCheck, PreprocCheck
from edgekit.report.record import MAX_DETAILS

ALLOWED_SHARE = 0.001  # of the preprocessing's values may differ, by one step
Arrays = Mapping[str, NDArray[Any]]


def outputs(compared: Comparison) -> dict[str, Any]:
    """Returns the fields of a record that say which elements differ.

    Args:
        compared: All outputs of all vectors.
    """
    return {
        "vectors": compared.vectors,
        "elements": compared.elements,
        "mismatched_elements": compared.mismatched_elements,
        "max_abs_diff": compared.max_abs_diff,
        "differing": compared.per_vector.tolist(),
        "mismatches": [
            Mismatch(
                vector=one.vector, output=one.output, element=one.element, expected=one.expected, got=one.got
            )
            for one in compared.differences[:MAX_DETAILS]
        ],
    }


def preprocessing(
    folder: Path, exported: Manifest, signal: NDArray[np.float32] | None, got: SignalOutcome | None
) -> PreprocCheck | None:
    """Returns how the board's preprocessing agrees with its NumPy reference on the test signal.

    Args:
        folder: The export.
        exported: Its manifest.
        signal: float32 [samples, channels], as it was sent; None = none was.
        got: What the board made of it.

    Raises:
        CheckFailed: The board gives another number of frames or of non-finite samples.
    """
    if signal is None or got is None:
        return None
    frames, nonfinite = read_chain(folder / export.CHAIN_FILE).frames(signal)
    tensor = exported.inputs[0]
    expected = (
        quantize(frames, tensor.scale, tensor.zero_point, np.dtype(tensor.dtype))
        .reshape(len(frames), -1)
        .astype(np.int64)
    )
    if len(got.frames) != len(expected) or got.nonfinite != nonfinite:
        raise CheckFailed(
            where="preprocessing on the board",
            what="gives another number of frames or of non-finite samples than on the PC",
            expected=f"{len(expected)} frames, {nonfinite} non-finite",
            found=f"{len(got.frames)} frames, {got.nonfinite} non-finite",
        )
    steps = np.abs(got.frames.reshape(len(expected), -1).astype(np.int64) - expected)
    return PreprocCheck(
        frames=len(expected),
        elements=int(steps.size),
        differing_elements=int((steps > 0).sum()),
        max_step=int(steps.max(initial=0)),
        allowed_share=ALLOWED_SHARE,
    )


def pictures(
    folder: Path,
    board: str,
    exported: Manifest,
    given: Vectors,
    got: PicturesOutcome | None,
    reference: Callable[[Arrays], Arrays],
) -> PictureCheck | None:
    """Returns how the board's camera, model and boxes agree with the PC's on the test frames; draws them.

    Args:
        folder: The export.
        board: Key of the board.
        exported: Manifest of the export.
        given: Frames, and the true boxes where they are known.
        got: What the board made of the frames; None = none were sent.
        reference: What the model gives on the PC for inputs, both by name.
    """
    if given.frames is None or got is None:
        return None
    pc = picture_check.twin(exported, given.frames, reference)
    if exported.boxes and given.targets is not None and given.targets.ndim == 3:
        drawn = board_pictures.write(
            folder, board, exported, given.frames, given.targets, pc.boxes, got.boxes
        )
        if drawn:
            console.say(f"pictures with boxes, truth, PC and {board}: {drawn}")
    return picture_check.check(pc, got)
