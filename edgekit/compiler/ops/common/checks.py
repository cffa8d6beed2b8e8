"""The checks that operators have in common, gathered so that all faults of a node are listed."""

from __future__ import annotations

import numpy as np

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.errors import Problem

INT32_MAX = (1 << 31) - 1
MAX_MULTIPLIER = float(1 << 24)  # beyond it one step of a sum is more than the whole output range
_QUANTIZE_HINT = "convert the model with full integer quantisation (int8 inputs, weights and outputs)"
_WIDE_HINT = (
    "not every operator has int16 activations (docs/operators.md): int8, or another layer in its place"
)


class Checks:
    """Gathers the problems of one node.

    Every method returns whether the node passed, so that checks which build on others can be chained
    with `and`.

    Args:
        node: The node under test.
    """

    def __init__(self, node: NodeView) -> None:
        self.node = node
        self.problems: list[Problem] = []

    def require(self, held: bool, what: str, expected: str = "", found: str = "", hint: str = "") -> bool:
        """Notes a problem unless `held`."""
        if not held:
            self.problems.append(Problem(self.node.where, what, expected, found, hint))
        return held

    def arity(self, low: int, high: int | None = None, outputs: int = 1) -> bool:
        """Checks the number of inputs, that the first `low` are there, and the number of outputs."""
        high = low if high is None else high
        inputs = self.node.inputs
        return self.require(
            low <= len(inputs) <= high
            and all(tensor is not None for tensor in inputs[:low])
            and len(self.node.outputs) == outputs,
            "has a wrong number of inputs or outputs",
            f"{low if low == high else f'{low} to {high}'} inputs, {outputs} outputs",
            f"{sum(tensor is not None for tensor in inputs)} inputs, {len(self.node.outputs)} outputs",
        )

    def activations(self, *tensors: Tensor, wide: bool = False) -> bool:
        """Checks that tensors are int8 with one scale and a zero point within int8.

        Args:
            tensors: The tensors.
            wide: Whether all of them may be int16 instead, with zero point 0.
        """
        if wide and tensors[0].dtype == np.int16:
            held = [self._wide(tensor) for tensor in tensors]  # all faults, not the first
        else:
            held = [self.quantized(tensor, "int8") for tensor in tensors]
        return all(held)

    def _wide(self, tensor: Tensor) -> bool:
        return self.quantized(tensor, "int16") and self.require(
            tensor.q.zero_point == 0,
            f"tensor '{tensor.name}' is int16 with a zero point",
            "0",
            str(tensor.q.zero_point),
            "convert the model with symmetric int16 activations",
        )

    def quantized(self, tensor: Tensor, *types: str) -> bool:
        """Checks that a tensor is of one of some integer types, with one scale and a zero point within it.

        Args:
            tensor: The tensor.
            types: Names of integer dtypes.
        """
        q = tensor.quantization
        if not self.typed(tensor, *types):
            return False
        limits = np.iinfo(tensor.dtype)
        return self.require(
            q is not None
            and q.scales.shape == q.zero_points.shape == (1,)
            and _sound(q.scales)
            and int(limits.min) <= q.zero_point <= int(limits.max),
            f"tensor '{tensor.name}' has no usable quantisation",
            f"one finite scale above 0 and a zero point in [{limits.min}, {limits.max}]",
            "none"
            if q is None
            else f"{len(q.scales)} scales ({q.scales[:1]}), zero point {q.zero_points[:1]}",
            _QUANTIZE_HINT,
        )

    def typed(self, tensor: Tensor, *types: str) -> bool:
        """Checks that a tensor's elements are of one of some types."""
        wide = tensor.dtype == np.int16 and "int8" in types
        return self.require(
            tensor.dtype.name in types,
            f"tensor '{tensor.name}' has an element type that is not supported here",
            " or ".join(types),
            tensor.dtype.name,
            _WIDE_HINT if wide else _QUANTIZE_HINT,
        )

    def same_quantization(self, first: Tensor, second: Tensor) -> bool:
        """Checks that two activations have the same scale and zero point, as copying needs."""
        near = abs(first.q.scale - second.q.scale) <= 1e-6 * first.q.scale
        return self.require(
            near and first.q.zero_point == second.q.zero_point,
            f"tensors '{first.name}' and '{second.name}' differ in quantisation",
            f"scale {first.q.scale:g}, zero point {first.q.zero_point}",
            f"scale {second.q.scale:g}, zero point {second.q.zero_point}",
            "insert a QUANTIZE between them, or convert the model again",
        )

    def weights(self, tensor: Tensor, rank: int, channels: int, axis: int) -> bool:
        """Checks constant int8 weights, quantised symmetrically, as a whole or per output channel.

        Args:
            tensor: The weights.
            rank: Dimensions that the operator needs.
            channels: Output channels.
            axis: Dimension of the output channels.
        """
        name = f"weights '{tensor.name}'"
        q = tensor.quantization
        return (
            self.require(
                tensor.constant,
                f"{name} are not constant",
                hint="freeze the model's variables before conversion",
            )
            and self.require(tensor.dtype == np.int8, f"{name} are not int8", "int8", tensor.dtype.name)
            and self.require(
                len(tensor.shape) == rank, f"{name} have a wrong rank", str(rank), str(list(tensor.shape))
            )
            and self.require(q is not None, f"{name} have no quantisation", hint=_QUANTIZE_HINT)
            and q is not None
            and self.require(
                _sound(q.scales)
                and len(q.scales) in (1, channels)
                and (len(q.scales) == 1 or (q.axis == axis and tensor.shape[axis] == channels)),
                f"{name} have a wrong quantisation",
                f"1 scale, or {channels} along axis {axis}, all finite and above 0",
                f"{len(q.scales)} along axis {q.axis}",
            )
            and self.require(
                q.zero_points.shape == q.scales.shape and not q.zero_points.any(),
                f"{name} are not quantised symmetrically",
                "zero point 0",
                str(q.zero_points[:4].tolist()),
                "convert the model for int8, not uint8",
            )
        )

    def bias(
        self, tensor: Tensor | None, data: Tensor, weights: Tensor, output: Tensor, channels: int
    ) -> bool:
        """Checks an optional constant int32 bias, in steps of input scale x weight scale.

        Beside int16 activations it may be int64.

        Args:
            tensor: The bias, or None.
            data, weights, output: The other tensors of the node, already checked.
            channels: Output channels.
        """
        if tensor is None:
            return True
        name = f"bias '{tensor.name}'"
        sound = self.require(
            tensor.constant, f"{name} is not constant", hint="freeze the model's variables"
        ) and self.require(
            tensor.dtype in ((np.int32,) if data.dtype == np.int8 else (np.int32, np.int64))
            and tensor.elements == channels,
            f"{name} has a wrong type or size",
            f"int32 [{channels}]" if data.dtype == np.int8 else f"int64 or int32 [{channels}]",
            f"{tensor.dtype.name} {list(tensor.shape)}",
        )
        q = tensor.quantization
        if not sound or q is None or tensor.data is None or not tensor.data.any():
            return sound  # converters let layers share zeros, whatever their scales
        steps = data.q.scale * weights.q.scales.astype(np.float64)
        held = len(q.scales) in (1, len(steps)) and bool(
            np.all(np.abs(q.scales - steps) <= 0.02 * output.q.scale) and not q.zero_points.any()
        )
        return self.require(
            held, f"{name} is not in steps of input scale x weight scale", f"{steps[0]:g}", f"{q.scales[0]:g}"
        )

    def sums_fit(self, bounds: np.ndarray, reals: np.ndarray) -> bool:
        """Checks that no input can make a sum, or what it is scaled to, leave 32 bit.

        Args:
            bounds: float64 [channels], the largest magnitude that a sum can reach.
            reals: float64 [channels], what sums are multiplied with.
        """
        return self.require(
            bool(np.all(reals < MAX_MULTIPLIER)),
            "its scales are out of proportion",
            f"input scale x weight scale / output scale below {MAX_MULTIPLIER:g}",
            f"{float(np.max(reals)):g}",
        ) and self.require(
            bool(np.all(bounds * np.maximum(1.0, 2.0 * reals) <= INT32_MAX)),
            "its sums may leave 32 bit",
            f"at most {INT32_MAX}",
            f"{float(np.max(bounds * np.maximum(1.0, 2.0 * reals))):.0f}",
            "the weights, the bias or the scales are damaged, or the layer is too deep",
        )

    def options(self, **bounds: tuple[int, int]) -> bool:
        """Checks that integer options lie in [low, high]."""
        held = [
            self.require(
                low <= self.node.options[name] <= high,
                f"option {name} is out of range",
                f"{low} to {high}",
                str(self.node.options[name]),
            )
            for name, (low, high) in bounds.items()
        ]
        return all(held)


def _sound(scales: np.ndarray) -> bool:
    return bool(len(scales) and np.isfinite(scales).all() and (scales > 0).all())
