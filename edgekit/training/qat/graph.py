"""Rebuilds functional Keras models call by call."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from edgekit.training.network import functional

if TYPE_CHECKING:
    import keras

# Takes a call (a Keras node) and its new arguments, gives its new outputs.
Visit = Callable[[Any, tuple[Any, ...], dict[str, Any]], Any]


def calls(model: keras.Model) -> list[Any]:
    """Returns the calls of a functional model (Keras nodes) in an order in which they can be computed."""
    by_depth = model._nodes_by_depth
    return [node for depth in sorted(by_depth, reverse=True) for node in by_depth[depth] if not node.is_input]


def rebuild(
    model: keras.Model, visit: Visit, enter: Callable[[Any, Any], Any] = lambda old, new: new
) -> keras.Model:
    """Returns a model of the same inputs and outputs whose calls are made by `visit`.

    Several outputs become a mapping by their names.

    Args:
        model: Functional.
        visit: Makes each call anew; layers it calls become part of the new model.
        enter: Takes an input of the old model and that of the new, gives what takes its place.
    """
    import keras

    inputs = [
        keras.Input(batch_shape=x.shape, dtype=x.dtype, name=x._keras_history.operation.name)
        for x in model.inputs
    ]
    entered = [enter(old, new) for old, new in zip(model.inputs, inputs, strict=True)]
    outputs = _run(model, entered, visit)
    given = model.output
    names = sorted(given) if isinstance(given, dict) else model.output_names
    made = dict(sorted(zip(names, outputs, strict=True))) if len(outputs) > 1 else outputs[0]
    return keras.Model(_single(inputs), made, name=model.name)


def flat_copy(model: keras.Model) -> keras.Model:
    """Returns a functional copy with weights of its own; models within it are replaced by their layers.

    Args:
        model: Functional or Sequential.

    Raises:
        InputError: A subclassed model, or one within it: it has no graph to read.
    """
    import keras

    copies: dict[int, Any] = {}
    names: set[str] = set()

    def visitor(prefix: str) -> Visit:
        def visit(node: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            op = node.operation
            if isinstance(op, keras.Model):
                return _single(_run(functional(op), keras.tree.flatten(args), visitor(f"{op.name}_")))
            if not isinstance(op, keras.Layer):
                return op(*args, **kwargs)
            first = id(op) not in copies
            if first:
                name = op.name if op.name not in names else prefix + op.name
                names.add(name)
                copies[id(op)] = type(op).from_config({**op.get_config(), "name": name})
            made = copies[id(op)]
            outputs = made(*args, **kwargs)
            if first:
                made.set_weights(op.get_weights())
            return outputs

        return visit

    return rebuild(functional(model), visitor(""))


def _run(model: keras.Model, inputs: list[Any], visit: Visit) -> list[Any]:
    import keras

    tensors = {id(old): new for old, new in zip(model.inputs, inputs, strict=True)}
    for node in calls(model):
        args, kwargs = node.arguments.fill_in(tensors)
        outputs = keras.tree.flatten(visit(node, args, kwargs))
        tensors |= {id(old): new for old, new in zip(node.outputs, outputs, strict=True)}
    return [tensors[id(x)] for x in model.outputs]


def _single(outputs: list[Any]) -> Any:
    return outputs if len(outputs) > 1 else outputs[0]
