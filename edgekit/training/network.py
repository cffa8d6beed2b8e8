"""Walks the graph of a Keras model: every call of a layer or operation, in order of computation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edgekit.errors import InputError

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One use of a layer or operation; a shared layer has several.

    Args:
        op: A `keras.layers.Layer`, or an operation such as `keras.ops.add` leaves behind.
        inputs: Tensors that it reads, in the order of its arguments.
        constants: Its other arguments, flat.
        outputs: Tensors that it makes.
    """

    op: Any
    inputs: list[keras.KerasTensor]
    constants: list[Any]
    outputs: list[keras.KerasTensor]

    @property
    def kind(self) -> str:
        """Name of the class where Keras itself defines it, else an empty string: others may mean anything."""
        cls = type(self.op)
        return cls.__name__ if cls.__module__.startswith("keras.") else ""


def functional(model: keras.Model) -> keras.Model:
    """Returns `model` as a functional one over the same layers.

    Args:
        model: Functional or sequential, built.

    Raises:
        InputError: It is neither, so its graph cannot be seen.
    """
    import keras

    if isinstance(model, keras.Sequential) and model.built:
        return keras.Model(model.inputs, model.outputs, name=model.name)
    if not hasattr(model, "_nodes_by_depth"):
        raise InputError(
            where=f"model '{model.name}'", what="its graph cannot be seen",
            expected="a functional or built sequential Keras model", found=type(model).__name__,
        )  # fmt: skip
    return model


def calls(model: keras.Model) -> list[Call]:
    """Returns the calls of a functional model, each after those that it depends on; inputs are left out."""
    import keras

    found = []
    for _, nodes in sorted(model._nodes_by_depth.items(), reverse=True):
        for node in nodes:
            if node.is_input:
                continue
            leaves = keras.tree.flatten((node.arguments.args, node.arguments.kwargs))
            tensors = [leaf for leaf in leaves if isinstance(leaf, keras.KerasTensor)]
            constants = [leaf for leaf in leaves if not isinstance(leaf, keras.KerasTensor)]
            found.append(Call(node.operation, tensors, constants, list(node.outputs)))
    return found


def rebuilt(
    model: keras.Model, replace: Callable[[Any], Any], call: Callable[..., Any] | None = None
) -> keras.Model:
    """Returns a model of the same graph and names whose layers are others; its weights are not set.

    Args:
        model: Functional.
        replace: From a layer or operation to what stands in its place; asked once for a shared layer.
        call: From a new layer and its arguments to its outputs; None = calls the layer.
    """
    import keras

    inputs = keras.tree.map_structure(
        lambda x: keras.Input(batch_shape=x.shape, dtype=x.dtype, name=x._keras_history.operation.name),
        model.input,
    )
    return keras.models.clone_model(model, inputs, replace, call)
