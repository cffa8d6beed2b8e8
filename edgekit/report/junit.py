"""`junit.xml`: what ran on each board, as CI systems show it (the schema of Jenkins' JUnit plug-in)."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from edgekit import files
from edgekit.report.read import Run
from edgekit.report.record import HilRecord
from edgekit.report.verdict import Check, checks, preproc_checks, sentence

_GROUPS = 10  # test cases for the vectors of one board
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


def render(records: Sequence[HilRecord], others: Sequence[Check] = (), name: str = "edgekit") -> str:
    """Returns JUnit XML: one suite per board, one case per group of vectors and per check.

    Args:
        records: Results of boards.
        others: Checks that belong to no board.
        name: Of the whole.
    """
    root = ET.Element("testsuites", name=_clean(name))
    for record in records:
        _suite(root, record)
    if others:
        suite = _new_suite(root, "checks")
        for check in others:
            _check(suite, check)
    for suite in root:
        _count(suite)
    _count(root)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def write(run: Run, path: Path) -> None:
    """Writes the results and checks of a run to `path`.

    Raises:
        EnvironmentFailed: The disk refused.
    """
    of_boards = [check for record in run.hil for check in preproc_checks(record)]
    others = [check for check in checks(run) if check not in of_boards]
    others += [Check(f"{problem.where} can be read", False, problem.what) for problem in run.problems]
    files.write_text(path, render(run.hil, others, run.name))


def _suite(root: ET.Element, record: HilRecord) -> None:
    name = ".".join(filter(None, (record.name, record.board, record.engine, record.numerics)))
    suite = _new_suite(root, name)
    properties = ET.SubElement(suite, "properties")
    facts = {
        "board": record.board,
        "emulated": str(record.emulated).lower(),
        "model_sha256": record.model_sha256,
        "reference": record.reference and f"{record.reference.runtime} {record.reference.kernels}",
        "time": record.timer and f"{record.timer.median} {record.timer.unit}",
        "arena_bytes": record.memory and str(record.memory.arena_bytes),
    }
    for key, value in facts.items():
        if value:
            ET.SubElement(properties, "property", name=key, value=_clean(value))
    whole = max(record.requested_vectors, record.vectors)
    length = max(1, math.ceil(whole / _GROUPS))
    for first in range(0, whole, length):
        _group(suite, record, first, min(first + length, whole))
    if record.mismatched_elements and not record.differing:
        _add(suite, "all vectors", "failure", sentence(record))
    for check in preproc_checks(record):
        _check(suite, check)
    if record.error:
        _add(suite, "session", "failure" if record.status == "mismatch" else "error", record.error)


def _group(suite: ET.Element, record: HilRecord, first: int, stop: int) -> None:
    name = f"vectors {first} to {stop - 1}"
    if stop > record.vectors:
        _add(suite, name, "skipped", f"only {record.vectors} vectors were compared")
        return
    bad = {v: n for v in range(first, stop) if record.differing and (n := record.differing[v])}
    if not bad:
        _add(suite, name)
        return
    lines = [
        f"vector {m.vector} {m.output}[{m.element}]: expected {m.expected}, got {m.got}"
        for m in record.mismatches
        if m.vector in bad
    ]
    found = ", ".join(f"{v} ({n})" for v, n in bad.items())
    _add(suite, name, "failure", f"elements differ in vectors {found}", "\n".join(lines))


def _check(suite: ET.Element, check: Check) -> None:
    _add(suite, check.name, "" if check.held else "failure", "" if check.held else check.detail)


def _new_suite(root: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(root, "testsuite", name=_clean(name))


def _add(suite: ET.Element, name: str, outcome: str = "", message: str = "", detail: str = "") -> None:
    case = ET.SubElement(suite, "testcase", name=_clean(name), classname=suite.get("name", ""))
    if outcome:
        ET.SubElement(case, outcome, message=_clean(message)).text = _clean(detail) or None


def _count(element: ET.Element) -> None:
    element.set("tests", str(len(list(element.iter("testcase")))))
    for plural, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(plural, str(len(list(element.iter(tag)))))


def _clean(text: str) -> str:
    """Replaces what XML cannot hold."""
    return _FORBIDDEN.sub("\ufffd", text)
