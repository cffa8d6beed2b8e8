"""What a model takes and gives, as the manifest and generated C state it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgekit.compiler.emit.ctext import c_type, integer, real
from edgekit.compiler.graph import Model, Tensor
from edgekit.compiler.names import unique_identifiers
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
    """Returns the inputs and the outputs of a model; names are C identifiers, unique among each."""
    graph = model.main
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
