"""SVDF."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import Constant, KernelCall, Lowered, Operator, Option, Param, Ref, Target
from edgekit.compiler.ops.common import fixedpoint
from edgekit.compiler.ops.common.checks import MAX_MULTIPLIER, Checks
from edgekit.errors import Problem

_LONGEST = 1 << 15  # memory and rank


class Svdf(Operator):
    """Filters of low rank over the inputs and over time; the state holds the last values of each."""

    name = "SVDF"
    code = 27
    options_type = 6
    options = (Option("rank", 0, "int32"), Option("fused_activation_function", 1, "int8"))
    limits = "constant weights and bias; state and time weights both int16, or both int8"
    keeps_state = True
    notes = (
        "rounds twice; sums over time wrap in 32 bit; the fused RELU is the output's zero point; an int8 "
        "state as TFLM computes it, which LiteRT misreads"
    )

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        self._check(checks)
        return iter(checks.problems)

    def _check(self, checks: Checks) -> bool:
        node = checks.node
        if not checks.require(
            len(node.inputs) == 5 and None not in node.inputs[:3] and node.inputs[4] is not None,
            "has a wrong number of inputs",
            "data, feature weights, time weights, optional bias, state",
            str(sum(tensor is not None for tensor in node.inputs)),
        ) or not checks.arity(5 if node.inputs[3] else 3, 5):
            return False
        data, features, times, state, output = _tensors(node)
        if not (
            checks.activations(data, output)
            and checks.options(rank=(1, _LONGEST), fused_activation_function=(0, 1))
            and checks.weights(features, 2, 0, 0)
            and self._symmetric(checks, times, (np.int8, np.int16), True)
            and self._symmetric(checks, state, (times.dtype.type,), False)
        ):
            return False
        bias = node.optional(3)
        units, rank = output.shape[-1] if output.shape else 0, node.options["rank"]
        inputs = features.shape[1]
        return (
            checks.require(
                features.shape[0] == units * rank
                and len(times.shape) == 2
                and times.shape[0] == units * rank
                and times.shape[1] <= _LONGEST
                and data.shape[1:] == (inputs,)
                and output.shape == (data.shape[0], units)
                and state.elements == data.shape[0] * times.elements,
                "the shapes of its tensors do not match",
                "[batch, inputs], [filters, inputs], [filters, memory], [batch, filters x memory] -> "
                "[batch, units]; filters = units x rank",
                ", ".join(str(list(t.shape)) for t in (data, features, times, state))
                + f" -> {list(output.shape)}",
            )
            and checks.require(
                bias is None or (bias.constant and bias.dtype == np.int32 and bias.elements == units),
                "its bias is not constant, or has a wrong type or size",
                f"int32 [{units}]",
            )
            and self._scales(checks, features)
        )

    def _symmetric(self, checks: Checks, tensor: Tensor, dtypes: tuple[type, ...], constant: bool) -> bool:
        q = tensor.quantization
        point = 0 if tensor.dtype != np.int8 or constant or q is None else q.zero_points[0]
        return checks.require(
            tensor.dtype.type in dtypes and tensor.constant == constant and tensor.variable != constant,
            f"tensor '{tensor.name}' is of a wrong kind",
            f"{'constant' if constant else 'variable'} {' or '.join(t.__name__ for t in dtypes)}",
            f"{'constant' if tensor.constant else 'variable' if tensor.variable else 'computed'} "
            f"{tensor.dtype.name}",
        ) and checks.require(
            q is not None
            and len(q.scales) == 1
            and bool(np.isfinite(q.scales).all() and (q.scales > 0).all())
            and q.zero_points[0] == point
            and -128 <= point <= 127,
            f"tensor '{tensor.name}' has no usable quantisation",
            "one finite scale above 0 and zero point 0",
        )

    def _scales(self, checks: Checks, features: Tensor) -> bool:
        node = checks.node
        first, second = _reals(node)
        assert features.data is not None
        bounds = fixedpoint.largest_sums(features.data, None, node.input(0).q.zero_point)
        return checks.sums_fit(bounds, np.array([first])) and checks.require(
            0 < second < MAX_MULTIPLIER,
            "its scales are out of proportion",
            f"state scale x time scale / output scale below {MAX_MULTIPLIER:g}",
            f"{second:g}",
        )

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_svdf_s8 or ek_svdf_state16_s8."""
        data, features, times, state, output = _tensors(node)
        bias = node.optional(3)
        assert features.data is not None and times.data is not None
        constants = [
            Constant("features", np.ascontiguousarray(features.data)),
            Constant("times", np.ascontiguousarray(times.data)),
        ]
        if bias is not None and bias.data is not None:
            constants.append(Constant("bias", np.ascontiguousarray(bias.data)))
        multipliers, shifts = fixedpoint.multipliers(np.array(_reals(node)))
        params: dict[str, Param] = {
            "svdf": {
                "features": Ref("features"),
                "bias": Ref("bias") if bias is not None else 0,
                "batches": data.shape[0],
                "inputs": features.shape[1],
                "units": output.shape[1],
                "rank": node.options["rank"],
                "memory": times.shape[1],
                "input_zero_point": data.q.zero_point,
                "state_multiplier": int(multipliers[0]),
                "state_shift": int(shifts[0]),
                "multiplier": int(multipliers[1]),
                "shift": int(shifts[1]),
                "output_zero_point": output.q.zero_point,
            },
            "times": Ref("times"),
        }
        kernel = "ek_svdf_state16_s8"
        if state.dtype == np.int8:
            kernel = "ek_svdf_s8"
            params["state_zero_point"] = state.q.zero_point
        return KernelCall(
            kernel, params, (data.index,), (output.index,), tuple(constants), states=(state.index,)
        )

    def macs(self, node: NodeView) -> int:
        """Returns batches x (feature weights + time weights)."""
        return node.input(0).shape[0] * (node.input(1).elements + node.input(2).elements)


def _tensors(node: NodeView) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    return node.input(0), node.input(1), node.input(2), node.input(4), node.output()


def _reals(node: NodeView) -> tuple[float, float]:
    """Returns the ratios of scales to the state and to the output; both runtimes take them in float32."""
    data, features, times, state, output = (np.float32(t.q.scale) for t in _tensors(node))
    with np.errstate(over="ignore"):  # the check refuses what is not finite
        return float(data * features / state), float(state * times / output)


OPERATOR = Svdf()
