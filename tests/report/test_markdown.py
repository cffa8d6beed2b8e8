"""Markdown: the sections of the page as tables and words, with names that stay text."""

from __future__ import annotations

import json
import re
from pathlib import Path

from edgekit.report import markdown
from edgekit.report.read import read
from tests.report import example


def test_it_has_the_verdict_the_notice_and_every_section(run_folder: Path) -> None:
    text = markdown.render(read(run_folder))
    assert text.startswith("# ECG rhythm, four classes\n\n**Not a medical device. Not for diagnosis.**")
    assert "agrees with litert 2.3.0 (builtin\\_ref) in all 200" in text
    for title in (
        "Data",
        "Training",
        "Accuracy",
        "Recordings",
        "Size",
        "Memory plan",
        "Time",
        "Provenance",
    ):
        assert f"\n## {title}" in text


def test_every_row_of_a_table_has_as_many_cells_as_its_head(run_folder: Path) -> None:
    tables = re.findall(r"(?:^\|.*\|\n)+", markdown.render(read(run_folder)), re.MULTILINE)
    assert len(tables) >= 10
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    folder = example.run_folder(tmp_path / "run")
    record = example.hil_record(bad={1: 1}).to_json()
    record["board"] = "x|y\n# title [a](javascript:b) <script>"
    (folder / "hil" / "mps2-an386.json").write_text(json.dumps(record))
    text = markdown.render(read(folder))
    assert "\n# title" not in text and "[a](java" not in re.sub(r"\\.", "", text)
    assert "<script>" not in text.replace("\\<", "")
