"""Writes the JSON Schemas of the records: `python -m edgekit.report.schemas docs/schemas`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from edgekit import files
from edgekit.report.ab import AbRecord
from edgekit.report.base import Part
from edgekit.report.domains import DomainsRecord
from edgekit.report.ladder import LadderRecord, StepRecord
from edgekit.report.record import HilRecord, ResultRecord
from edgekit.report.sweep import SweepRecord

MODELS: dict[str, type[Part]] = {
    "edgekit.ab.1.json": AbRecord,
    "edgekit.compress.1.json": StepRecord,
    "edgekit.domains.1.json": DomainsRecord,
    "edgekit.hil.1.json": HilRecord,
    "edgekit.ladder.1.json": LadderRecord,
    "edgekit.result.1.json": ResultRecord,
    "edgekit.sweep.1.json": SweepRecord,
}


def render(model: type[Part]) -> str:
    """Returns the JSON Schema of a record as it is written, open to keys that a later edgekit adds."""
    schema = model.model_json_schema(by_alias=True, mode="serialization")
    return (
        json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **_open(schema)}, indent=2)
        + "\n"
    )


def _open(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {k: _open(v) for k, v in tree.items() if (k, v) != ("additionalProperties", False)}
    return [_open(v) for v in tree] if isinstance(tree, list) else tree


if __name__ == "__main__":
    for name, model in MODELS.items():
        files.write_text(Path(sys.argv[1]) / name, render(model))
