"""What tracing a vector found, in words."""

from __future__ import annotations

from edgekit.report import text
from edgekit.report.parts import Trace


def place(trace: Trace) -> str:
    """Returns where a board departs: "node 3: CONV_2D 'stem'", "the preprocessing", "no node"."""
    found = trace.departure
    if found is None:
        return "no node"
    if found.node is None:
        return "the preprocessing"
    return f"node {found.node}: {found.op} '{text.clip(found.name, 60)}'"


def sentences(trace: Trace) -> list[str]:
    """Returns what was found: first where the board departs, then how far, then what was compared."""
    found = trace.departure
    if found is None:
        lines = [f"No node departs: {text.plural(trace.agreed, 'node')} wrote what they should."]
    elif found.node is None:
        lines = ["The first that departs is the preprocessing: no node, but what the model is given."]
    else:
        lines = [f"The first that departs is {place(trace)}."]
    if found is not None:
        tensor = f"tensor {found.tensor}, " if found.tensor is not None else ""
        channels = f" in {text.plural(found.channels, 'channel')}" if len(found.shape) > 1 else ""
        lines.append(
            f"{text.count(found.differing)} of {text.plural(found.elements, 'element')}{channels} differ, "
            f"by {found.max_abs_diff:g} at most ({tensor}{found.dtype} {found.shape}, "
            f"scale {found.scale:g}, zero point {found.zero_point}; compared with the {found.witness})."
        )
        if found.node is not None and trace.agreed:
            lines.append(f"{text.plural(trace.agreed, 'node')} before it wrote what they should.")
    if trace.by_host:
        lines.append(
            f"{text.plural(trace.by_host, 'node')} that the model file does not have were compared with this "
            "computer's build of the same export."
        )
    if trace.skipped:
        lines.append(f"{text.plural(trace.skipped, 'node')} had nothing to be compared with.")
    if not trace.reproduced:
        lines.append("Firmware that traces gave other outputs for this vector than firmware that does not.")
    return lines
