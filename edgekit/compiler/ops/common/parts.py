"""What SPLIT, SPLIT_V, UNPACK and PACK share: a whole and its parts along one axis."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import Constant, KernelCall, Ref
from edgekit.compiler.ops.common import movement
from edgekit.compiler.ops.common.checks import Checks

MOST = 256  # parts


def check_split(
    checks: Checks, data: Tensor, axis: int, sizes: Sequence[int], *, keep_axis: bool = True
) -> bool:
    """Checks that the outputs are the parts of an input that is computed.

    Args:
        checks: Of the node.
        data: What is cut.
        axis: Counted from the front, in range.
        sizes: Extent of each part along the axis, none below 1.
        keep_axis: Whether the parts have the axis.
    """
    outputs = checks.node.outputs
    held = (
        movement.runtime(checks, data)
        and checks.require(
            len(outputs) == len(sizes) <= MOST and sum(sizes) == data.shape[axis],
            "its parts do not make up its input",
            f"{data.shape[axis]} along axis {axis}, at most {MOST} parts",
            f"{len(outputs)} outputs, sizes {list(sizes)[:16]}",
        )
        and movement.same_kind(checks, data, *outputs)
    )
    if not held:
        return False
    front, back = data.shape[:axis], data.shape[axis + 1 :]
    found = [
        movement.result_shape(checks, (*front, *([size] if keep_axis else []), *back), position)
        for position, size in enumerate(sizes)
    ]
    return all(found)


def split(node: NodeView, data: Tensor, axis: int) -> KernelCall:
    """Returns the call of ek_split on a checked node."""
    outer = math.prod(data.shape[:axis])
    sizes = np.array([tensor.nbytes // outer for tensor in node.outputs], np.int32)
    return KernelCall(
        "ek_split",
        {"outer": outer, "count": sizes.size, "sizes": Ref("sizes")},
        (data.index,),
        tuple(tensor.index for tensor in node.outputs),
        (Constant("sizes", sizes, table=True),),
        listed="outputs",
    )


def join(node: NodeView, inputs: Sequence[Tensor], axis: int) -> KernelCall:
    """Returns the call of ek_join on checked inputs."""
    outer = math.prod(node.output().shape[:axis])
    sizes = np.array([tensor.nbytes // outer for tensor in inputs], np.int32)
    kept = [tensor for tensor in inputs if tensor.data is not None]
    starts = iter(np.cumsum([0, *(tensor.nbytes for tensor in kept)]).tolist())
    places = [next(starts) if tensor.constant else -1 for tensor in inputs]
    constants = [Constant("sizes", sizes, table=True)]
    if kept:
        constants += [
            Constant("places", np.array(places, np.int32), table=True),
            Constant("constants", np.frombuffer(b"".join(map(_bytes, kept)), np.uint8)),
        ]
    return KernelCall(
        "ek_join",
        {
            "outer": outer,
            "count": sizes.size,
            "sizes": Ref("sizes"),
            "places": Ref("places") if kept else 0,
            "constants": Ref("constants") if kept else 0,
        },
        tuple(tensor.index for tensor in inputs if not tensor.constant),
        (node.output().index,),
        tuple(constants),
        listed="inputs",
    )


def some_computed(checks: Checks, inputs: Sequence[Tensor]) -> bool:
    """Checks that not all of the inputs are constant."""
    return checks.require(
        not all(tensor.constant for tensor in inputs),
        "all of its inputs are constant",
        hint="leave the pass fold_constants on, or convert the model with constant folding",
    )


def _bytes(tensor: Tensor) -> bytes:
    return np.ascontiguousarray(tensor.data).tobytes()
