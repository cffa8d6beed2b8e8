"""What a model takes and gives, as the manifest and generated C state it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgekit.compiler.emit.ctext import C_TYPES, c_type, integer, real
from edgekit.compiler.graph import Model, Tensor
from edgekit.compiler.names import unique_identifiers
from edgekit.errors import InputError, Problem
from edgekit.manifest import TensorInfo


@dataclass(frozen=True, slots=True)
class Port:
    """One input or output in generated C.

    Args:
        tensor: The tensor.
        info: Its name, type, shape and quantisation.
        suffix: "" where it is the only one of its kind, else "_<name>".
    """

    tensor: Tensor
    info: TensorInfo
    suffix: str

    @property
    def c_type(self) -> str:
        """C type of one element."""
        return c_type(self.tensor.dtype)

    @property
    def macro(self) -> str:
        """The suffix as macros have it."""
        return self.suffix.upper()

    @property
    def quantized(self) -> bool:
        """Whether helpers can convert between it and float."""
        return self.info.scale > 0 and self.tensor.dtype.kind in "iu" and self.tensor.dtype.itemsize <= 2

    @property
    def scale(self) -> str:
        """Scale as a float literal."""
        return real(self.info.scale)

    @property
    def limits(self) -> tuple[str, str]:
        """Least and greatest value of an element, as literals."""
        info = np.iinfo(self.tensor.dtype)
        return integer(int(info.min)), integer(int(info.max))

    @property
    def shape(self) -> str:
        """Shape as text."""
        return shape_text(self.tensor.shape)


def ports(model: Model) -> tuple[list[Port], list[Port]]:
    """Returns the inputs and the outputs of a model; names are C identifiers, unique among each.

    Raises:
        InputError: One is of a type that C has no name for, or there is none.
    """
    graph = model.main
    problems = [
        Problem(
            f"tensor {i} '{graph.tensors[i].name}'",
            "cannot be passed to C",
            found=graph.tensors[i].dtype.name,
        )
        for i in (*graph.inputs, *graph.outputs)
        if graph.tensors[i].dtype.name not in C_TYPES
    ]
    if not graph.inputs or not graph.outputs:
        problems.append(Problem(model.name, "has no input or no output", hint="export the model again"))
    if problems:
        raise InputError(problems)
    made = []
    for indices, texts in ((graph.inputs, model.input_names), (graph.outputs, model.output_names)):
        names = unique_identifiers(texts)
        made.append(
            [
                Port(graph.tensors[i], _info(graph.tensors[i], name), f"_{name}" if len(names) > 1 else "")
                for i, name in zip(indices, names, strict=True)
            ]
        )
    return made[0], made[1]


def shape_text(shape: tuple[int, ...]) -> str:
    """Returns a shape as generated comments show it, e.g. [1,256,8]."""
    return "[" + ",".join(map(str, shape)) + "]"


def _info(tensor: Tensor, name: str) -> TensorInfo:
    quantization = tensor.quantization
    single = quantization is not None and len(quantization.scales) == 1
    return TensorInfo(
        name=name,
        dtype=tensor.dtype.name,
        shape=list(tensor.shape),
        scale=quantization.scale if quantization is not None and single else 0.0,
        zero_point=quantization.zero_point if quantization is not None and single else 0,
    )
