"""Starts TensorFlow quietly, seeded and deterministic."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edgekit.errors import EnvironmentFailed, InputError


def start(seed: int) -> None:
    """Imports TensorFlow and Keras and makes what follows repeatable.

    Threads follow the machine. The same seed on the same machine gives the same bits; another number of
    cores or another TensorFlow may sum in another order.

    Args:
        seed: Of Python's, NumPy's and TensorFlow's generators, and so of initial weights.

    Raises:
        EnvironmentFailed: TensorFlow is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        with native_output_hidden():
            import keras
            import tensorflow as tf
    except ModuleNotFoundError as error:
        raise EnvironmentFailed(
            where="training",
            what=f"needs the package '{error.name}', which is not installed",
            hint="pip install 'edgekit[train]'",
        ) from error
    tf.get_logger().setLevel("ERROR")
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


@contextmanager
def native_output_hidden() -> Iterator[None]:
    """Hides what native code writes to stderr and stdout in the block; shows it if the block fails.

    TensorFlow's log level does not reach what it writes before its logger is set up, nor its converter.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    with tempfile.TemporaryFile() as sink:
        kept = [(number, os.dup(number)) for number in (1, 2)]
        for number, _ in kept:
            os.dup2(sink.fileno(), number)
        failed = True
        try:
            yield
            failed = False
        finally:
            for number, copy in kept:
                os.dup2(copy, number)
                os.close(copy)
            if failed:
                sink.seek(0)
                sys.stderr.write(sink.read().decode(errors="replace"))


def build_model(
    name: str, params: dict[str, Any], input_shape: tuple[int, ...], classes: int, seed: int
) -> Any:
    """Returns the untrained `keras.Model` that a recipe names; its weights are a function of `seed`.

    Args:
        name: Registry key of the architecture.
        params: Its parameters.
        input_shape: Extents of one example, without batch.
        classes: Number of classes.
        seed: Of the initial weights.

    Raises:
        InputError: Unknown architecture or parameters.
        EnvironmentFailed: TensorFlow is not installed.
    """
    from edgekit.models import base

    base.REGISTRY.get(name).parse(params)  # say what is wrong before TensorFlow's slow start
    start(seed)
    return base.build(name, params, input_shape, classes)


def load_model(path: Path) -> Any:
    """Returns a trained `keras.Model`.

    Args:
        path: A .keras file.

    Raises:
        InputError: The file is damaged.
        EnvironmentFailed: TensorFlow is not installed.
    """
    start(0)
    import keras

    import edgekit.training.qat.layers  # noqa: F401 - registers layers that the file may hold

    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises whatever its parts raise
        raise InputError(
            where=str(path), what=f"cannot be read: {str(error).splitlines()[0][:200]}", hint="train again"
        ) from error
