"""Trains on one device, then on two: a program of its own, as CPUs are divided before TensorFlow starts."""

import json
import sys
from pathlib import Path

from edgekit.recipes.base import TrainingConfig
from edgekit.training import checkpoint, devices, fit, qat, runtime
from edgekit.training.evaluate import predict_float
from edgekit.training.tasks.classification import cross_entropy

from . import tiny

CONFIG = TrainingConfig(epochs=2, batch_size=32, learning_rate=1e-2, weight_decay=1e-3, seed=3)


def trained(folder: Path, quantized: bool = False) -> dict:
    train, judged = tiny.bumps(96, seed=1), tiny.bumps(45, seed=2)
    classes = len(tiny.CLASSES)
    runtime.start(CONFIG.seed)
    import keras

    given = keras.Input((tiny.SAMPLES, 1))
    hidden = keras.layers.Dense(8, activation="relu")(keras.layers.Flatten()(given))
    model = keras.Model(given, keras.layers.Dense(classes)(hidden))
    if quantized:
        model = qat.quantize_aware(model, qat.QatConfig(quantize_after=2), judged.x)
    fitted = fit.fit(model, cross_entropy(CONFIG, classes, train), CONFIG, train, judged, folder)
    return {
        "history": fitted.history,
        "weights": [values.ravel().tolist() for values in checkpoint.values(model.variables)],
        "answers": predict_float(model, judged.x)["output"].tolist(),
    }


def main(folder: Path) -> None:
    runtime.start(0)
    import tensorflow as tf

    (cpu,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    made = {"one": trained(folder / "one")}
    for name in ("two", "rounded"):
        with devices.scope(("CPU:0", "CPU:1")):
            made[name] = trained(folder / name, quantized=name == "rounded")
    (folder / "made.json").write_text(json.dumps(made))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
