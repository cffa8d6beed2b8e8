"""Several GPUs: weights are mirrored, each batch is split among them, gradients are summed.

Synchronous data parallelism by `tf.distribute.MirroredStrategy`. Which GPUs there are, CUDA_VISIBLE_DEVICES
says, and `use` how many of them count; with one, or none, all else here does nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from edgekit import console
from edgekit.errors import InputError

if TYPE_CHECKING:
    import keras

_HINT = (
    "CUDA_VISIBLE_DEVICES says which may be seen; TensorFlow with CUDA: pip install 'tensorflow[and-cuda]'"
)


def use(gpus: int | None) -> None:
    """Bounds the GPUs that this process trains on; before TensorFlow computes anything.

    Args:
        gpus: The first so many of those that TensorFlow sees, 0 = none; None = all.

    Raises:
        InputError: There are not so many.
    """
    if gpus is None:
        return
    from edgekit.training import runtime

    runtime.start(0)
    import tensorflow as tf

    found = tf.config.list_physical_devices("GPU")
    if gpus > len(found):
        raise InputError(
            where="--gpus", what="are more than TensorFlow sees", expected=f"at most {len(found)}",
            found=str(gpus), hint=_HINT,
        )  # fmt: skip
    tf.config.set_visible_devices(found[:gpus], "GPU")


def scope(devices: Sequence[str] = ()) -> AbstractContextManager[Any]:
    """Returns a context in which models are made, or loaded, that train on several devices.

    Args:
        devices: Names as TensorFlow has them; empty = all GPUs that it sees and may use.
    """
    import tensorflow as tf

    chosen = list(devices) or [device.name for device in tf.config.list_logical_devices("GPU")]
    if len(chosen) < 2:
        return nullcontext()
    console.say(f"training on {len(chosen)} devices: {', '.join(chosen)}")
    context: AbstractContextManager[Any] = _strategy(tuple(chosen)).scope()
    return context


@cache  # the collective operations of two strategies in one process get in each other's way
def _strategy(devices: tuple[str, ...]) -> Any:
    import tensorflow as tf

    return tf.distribute.MirroredStrategy(devices)


def train_on_batch(model: keras.Model, x: Any, y: Any, weights: Any) -> dict[str, float]:
    """Does one step of a compiled model; one made in `scope` computes an equal part on each device.

    A batch whose size the number of devices does not divide is computed whole on each, which gives the same.

    Args:
        model: Compiled.
        x, y, weights: As `keras.Model.train_on_batch` takes them.

    Returns:
        Loss and metrics by name.
    """
    devices = model.distribute_strategy.num_replicas_in_sync
    if devices == 1 or len(x) % devices:
        found: dict[str, float] = model.train_on_batch(x, y, weights, return_dict=True)
        return found
    if model.train_function is None:  # Keras builds its metrics by a batch that is whole
        model.test_on_batch(x, y, weights)
        model.make_train_function()
    model.reset_metrics()
    logs = model.train_function(iter([_split(model.distribute_strategy, (x, y, weights))]))
    return {name: float(value) for name, value in logs.items()}


def _split(strategy: Any, batch: Any) -> Any:
    from keras import tree

    def shared(array: Any) -> Any:
        parts = np.split(np.asarray(array), strategy.num_replicas_in_sync)
        return strategy.experimental_distribute_values_from_function(
            lambda context: parts[context.replica_id_in_sync_group]
        )

    return tree.map_structure(shared, batch)
