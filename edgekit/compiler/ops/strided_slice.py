"""STRIDED_SLICE."""

from __future__ import annotations

from edgekit.compiler.ops.base import Option
from edgekit.compiler.ops.common.checks import Checks
from edgekit.compiler.ops.common.movement import Movement, View, dense, integers

_MASKS = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")


class StridedSlice(Movement):
    """A box out of a tensor, with steps and dropped or added axes, as NumPy's indexing has it."""

    name = "STRIDED_SLICE"
    code = 45
    options_type = 32
    options = (
        *(Option(name, slot, "int32") for slot, name in enumerate(_MASKS)),
        Option("offset", 5, "bool", False),
    )
    arguments = (4, 4)
    limits = "constant begin, end and strides"

    def view(self, checks: Checks) -> View | None:
        """Returns the view of a node with its inputs and output there; None after noting problems."""
        shape, given = checks.node.input(0).shape, checks.node.input(1).elements
        parts = [integers(checks, i + 1, given, what) for i, what in enumerate(("begin", "end", "strides"))]
        if not checks.require(
            not checks.node.options["offset"], "ends that count from begin are not supported"
        ):
            return None
        begin, end, strides = parts
        if begin is None or end is None or strides is None:
            return None
        axes = _axes(checks, given, len(shape))
        return None if axes is None else self._view(checks, axes, begin, end, strides)

    def _view(
        self, checks: Checks, axes: list[int | None], begin: list[int], end: list[int], strides: list[int]
    ) -> View | None:
        options, shape = checks.node.options, checks.node.input(0).shape
        result, extents, steps, start = [], [], [], 0
        remaining = iter(zip(shape, dense(shape), strict=True))
        for entry in axes:
            if entry is not None and options["new_axis_mask"] >> entry & 1:
                result.append(1)
                continue
            n, step = next(remaining)
            kept, found = True, range(n)
            if entry is not None:
                first = None if options["begin_mask"] >> entry & 1 else begin[entry]
                last = None if options["end_mask"] >> entry & 1 else end[entry]
                kept = not options["shrink_axis_mask"] >> entry & 1
                if not checks.require(strides[entry] != 0, "a stride is 0"):
                    return None
                if kept:
                    found = range(n)[first : last : strides[entry]]
                else:
                    at = first or 0
                    found = range(n)[at % n : at % n + 1] if -n <= at < n else range(0)
            if not checks.require(len(found) > 0, "its slice is empty or reaches outside its input"):
                return None
            start += found[0] * step
            extents.append(len(found))
            steps.append(found.step * step)
            if kept:
                result.append(len(found))
        return View(tuple(result), tuple(extents), tuple(steps), start)


def _axes(checks: Checks, given: int, rank: int) -> list[int | None] | None:
    """Returns the entry that rules each axis, or None where an axis is taken whole."""
    options = checks.node.options
    entries = range(given)
    ellipses = [e for e in entries if options["ellipsis_mask"] >> e & 1]
    added = [e for e in entries if options["new_axis_mask"] >> e & 1 and e not in ellipses]
    whole = rank - (given - len(ellipses) - len(added))
    if not checks.require(
        given <= 16 and len(ellipses) <= 1 and whole >= 0, "has more entries than its input has axes"
    ):
        return None
    at = ellipses[0] if ellipses else given
    free: list[int | None] = [None] * whole
    return [*entries[:at], *free, *entries[at + 1 :]]


OPERATOR = StridedSlice()
