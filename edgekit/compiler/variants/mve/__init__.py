"""What the variants for Helium share: packing and proofs."""

from __future__ import annotations

import numpy as np

from edgekit.compiler.graph import NodeView

PRIORITY = 100  # cores with Helium have the SIMD of "dsp" too, which is slower


def is_int8(node: NodeView) -> bool:
    """Returns whether a node's first input and its output are int8."""
    return node.input(0).dtype == np.int8 and node.output().dtype == np.int8
