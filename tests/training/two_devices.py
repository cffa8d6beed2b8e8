"""Trains on one device, then on two: a program of its own, as CPUs are divided before TensorFlow starts."""

import json
import sys
from pathlib import Path

from edgekit.recipes.base import TrainingConfig
from edgekit.training import checkpoint, devices, fit, qat, runtime
from edgekit.training.evaluate import predict_float
from edgekit.training.objective import Objective
from edgekit.training.tasks.classification import cross_entropy

from . import tiny

CONFIG = TrainingConfig(epochs=2, batch_size=32, learning_rate=1e-2, weight_decay=1e-3, seed=3)


def trained(folder: Path, quantized: bool = False, heads: bool = False, stop: int = 0) -> dict:
    train, judged = tiny.bumps(96, seed=1), tiny.bumps(45, seed=2)
    classes = len(tiny.CLASSES)
    runtime.start(CONFIG.seed)
    import keras

    given = keras.Input((tiny.SAMPLES, 1), name="given")
    flat = keras.layers.Flatten(name="flat")(given)
    hidden = keras.layers.Dense(8, activation="relu", name="hidden")(flat)
    logits = keras.layers.Dense(classes, name="logits")(hidden)
    model = keras.Model(given, {"hidden": hidden, "logits": logits} if heads else logits, name="tiny")
    if quantized:
        model = qat.quantize_aware(model, qat.QatConfig(quantize_after=2), judged.x)
    objective = cross_entropy(CONFIG, classes, train)
    if heads:  # as an embedding: one output follows something, the other does not train
        model.get_layer("logits").trainable = False
        objective = Objective(
            loss={"hidden": keras.losses.MeanSquaredError(), "logits": None},
            targets=lambda examples: {"hidden": examples.x[:, ::6, 0]},
        )

    def before_epoch(number: int) -> None:
        if stop and number > stop:
            raise KeyboardInterrupt

    fitted = fit.fit(model, objective, CONFIG, train, judged, folder, before_epoch)
    return {
        "history": fitted.history,
        "resumed": fitted.resumed_after,
        "weights": [values.ravel().tolist() for values in checkpoint.values(model.variables)],
        "answers": {name: values.tolist() for name, values in predict_float(model, judged.x).items()},
    }


def main(folder: Path) -> None:
    runtime.start(0)
    import tensorflow as tf

    (cpu,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    made = {"one": trained(folder / "one"), "heads, one": trained(folder / "heads-one", heads=True)}
    with devices.scope(("CPU:0", "CPU:1")):
        made["two"] = trained(folder / "two")
        made["rounded"] = trained(folder / "rounded", quantized=True)
        made["heads, two"] = trained(folder / "heads-two", heads=True)
        try:
            trained(folder / "cut", stop=1)
        except KeyboardInterrupt:
            made["cut, then one"] = {}
    made["cut, then one"] |= trained(folder / "cut")
    (folder / "made.json").write_text(json.dumps(made))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
