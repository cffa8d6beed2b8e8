"""Stage 3: the float model becomes INT8 or 16x8, within the recipe's budget."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit import console, files
from edgekit.compiler.export import interface
from edgekit.pipeline import data
from edgekit.pipeline.run_folder import RunFolder
from edgekit.pipeline.vectors import Vectors
from edgekit.training.objective import Outputs
from edgekit.training.tasks import base as tasks


def quantize(run: RunFolder, again: bool = False, *, enforce: bool = True) -> dict[str, Any]:
    """Writes model.tflite and vectors.npz, unless they are there.

    Calibration uses the calibration subjects only; the budget is checked on the test subjects, which
    neither training nor calibration has seen.

    Args:
        run: A run whose float model is trained.
        again: Do it even if it is done.
        enforce: Whether to refuse a model that loses more than the recipe allows.

    Returns:
        The task's metric on the test split, and the model's size.

    Raises:
        CheckFailed: The quantised model is further from float than the recipe allows; nothing is written.
    """
    if run.tflite.is_file() and run.vectors.is_file() and not again:
        return {}
    from edgekit.training import evaluate
    from edgekit.training.quantize import check_drop, to_int8
    from edgekit.training.runtime import load_model

    recipe = run.recipe
    task = tasks.of(recipe)
    run.need(run.keras_model, f"train {recipe.name}")
    splits = data.examples(run)
    test = splits("test")
    with run.stage("quantize"), console.status(f"Quantising to {recipe.quantize.label}"):
        model = load_model(run.keras_model)
        tflite = to_int8(model, splits("calibration").x, recipe.quantize)
        predicted = evaluate.predict_int8(tflite, test.x)

        def int8(x: NDArray[np.float32]) -> Outputs:
            return predicted.values if x is test.x else evaluate.predict_int8(tflite, x).values

        predict = partial(evaluate.predict_float, model)
        exact = task.score(recipe, predict, splits)
        values = {"float": exact.value, "int8": task.score(recipe, int8, splits).value}
    console.say(
        f"Quantised: {task.metric} on {exact.n} frames of test subjects: "
        f"float {values['float']:.4f}, {recipe.quantize.label} {values['int8']:.4f}"
    )
    if enforce:
        reference = run.noted().get("float_reference", values["float"])
        check_drop(reference, values["int8"], recipe.quantize, task.metric, task.higher_is_better)
    inputs, outputs = interface(tflite, run.tflite.name)
    made = dict(zip((tensor.name for tensor in outputs), predicted.outputs.values(), strict=True))
    targets = task.vector_targets(recipe, predict, splits)
    vectors = Vectors({inputs[0].name: predicted.inputs}, made, test.y, targets)
    files.write_bytes(run.vectors, vectors.to_npz())
    files.write_bytes(run.tflite, tflite)
    run.note(model_sha256=files.sha256(tflite), model_bytes=len(tflite))
    return {task.metric: values, "model_bytes": len(tflite)}
