"""Conversion to full INT8 or 16x8 with a fixed batch of 1, and its budget.

Ranges come from calibration (post-training quantisation), or from training where the model was in
quantisation-aware training.

Scheme: Jacob et al., arXiv:1712.05877, and TensorFlow Lite's 8-bit specification: int8 activations per
tensor, int8 weights per output channel, int32 biases. 16x8 has int16 activations whose zero point is 0, and
int64 biases.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from edgekit import console
from edgekit.errors import CheckFailed, InputError, Problem
from edgekit.recipes.base import QuantizeConfig
from edgekit.training import bias_correction, layer_norm, mixing, qat, runtime
from edgekit.training.objective import named

if TYPE_CHECKING:
    import keras

_DYNAMIC = frozenset({"SHAPE", "STRIDED_SLICE", "PACK"})  # what a batch of unknown size leaves behind
# The converter dequantises around a SPLIT whose parts have scales of their own.
_MOVES = frozenset({"DEQUANTIZE", "SPLIT", "SPLIT_V", "QUANTIZE"})

_NAME_FIELD = 10  # of a Tensor in the file's vtable: shape 4, type 6, buffer 8, name 10


def to_int8(model: keras.Model, calibration: NDArray[np.float32], config: QuantizeConfig) -> bytes:
    """Returns `model` as an INT8 or 16x8 .tflite; the same weights and examples give the same bytes.

    Args:
        model: One input; its outputs keep their names, and a single one is called "output".
        calibration: float32 [n, *input_shape] of subjects that are in no other split; the first
            `config.calibration_frames` of them set the activations' ranges, unless training has set them.
        config: The recipe's quantize section.

    Raises:
        InputError: The examples do not fit the model, a layer cannot be converted, or 16x8 is asked for and
            training was for int8.
        CheckFailed: Operators are left that are not quantised or depend on the batch size.
    """
    shape = model.input_shape[1:]
    if calibration.shape[1:] != shape or not len(calibration) or not np.isfinite(calibration).all():
        raise InputError(
            where="split 'calibration'", what="does not fit the model",
            expected=f"one or more finite examples of shape {shape}", found=str(calibration.shape),
        )  # fmt: skip
    if config.label != "int8" and qat.is_quantize_aware(model):
        raise InputError(
            where="quantize", what="the model was trained for int8", expected="int8",
            found=config.label, hint="quantize the float model that it came from",
        )  # fmt: skip
    chosen = calibration[: config.calibration_frames].astype(np.float32)
    try:
        with runtime.native_output_hidden(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = _convert(model, chosen, config)
            if mixed := config.label == "mixed":
                # what has no 16x8 form stays in float here, and is taken from the int8 file
                wide = _convert(
                    model, chosen, config.model_copy(update={"activations": "int16"}), floats=True
                )
    except Exception as error:  # the converter raises whatever its passes raise
        raise InputError(
            where=f"model '{model.name}'",
            what=f"cannot be converted: {_first_line(error)}",
            hint="quantize.activations=int8, or another layer in its place" if config.label != "int8" else "",
        ) from error
    if mixed:
        data = mixing.mix(to_float(model), data, wide, config.int16_layers)
    if config.bias_correction:
        if qat.is_quantize_aware(model):
            console.say("Bias correction: none, as training has seen the rounding")
        else:
            corrected = bias_correction.correct(to_float(model), data, chosen)
            console.say(str(corrected))
            data = corrected.data
    check_int8(data, model.name)
    return data


def to_float(model: keras.Model) -> bytes:
    """Returns `model` as a float .tflite, whose operators are those of the quantised one.

    Raises:
        InputError: A layer cannot be converted, or training was with rounding, so that there is no such file.
    """
    if qat.is_quantize_aware(model):
        raise InputError(
            where=f"model '{model.name}'",
            what="was trained quantisation-aware and has no float twin",
            hint="give the run that it came from",
        )
    try:
        with runtime.native_output_hidden(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data: bytes = _converter(model)[0].convert()
    except Exception as error:  # the converter raises whatever its passes raise
        raise InputError(
            where=f"model '{model.name}'", what=f"cannot be converted: {_first_line(error)}"
        ) from error
    return data


def check_int8(data: bytes, name: str) -> None:
    """Checks that a converted model is quantised throughout and has a fixed batch.

    Args:
        data: The .tflite.
        name: Of the model, for messages.

    Raises:
        CheckFailed: Lists every operator that is not.
    """
    problems = []
    for place, op, dtypes in _operators(data):
        if op in _DYNAMIC and not dtypes & {"INT8", "INT16"}:  # of shapes, not of activations
            problems.append(
                Problem(f"{name}: {place}", "depends on the batch size", hint="build it on a fixed shape")
            )
        floats = sorted(t for t in dtypes if t.startswith("FLOAT"))
        if floats and op not in _MOVES:
            problems.append(Problem(f"{name}: {place}", "is not quantised", "integers", ", ".join(floats)))
    if problems:
        raise CheckFailed(problems)


def check_drop(
    value_float: float,
    value_quantized: float,
    config: QuantizeConfig,
    metric: str = "accuracy",
    higher_is_better: bool = True,
) -> None:
    """Checks what quantisation cost against the recipe's budget.

    Args:
        value_float, value_quantized: The task's metric on the same test examples.
        config: The recipe's quantize section.
        metric: Its name.
        higher_is_better: Its direction.

    Raises:
        CheckFailed: The quantised model is more than `config.max_metric_drop` below float.
    """
    sign = 1 if higher_is_better else -1
    drop = sign * (value_float - value_quantized)
    if drop > config.max_metric_drop + 1e-12:
        bound = value_float - sign * config.max_metric_drop
        raise CheckFailed(
            where="quantize.max_metric_drop",
            what=f"{config.label} {metric} is {drop:.4f} {'below' if higher_is_better else 'above'} float",
            expected=f"at {'least' if higher_is_better else 'most'} {bound:.4f} (float {value_float:.4f})",
            found=f"{value_quantized:.4f}",
            hint="more calibration frames, longer training with weight decay, a larger budget"
            + (", or quantize.activations=int16" if config.activations == "int8" else ""),
        )


def _is_wide(config: QuantizeConfig) -> bool:
    return config.activations == "int16"


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def _converter(model: keras.Model) -> tuple[Any, list[str]]:
    """Returns the converter of a model with a fixed batch of 1, and its outputs' names."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    # Keras 3 variables are invisible to the converter's own freezing, so the graph is frozen first.
    spec = tf.TensorSpec((1, *model.input_shape[1:]), tf.float32, name=model.inputs[0].name)
    names: list[str] = []

    def outputs(x: Any) -> list[Any]:
        made = named(model(x, training=False), model.output_names)
        names[:] = made
        return [tf.identity(value, name) for name, value in made.items()]

    function = tf.function(outputs, input_signature=[spec])
    trained = qat.exporting() if qat.is_quantize_aware(model) else nullcontext()
    with trained, layer_norm.without_negation():
        frozen = convert_variables_to_constants_v2(function.get_concrete_function())
    # tf.function puts an "Identity" behind each output, whose name the converter would keep.
    frozen = frozen.prune(frozen.inputs, [frozen.graph.get_tensor_by_name(f"{name}:0") for name in names])
    return tf.lite.TFLiteConverter.from_concrete_functions([frozen]), names


def _convert(
    model: keras.Model, calibration: NDArray[np.float32], config: QuantizeConfig, floats: bool = False
) -> bytes:
    import tensorflow as tf

    converter, names = _converter(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    sets, wide = tf.lite.OpsSet, _is_wide(config)
    if not qat.is_quantize_aware(model):  # else the ranges are in the graph
        converter.representative_dataset = lambda: ([example[None]] for example in calibration)
        converter.target_spec.supported_ops = [
            sets.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
            if wide
            else sets.TFLITE_BUILTINS_INT8
        ]
        if floats:
            converter.target_spec.supported_ops += [sets.TFLITE_BUILTINS]
    converter.inference_input_type = converter.inference_output_type = tf.int16 if wide else tf.int8
    return _with_names(converter.convert(), names)


def _with_names(data: bytes, names: Sequence[str]) -> bytes:
    """Returns a converted model whose outputs bear these names.

    Where ranges were trained, the converter names an output after its fake quantisation. The name is written
    over that one, which is longer: nothing in the file moves.
    """
    from ai_edge_litert import schema_py_generated as schema

    changed = bytearray(data)
    graph = schema.Model.GetRootAs(data, 0).Subgraphs(0)
    for position, name in enumerate(names):
        table = graph.Tensors(graph.Outputs(position))._tab
        place = table.Indirect(table.Pos + table.Offset(_NAME_FIELD))
        length, new = int.from_bytes(data[place : place + 4], "little"), name.encode()
        if len(new) <= length:
            changed[place : place + 4] = len(new).to_bytes(4, "little")
            changed[place + 4 : place + 4 + length] = new.ljust(length, b"\0")
    return bytes(changed)


def _operators(data: bytes) -> Iterator[tuple[str, str, set[str]]]:
    """Yields place, builtin name and element types of every operator that depends on an input.

    What depends on constants alone, as the first step of a recurrent layer does, is computed at export.
    """
    from ai_edge_litert import schema_py_generated as schema

    ops = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}
    types = {code: name for name, code in vars(schema.TensorType).items() if isinstance(code, int)}
    model: Any = schema.ModelT.InitFromPackedBuf(data, 0)
    for graph in model.subgraphs:
        fixed = {i for i, tensor in enumerate(graph.tensors) if model.buffers[tensor.buffer].data is not None}
        for index, operator in enumerate(graph.operators):
            if len(operator.inputs) and fixed.issuperset(i for i in operator.inputs if i >= 0):
                fixed.update(operator.outputs)
                continue
            code = model.operatorCodes[operator.opcodeIndex]
            op = ops[max(code.builtinCode, code.deprecatedBuiltinCode)]
            used = [graph.tensors[i] for i in (*operator.inputs, *operator.outputs) if i >= 0]
            name = graph.tensors[operator.outputs[0]].name.decode() if len(operator.outputs) else ""
            yield f"{index}: {op} '{name}'", op, {types[tensor.type] for tensor in used}
