"""Which layer of a run costs how much when it is quantised, kept layer by layer."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit import console, files
from edgekit.errors import InputError
from edgekit.pipeline import data
from edgekit.pipeline.run_folder import RunFolder
from edgekit.report.base import from_json, load_json
from edgekit.report.sensitivity import LayerSensitivity, SensitivityRecord
from edgekit.training.examples import Examples
from edgekit.training.objective import Outputs
from edgekit.training.tasks import base as tasks

FILE = "sensitivity.json"
_NOISE_SHARE = 4  # of the metric's frames, one in so many calibration frames for the ratios
_SHOWN = 12


def sensitivity(run: RunFolder, frames: int = 200) -> dict[str, Any]:
    """Writes sensitivity.json, sensitivity.csv and plots/sensitivity.svg, and prints the table.

    The metric is measured on validation subjects, as what it says chooses a setting; SQNR on calibration
    subjects. What an earlier, cut run measured is kept.

    Args:
        run: A quantised run.
        frames: Validation frames of the metric; a quarter as many calibration frames for the ratios.

    Returns:
        Metrics of float, int8 and its simulation, and the layers that cost most.

    Raises:
        InputError: The run is not quantised, or its two models differ in operators.
    """
    from edgekit.training import plots
    from edgekit.training.evaluate import predict_int8
    from edgekit.training.quantize import to_float
    from edgekit.training.runtime import load_model
    from edgekit.training.sensitivity import Sensitivity, sqnr
    from edgekit.training.twin import Twin

    recipe = run.recipe
    task = tasks.of(recipe)
    run.need(run.tflite, f"quantize {run.path}")
    splits = data.examples(run)
    whole = splits("validation")
    extras = {name: values[:frames] for name, values in whole.extras.items()}
    validation = Examples(whole.x[:frames], whole.y[:frames], extras)
    x, noise_x = validation.x, splits("calibration").x[: max(1, frames // _NOISE_SHARE)]
    tflite = run.tflite.read_bytes()
    with run.stage("sensitivity"):
        with console.status("Reading both models"):
            exact = to_float(load_model(run.keras_model))
            twin = Twin(exact, tflite)

        def score(predict: Callable[[NDArray[np.float32]], Outputs]) -> float:
            return task.score(
                recipe, predict, lambda split: validation if split == "test" else splits(split)
            ).value

        measured = Sensitivity(twin, noise_x, score)
        key = files.sha256(exact + tflite + x.tobytes() + noise_x.tobytes())
        record = _kept(run, key)
        if record is None:
            simulated = measured.whole(measured.all, measured.all)
            clean = twin.runner().predict(noise_x)
            record = SensitivityRecord(
                key=key,
                metric=task.metric,
                higher_is_better=task.higher_is_better,
                frames=len(x),
                noise_frames=len(noise_x),
                scheme=recipe.quantize.label,
                float_metric=measured.whole()[0],
                int8_metric=score(lambda given: predict_int8(tflite, given).values),
                simulated_metric=simulated[0],
                int8_sqnr_db=sqnr(clean, predict_int8(tflite, noise_x).values),
                simulated_sqnr_db=simulated[1],
                total=len(twin.layers),
                layers=[],
            )
        with console.progress("Layers", record.total) as advance:
            for _ in record.layers:
                advance()
            for layer in measured.layers({layer.node for layer in record.layers}):
                record.layers.append(layer)
                _write(run, record)
                advance()
    files.write_text(run.path / "sensitivity.csv", _csv(record))
    plots.sensitivity(record, run.plots)
    _show(record)
    return record.model_dump(exclude={"key", "layers"}) | {
        "worst": [layer.model_dump() for layer in record.worst[:_SHOWN]]
    }


def _kept(run: RunFolder, key: str) -> SensitivityRecord | None:
    """Returns what an earlier run measured of the same models and frames."""
    path = run.path / FILE
    if not path.is_file():
        return None
    try:
        record: SensitivityRecord = from_json(SensitivityRecord, load_json(path), str(path))
    except InputError:
        return None  # damaged, or of another version: measured again
    return record if record.key == key else None


def _write(run: RunFolder, record: SensitivityRecord) -> None:
    files.write_json(run.path / FILE, {"schema": "edgekit.sensitivity/1", **record.to_json()})


def _csv(record: SensitivityRecord) -> str:
    text = io.StringIO()
    columns = list(LayerSensitivity.model_fields)
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for layer in record.layers:
        writer.writerow(layer.model_dump() | {"shape": "x".join(map(str, layer.shape))})
    return text.getvalue()


def _show(record: SensitivityRecord) -> None:
    metric, scheme = record.metric, record.scheme
    console.say(
        f"{metric} on {record.frames} validation frames: float {record.float_metric:.4f}, {scheme} "
        f"{record.int8_metric:.4f}, simulated {record.simulated_metric:.4f}; SQNR of the output "
        f"{_db(record.int8_sqnr_db)}, simulated {_db(record.simulated_sqnr_db)}"
    )
    columns = ["layer", "own", f"only it {scheme}", metric, "all but it", metric]
    if scheme == "int8":
        columns.append("it in int16")
    table = console.table(f"SQNR in dB: the {min(_SHOWN, len(record.layers))} layers that cost most", columns)
    for layer in record.worst[:_SHOWN]:
        row = [
            layer.label,
            _db(layer.own_sqnr_db),
            _db(layer.alone_sqnr_db),
            f"{layer.alone_metric:.4f}",
            _db(layer.spared_sqnr_db),
            f"{layer.spared_metric:.4f}",
        ]
        table.add_row(*row, *([_db(layer.wide_sqnr_db)] if scheme == "int8" else []))
    console.stdout().print(table)
    console.say("Own is of the layer's output, the others of the network's; more is better.")


def _db(value: float | None) -> str:
    return "exact" if value is None else f"{value:.1f}"
