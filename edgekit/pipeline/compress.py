"""Stage 3: the float model becomes INT8 or 16x8, within the recipe's budget."""

from __future__ import annotations

from typing import Any

from edgekit import console, files
from edgekit.compiler.export import interface
from edgekit.pipeline import data
from edgekit.pipeline.run_folder import RunFolder
from edgekit.pipeline.vectors import Vectors


def quantize(run: RunFolder, again: bool = False) -> dict[str, Any]:
    """Writes model.tflite and vectors.npz, unless they are there.

    Calibration uses the calibration subjects only; the budget is checked on the test subjects, which
    neither training nor calibration has seen.

    Args:
        run: A run whose float model is trained.
        again: Do it even if it is done.

    Returns:
        Accuracies on the test split, and the model's size.

    Raises:
        CheckFailed: The accuracy is further below float than the recipe allows; nothing is written.
    """
    if run.tflite.is_file() and run.vectors.is_file() and not again:
        return {}
    from edgekit.training import evaluate
    from edgekit.training.quantize import check_drop, to_int8
    from edgekit.training.runtime import load_model

    recipe = run.recipe
    run.need(run.keras_model, f"train {recipe.name}")
    calibration, test = (data.load(run, split) for split in ("calibration", "test"))
    with run.stage("quantize"), console.status(f"Quantising to {recipe.quantize.label}"):
        model = load_model(run.keras_model)
        tflite = to_int8(model, calibration.x, recipe.quantize)
        predicted = evaluate.predict_int8(tflite, test.x)
        accuracy = {
            "float": float((evaluate.predict_float(model, test.x).argmax(axis=1) == test.y).mean()),
            "int8": float((predicted.logits.argmax(axis=1) == test.y).mean()),
        }
    console.say(
        f"Quantised: accuracy on {len(test.y)} test frames: "
        f"float {accuracy['float']:.4f}, {recipe.quantize.label} {accuracy['int8']:.4f}"
    )
    check_drop(accuracy["float"], accuracy["int8"], recipe.quantize)
    inputs, outputs = interface(tflite, run.tflite.name)
    vectors = Vectors({inputs[0].name: predicted.inputs}, {outputs[0].name: predicted.outputs}, test.y)
    files.write_bytes(run.vectors, vectors.to_npz())
    files.write_bytes(run.tflite, tflite)
    run.note(model_sha256=files.sha256(tflite), model_bytes=len(tflite))
    return {"accuracy": accuracy, "model_bytes": len(tflite)}
