"""Predictions of the float and of the quantised model, and what they are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgekit import reference
from edgekit.errors import InputError
from edgekit.quant import dequantize, quantize
from edgekit.reference import ReferenceResult
from edgekit.report.folder import ClassScores, Scores, Threshold
from edgekit.training.objective import Outputs, named

if TYPE_CHECKING:
    import keras

_MOST_EXAMPLES, _MOST_VALUES = 512, 1 << 22  # of a batch


@dataclass(frozen=True, slots=True)
class Int8Prediction:
    """What the PC reference computed on quantised examples.

    Args:
        inputs: int8 or int16 [n, *input_shape], as the board gets them.
        outputs: By name, [n, ...] of the tensor's type, as the board must answer.
        values: `outputs` dequantised.
        reference: Runtime, version and kernels, for the record.
    """

    inputs: NDArray[Any]
    outputs: Mapping[str, NDArray[Any]]
    values: Outputs
    reference: ReferenceResult


def batch_size(x: NDArray[Any]) -> int:
    """Returns how many examples are judged at a time, so that a network's activations stay within memory.

    Args:
        x: [n, *input_shape]; n > 0.
    """
    return max(1, min(_MOST_EXAMPLES, _MOST_VALUES // max(1, int(x[0].size))))


def predict_float(model: keras.Model, x: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Returns the float model's outputs by name; the only output of a model is called "output".

    Args:
        model: Any.
        x: float32 [n, *input_shape].
    """
    size = batch_size(x)
    chunks = [x[start : start + size] for start in range(0, len(x), size)]
    parts = [named(model.predict_on_batch(chunk), model.output_names) for chunk in chunks]
    return {
        # of several devices each has computed the whole chunk
        name: np.concatenate(
            [part[name][: len(chunk)] for part, chunk in zip(parts, chunks, strict=True)]
        ).astype(np.float32)
        for name in parts[0]
    }


def predict_int8(model: bytes, x: NDArray[np.float32]) -> Int8Prediction:
    """Returns the quantised model's answers, computed with LiteRT's reference kernels.

    Args:
        model: A .tflite with one input, all of its borders int8 or int16.
        x: float32 [n, *input_shape]; quantised to nearest and clipped, as the generated C does.

    Raises:
        InputError: The model is not of that kind or the examples do not fit it.
        OracleFailed, EnvironmentFailed: As `edgekit.reference.run`.
    """
    given, made = _borders(model)
    inputs = quantize(x, given.scale, given.zero_point, given.dtype)
    result = reference.run(model, [inputs])
    values = {
        name: np.asarray(dequantize(outputs, border.scale, border.zero_point), np.float32)
        for (name, outputs), border in zip(result.outputs.items(), made, strict=True)
    }
    return Int8Prediction(inputs, result.outputs, values, result)


def scores(
    y: NDArray[np.int64],
    logits: NDArray[np.float32],
    classes: Sequence[str],
    threshold: float,
    name: str = "",
) -> Scores:
    """Returns accuracy, F1, confusion, and what a confidence threshold changes.

    Confidence is the largest softmax probability. Precision or recall of a class that was never predicted or
    never occurs is None.

    Args:
        y: int64 [n], true classes.
        logits: float32 [n, classes].
        classes: Their names.
        threshold: Frames of lower confidence are left undecided.
        name: Of the method, for the report.
    """
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    predicted = logits.argmax(axis=1)
    numbers = list(range(len(classes)))
    precision, recall, f1, support = precision_recall_fscore_support(
        y, predicted, labels=numbers, zero_division=np.nan
    )
    kept = softmax(logits).max(axis=1) >= threshold
    return Scores(
        name=name,
        n=len(y),
        accuracy=float((predicted == y).mean()),
        macro_f1=_number(np.nanmean(f1)) if not np.isnan(f1).all() else None,
        per_class={
            label: ClassScores(
                precision=_number(precision[i]),
                recall=_number(recall[i]),
                f1=_number(f1[i]),
                support=int(support[i]),
            )
            for i, label in enumerate(classes)
        },
        confusion=confusion_matrix(y, predicted, labels=numbers).tolist(),
        threshold=Threshold(
            value=threshold,
            accuracy=float((predicted == y)[kept].mean()) if kept.any() else None,
            kept=int(kept.sum()),
            dropped=int((~kept).sum()),
            dropped_share=float((~kept).mean()),
        ),
    )


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Returns float64 [n, classes] probabilities."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


class _Border(NamedTuple):
    scale: float
    zero_point: int
    dtype: np.dtype[np.integer]


def _borders(model: bytes) -> tuple[_Border, list[_Border]]:
    """Returns the quantisation of the only input and of each output."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    try:
        interpreter = Interpreter(
            model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF
        )
    except ValueError as error:
        raise InputError(where="model", what=f"is not a .tflite: {str(error).splitlines()[0]}") from error
    inputs: list[dict[str, Any]] = interpreter.get_input_details()
    outputs: list[dict[str, Any]] = interpreter.get_output_details()
    for side, tensors, count in (("one input", inputs, 1), ("outputs", outputs, len(outputs))):
        if len(tensors) != count or any(t["dtype"] not in (np.int8, np.int16) for t in tensors):
            found = ", ".join(np.dtype(t["dtype"]).name for t in tensors)
            raise InputError(where="model", what=f"needs {side}", expected="int8 or int16", found=found)
    borders = [
        _Border(float(t["quantization"][0]), int(t["quantization"][1]), np.dtype(t["dtype"]))
        for t in (*inputs, *outputs)
    ]
    return borders[0], borders[1:]


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
