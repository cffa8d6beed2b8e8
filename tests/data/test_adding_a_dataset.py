"""The example of docs/adding-a-dataset.md does what the page says."""

import re
from pathlib import Path

import pytest

from edgekit.data.base import REGISTRY
from tests.data.reading import read

PAGE = Path(__file__).resolve().parents[2] / "docs" / "adding-a-dataset.md"


def test_the_example_is_found_and_keeps_the_contract(tmp_path, monkeypatch) -> None:
    if not PAGE.is_file():
        pytest.skip("no docs beside the tests")
    example = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    plugins = tmp_path / "edgekit" / "data"
    plugins.mkdir(parents=True)
    (plugins / "stress_test.py").write_text(example[1])
    monkeypatch.chdir(tmp_path)
    assert "stress-test" in REGISTRY.keys()

    folder = tmp_path / "recordings"
    folder.mkdir()
    for name, text in {
        "anna-rest": "1\n2\n3\n",
        "anna-effort": "4\n5\n",
        "bert-rest": "",
        "carl-rest": "1\nx\n",
        "dora-sleep": "1\n2\n",
    }.items():
        (folder / f"{name}.txt").write_text(text)
    records, skipped = read("stress-test", folder, ["rest", "effort"], gain=2)
    assert [(record.subject, record.label, record.signal.tolist()) for record in records] == [
        ("anna", "effort", [8, 10]),
        ("anna", "rest", [2, 4, 6]),
    ]
    assert [problem.what for problem in skipped] == [
        "is empty or not finite",
        "cannot be read",
        "1 sound record(s) carry no wanted label: sleep 1",
    ]
