"""UNIDIRECTIONAL_SEQUENCE_LSTM."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import Constant, KernelCall, Lowered, Operator, Option, Param, Ref, Target
from edgekit.compiler.ops.common import fixedpoint
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem
from edgekit.quant import quantize_multiplier

_GATES = ("input", "forget", "cell", "output")
_TANH = 4  # schema.fbs, ActivationFunctionType
_INPUTS = 24
_WEIGHTS, _RECURRENT, _BIASES = 1, 5, 12  # first of four inputs each
_ABSENT = (9, 10, 11, 16, 17, 20, 21, 22, 23)  # peepholes, projection, layer normalisation
_HIDDEN, _CELL = 18, 19
_INTERMEDIATE = 4  # the hidden value's quantisation, as LiteRT takes it
_GATE_SCALE = 2.0**-12
_PRODUCT_SCALE = 2.0**-30  # of two values below 1


class UnidirectionalSequenceLstm(Operator):
    """A long short-term memory over a sequence; output and cell are kept from one invocation to the next."""

    name = "UNIDIRECTIONAL_SEQUENCE_LSTM"
    code = 44
    options_type = 71
    options = (
        Option("fused_activation_function", 0, "int8"),
        Option("cell_clip", 1, "float32", 0.0),
        Option("proj_clip", 2, "float32", 0.0),
        Option("time_major", 3, "bool", False),
        Option("asymmetric_quantize_inputs", 4, "bool", False),
        Option("diagonal_recurrent_tensors", 5, "bool", False),
    )
    limits = (
        "constant weights and biases; TANH; a cell of int16 with a scale of 2^-15 to 2^-9; no peepholes, "
        "projection, layer normalisation or coupled gates"
    )
    keeps_state = True
    notes = (
        "litert: gemmlowp's fixed point in 16 bit; tflm: interpolated tables, and products that are rounded "
        "twice"
    )

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        self._check(checks)
        return iter(checks.problems)

    def _check(self, checks: Checks) -> bool:
        node = checks.node
        inputs = node.inputs
        needed = [i for i in range(_INPUTS) if i not in _ABSENT]
        present = len(inputs) in (20, _INPUTS) and all(inputs[i] is not None for i in needed if i < 20)
        if not checks.require(
            present
            and all(i >= len(inputs) or inputs[i] is None for i in _ABSENT)
            and len(node.outputs) == 1,
            "is not a plain LSTM",
            "input, four weights, four recurrent weights, four biases and two states; 1 output",
            f"{sum(tensor is not None for tensor in inputs)} of {len(inputs)} inputs",
            "use an LSTM without peepholes, projection, layer normalisation and coupled gates",
        ):
            return False
        data, hidden, cell, output = _tensors(node)
        options = node.options
        return (
            checks.activations(data, output)
            and checks.quantized(hidden, "int8")
            and checks.quantized(cell, "int16")
            and checks.require(
                options["fused_activation_function"] == _TANH and not options["diagonal_recurrent_tensors"],
                "has an activation or recurrence that is not supported",
                "TANH, full recurrent weights",
            )
            and checks.require(
                hidden.variable and cell.variable,
                "its states are not variables",
                hint="convert the model again",
            )
            and self._shapes(checks)
            and self._scales(checks)
        )

    def _shapes(self, checks: Checks) -> bool:
        node = checks.node
        data, hidden, cell, output = _tensors(node)
        held = checks.require(
            len(data.shape) == len(output.shape) == 3 and data.shape[:2] == output.shape[:2],
            "the shapes of its input and output do not match",
            "[batch, time, inputs] -> [batch, time, units]",
            f"{list(data.shape)} -> {list(output.shape)}",
        )
        if not held:
            return False
        batch, units = data.shape[1 if node.options["time_major"] else 0], output.shape[2]
        held = checks.require(
            hidden.shape == cell.shape == (batch, units),
            "its states have a wrong shape",
            f"[{batch}, {units}]",
            f"{list(hidden.shape)}, {list(cell.shape)}",
        )
        for gate in range(len(_GATES)):
            weights, recurrent, bias = _gate(node, gate)
            held = (
                checks.weights(weights, 2, units, 0)
                and checks.weights(recurrent, 2, units, 0)
                and checks.require(
                    weights.shape == (units, data.shape[2])
                    and recurrent.shape == (units, units)
                    and len(weights.q.scales) == len(recurrent.q.scales) == 1,
                    "its weights have a wrong shape, or one scale per channel",
                    f"[{units}, {data.shape[2]}] and [{units}, {units}], one scale each",
                    f"{list(weights.shape)} and {list(recurrent.shape)}",
                )
                and checks.require(
                    bias.constant and bias.dtype == np.int32 and bias.elements == units,
                    f"bias '{bias.name}' is not constant, or has a wrong type or size",
                    f"int32 [{units}]",
                    f"{bias.dtype.name} {list(bias.shape)}",
                )
                and held
            )
        return held

    def _scales(self, checks: Checks) -> bool:
        node = checks.node
        data, hidden, cell, output = _tensors(node)
        exponent = _exponent(cell)
        clip = node.options["cell_clip"]
        inner = node.intermediate(_INTERMEDIATE)
        held = (
            checks.require(
                cell.q.zero_point == 0 and exponent is not None and -15 <= exponent <= -9,
                "its cell has a quantisation that is not supported",
                "a power of two from 2^-15 to 2^-9, zero point 0",
                f"{cell.q.scale:g}, {cell.q.zero_point}",
            )
            and checks.require(math.isfinite(clip) and clip >= 0, "its clip is out of range", "0 or more")
            and checks.same_quantization(hidden, output)
            and (inner is None or checks.quantized(inner, "int8"))
            and checks.require(
                2.0**-30 < hidden.q.scale < 2.0**30, "its output scale is out of range", "2^-30 to 2^30"
            )
        )
        for gate in range(len(_GATES)):
            weights, recurrent, bias = _gate(node, gate)
            for tensor, seen, extra in ((weights, data, bias.data), (recurrent, hidden, None)):
                assert tensor.data is not None
                sums = fixedpoint.largest_sums(tensor.data, extra, seen.q.zero_point)
                held = checks.sums_fit(sums * 2, np.array([_gate_real(seen, tensor)])) and held
        return held

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_lstm_s8."""
        data, hidden, cell, output = _tensors(node)
        constants: list[Constant] = []
        gates = [self._lowered_gate(node, gate, constants) for gate in range(len(_GATES))]
        major = node.options["time_major"]
        steps, batches = data.shape[:2] if major else data.shape[1::-1]
        exponent = _exponent(cell)
        assert exponent is not None
        clip = node.options["cell_clip"]
        high = (1 << 15) - 1 if not clip else int(min(clip / cell.q.scale, float((1 << 15) - 1)))
        made = _hidden(node, target)
        multiplier, shift = quantize_multiplier(_PRODUCT_SCALE / made.q.scale)
        params: dict[str, Param] = {
            "gates": gates,
            "tables": target.numerics == "tflm",
            "batches": batches,
            "steps": steps,
            "inputs": data.shape[2],
            "units": output.shape[2],
            "batch_stride": 1 if major else steps,
            "step_stride": batches if major else 1,
            "cell_bits": 15 + exponent,
            "cell_low": -high if clip else -(1 << 15),
            "cell_high": high,
            "hidden_multiplier": multiplier,
            "hidden_shift": shift,
            "hidden_zero_point": made.q.zero_point,
        }
        return KernelCall(
            "ek_lstm_s8",
            params,
            (data.index,),
            (output.index,),
            tuple(constants),
            states=(hidden.index, cell.index),
        )

    def _lowered_gate(self, node: NodeView, gate: int, constants: list[Constant]) -> dict[str, Param]:
        """Returns an ek_lstm_gate_t and adds its arrays, with the zero points moved into the biases."""
        data, hidden, _, _ = _tensors(node)
        weights, recurrent, bias = _gate(node, gate)
        assert weights.data is not None and recurrent.data is not None and bias.data is not None
        biases = (
            bias.data.reshape(-1).astype(np.int64) - data.q.zero_point * _row_sums(weights),
            -hidden.q.zero_point * _row_sums(recurrent),
        )
        name = _GATES[gate]
        constants += [
            Constant(f"{name}_weights", np.ascontiguousarray(weights.data)),
            Constant(f"{name}_recurrent", np.ascontiguousarray(recurrent.data)),
            Constant(f"{name}_bias", biases[0].astype(np.int32)),
            Constant(f"{name}_recurrent_bias", biases[1].astype(np.int32)),
        ]
        multiplier, shift = quantize_multiplier(_gate_real(data, weights))
        recurrent_multiplier, recurrent_shift = quantize_multiplier(_gate_real(hidden, recurrent))
        return {
            "weights": Ref(f"{name}_weights"),
            "recurrent": Ref(f"{name}_recurrent"),
            "bias": Ref(f"{name}_bias"),
            "recurrent_bias": Ref(f"{name}_recurrent_bias"),
            "multiplier": multiplier,
            "shift": shift,
            "recurrent_multiplier": recurrent_multiplier,
            "recurrent_shift": recurrent_shift,
        }

    def macs(self, node: NodeView) -> int:
        """Returns batches x steps x (inputs + units) x units x gates."""
        data, units = node.input(0), node.output().shape[2]
        return data.shape[0] * data.shape[1] * (data.shape[2] + units) * units * len(_GATES)


def _tensors(node: NodeView) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Returns the input, the hidden state, the cell and the output."""
    return node.input(0), node.input(_HIDDEN), node.input(_CELL), node.output()


def _gate(node: NodeView, gate: int) -> tuple[Tensor, Tensor, Tensor]:
    return node.input(_WEIGHTS + gate), node.input(_RECURRENT + gate), node.input(_BIASES + gate)


def _gate_real(data: Tensor, weights: Tensor) -> float:
    return data.q.scale * weights.q.scale / _GATE_SCALE


def _hidden(node: NodeView, target: Target) -> Tensor:
    """Returns what quantises the hidden value: LiteRT has a tensor for it, TFLM takes the state."""
    inner = node.intermediate(_INTERMEDIATE)
    return node.input(_HIDDEN) if inner is None or target.numerics == "tflm" else inner


def _row_sums(weights: Tensor) -> np.ndarray:
    assert weights.data is not None
    return np.asarray(weights.data.astype(np.int64).sum(axis=1))


def _exponent(tensor: Tensor) -> int | None:
    """Returns the logarithm of a scale that is a power of two; else None."""
    mantissa, exponent = math.frexp(tensor.q.scale)
    return exponent - 1 if mantissa == 0.5 else None


OPERATOR = UnidirectionalSequenceLstm()
