"""The page: one file, complete without network and script, safe with names that others chose."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from edgekit.errors import EnvironmentFailed
from edgekit.report import html
from edgekit.report.read import read
from edgekit.report.record import HilRecord
from tests.report import example

HOSTILE = "<script>alert(1)</script><img src=https://evil.example/x onerror=alert(1)>\" ' & {{ 7*7 }}"


class Page(HTMLParser):
    """Tags, ids and text of a page; refuses one whose tags do not nest."""

    _EMPTY = frozenset({"meta", "img", "br", "path", "rect", "circle", "link"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self._EMPTY or (
            not self.get_starttag_text().endswith("/>") and tag in ("path", "rect", "circle")
        ):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def ids(self) -> list[str]:
        return [attrs["id"] or "" for _, attrs in self.tags if "id" in attrs]


def page(folder: Path) -> Page:
    return Page(html.render(read(folder)))


def test_the_sections_stand_in_order_and_are_linked(run_folder: Path) -> None:
    made = page(run_folder)
    keys = ["data", "training", "accuracy", "recordings", "sizes", "plan", "agreement", "time", "provenance"]
    assert made.ids == ["verdict", *keys]
    assert [attrs["href"] for tag, attrs in made.tags if tag == "a"] == [f"#{key}" for key in keys]


def test_the_verdict_names_board_reference_and_counts(run_folder: Path) -> None:
    words = " ".join(page(run_folder).text.split())
    assert "The emulated board computes what the PC computes." in words
    assert (
        "mps2-an386 (emulated, QEMU 7.2.19) agrees with litert 2.3.0 (builtin_ref) in all 200 vectors"
        in words
    )
    assert "0 of 800 elements differ" in words


def test_the_notice_stands_above_everything_and_synthetic_data_is_called_so(run_folder: Path) -> None:
    made = page(run_folder)
    assert made.text.index("Not a medical device") < made.text.index("computes what")
    for figure in (
        "Loss, synthetic data",
        "Results on synthetic test subjects",
        "int8 (synthetic)",
        "Examples (synthetic data)",
    ):
        assert figure in made.text
    assert "synthetic data, float" in made.text  # the tile with the accuracy


def test_real_data_is_not_called_synthetic(run_folder: Path) -> None:
    path = run_folder / "data.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"synthetic": False}))
    text = page(run_folder).text.replace("synthetic-ecg", "")
    assert "ynthetic" not in text


def test_emulated_counts_are_never_called_cycles(run_folder: Path) -> None:
    text = page(run_folder).text
    assert "emulated instructions" in text and "neither cycles nor time" in text
    assert " MHz:" not in text  # no time is derived from them


def test_every_picture_has_words_and_numbers_beside_it(run_folder: Path) -> None:
    made = page(run_folder)
    pictures = [attrs for tag, attrs in made.tags if tag == "svg" and "role" in attrs]
    assert len(pictures) >= 12
    assert all(len(attrs["aria-label"] or "") > 20 for attrs in pictures)
    assert all(attrs["alt"] for tag, attrs in made.tags if tag == "img")
    assert sum(tag == "table" for tag, _ in made.tags) >= 10


def test_nothing_is_loaded_or_run(run_folder: Path) -> None:
    text = html.render(read(run_folder))
    made = Page(text)
    assert not {tag for tag, _ in made.tags} & {"script", "link", "iframe", "object", "base", "form"}
    assert all((attrs["src"] or "").startswith("data:") for _, attrs in made.tags if "src" in attrs)
    assert all((attrs["href"] or "").startswith("#") for _, attrs in made.tags if "href" in attrs)
    assert not re.search(r"https?://|url\(|@import", text)
    assert "default-src 'none'" in text


def test_hostile_names_stay_text(run_folder: Path) -> None:
    record = example.hil_record(bad={2: 1}).to_json()
    record |= {"name": HOSTILE, "board": HOSTILE, "emulator": HOSTILE, "command": HOSTILE}
    record["mismatches"][0]["output"] = HOSTILE
    record["memory"]["parts"][0]["name"] = HOSTILE
    (run_folder / "hil" / "mps2-an386.json").write_text(json.dumps(record))
    plan = json.loads((run_folder / "export/mps2-an386/plan.json").read_text())
    plan["nodes"][1] = plan["buffers"][1]["name"] = plan["buffers"][2]["name"] = HOSTILE
    (run_folder / "export/mps2-an386/plan.json").write_text(json.dumps(plan))
    provenance = {HOSTILE: HOSTILE, "packages": {HOSTILE: HOSTILE}, "commands": [HOSTILE]}
    (run_folder / "provenance.json").write_text(json.dumps(provenance))
    (run_folder / "config.yaml").write_text(
        json.dumps({"title": HOSTILE, "notice": HOSTILE, "name": HOSTILE})
    )
    (run_folder / "metrics.json").write_text("{" + HOSTILE)
    made = page(run_folder)
    assert not {tag for tag, _ in made.tags} & {"script"}
    assert all((attrs["src"] or "").startswith("data:") for _, attrs in made.tags if "src" in attrs)
    assert not any(name.startswith("on") for _, attrs in made.tags for name in attrs)
    assert made.text.count(HOSTILE) >= 6


def test_a_mismatch_is_shown_element_by_element(tmp_path: Path) -> None:
    folder = example.run_folder(tmp_path / "run", [example.hil_record(bad={3: 2, 17: 1})])
    made = page(folder)
    assert "departs from the PC" in made.text
    assert "differs from litert 2.3.0 (builtin_ref) in 2 of 200\u00a0vectors" in made.text
    titles = [attrs.get("class") for tag, attrs in made.tags if tag == "rect"]
    assert titles.count("differs") == 2 + 1  # and the legend
    assert "The first 3\u00a0elements that differ" in made.text


def test_a_failed_run_is_not_shown_as_agreement(tmp_path: Path) -> None:
    error = EnvironmentFailed(where="pty", what="no answer within 20 s")
    known = {"vectors": 5, "elements": 20, "requested_vectors": 20, "differing": [0] * 5}
    record = HilRecord.failed(error, board="mps2-an386", emulated=True, **known)
    made = page(example.run_folder(tmp_path / "run", [record]))
    assert "Not proved: the run failed." in made.text and "no answer within 20 s" in made.text
    cells = [attrs.get("class") for tag, attrs in made.tags if tag == "rect"]
    assert (cells.count("agrees"), cells.count("unreached")) == (5 + 1, 15 + 1)
    assert "computes what the PC computes" not in made.text


def test_several_boards_stand_in_one_table(tmp_path: Path) -> None:
    boards = ["host", "mps2-an386", "mps3-an547"]
    made = page(example.run_folder(tmp_path / "run", [example.hil_record(board) for board in boards]))
    assert "All boards" in made.text and "Every target (none is hardware) computes what" in made.text
    assert all(made.text.count(board) > 3 for board in boards)


def test_without_a_board_nothing_is_claimed(tmp_path: Path) -> None:
    made = page(example.run_folder(tmp_path / "run", []))
    assert "Not yet proved on a board." in made.text
    assert not {"agreement", "time"} & set(made.ids)


def test_a_check_that_does_not_hold_spoils_the_verdict(run_folder: Path) -> None:
    config = run_folder / "config.yaml"
    config.write_text(config.read_text().replace("ram_bytes: 65536", "ram_bytes: 20000"))
    made = page(run_folder)
    assert "But 1\u00a0check did not hold." in made.text
    assert ("section", {"class": "verdict bad", "id": "verdict", "aria-label": "Verdict"}) in made.tags


def test_a_result_of_another_model_proves_nothing_about_this_one(tmp_path: Path) -> None:
    made = page(example.run_folder(tmp_path / "run", [example.hil_record(model_sha256="0" * 64)]))
    assert "But 1\u00a0check did not hold." in made.text and "run edgekit hil again" in made.text


@pytest.mark.parametrize("vectors", [1, 20_000])
def test_the_page_stays_small(tmp_path: Path, vectors: int) -> None:
    folder = example.run_folder(tmp_path / "run", [example.hil_record(vectors=vectors)])
    for i in range(8):
        (folder / "plots" / f"more_{i}.svg").write_text("<svg>" + "<" * 120_000)
    html.write(read(folder), folder / "report.html")
    assert (folder / "report.html").stat().st_size < 2_000_000


def test_the_same_run_gives_the_same_bytes(run_folder: Path) -> None:
    assert html.render(read(run_folder)) == html.render(read(run_folder))
