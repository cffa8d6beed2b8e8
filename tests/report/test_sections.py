"""Sections: found by file, placed by order; pictures of other programs go where they belong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgekit.report.blocks import Group, Image, Picture, Prose, Table
from edgekit.report.parts import Departure, NodeCost, Trace, TracedValue
from edgekit.report.read import Run, read
from edgekit.report.sections import profile, trace
from edgekit.report.sections.base import REGISTRY, sections
from tests.report.example import hil_record


def test_a_section_is_one_file(run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "edgekit" / "report.sections"
    own.mkdir(parents=True)
    (own / "energy.py").write_text(
        "from edgekit.report.blocks import Prose\n"
        "from edgekit.report.sections.base import Section\n"
        "SECTION = Section(order=85, title='Energy', blocks=lambda run: [Prose('3 mJ')])\n"
    )
    monkeypatch.chdir(tmp_path)
    keys = [section.key for section in sections(read(run_folder))]
    assert keys.index("time") < keys.index("energy") < keys.index("provenance")


def test_no_two_sections_claim_the_same_place() -> None:
    orders = [section.order for section in REGISTRY.all().values()]
    assert len(set(orders)) == len(orders)


def test_a_section_without_content_is_left_out(run_folder: Path) -> None:
    (run_folder / "history.csv").unlink()
    keys = [section.key for section in sections(read(run_folder))]
    assert "training" not in keys and "problems" not in keys and "data" in keys


def test_the_epoch_that_was_kept_is_told_and_why(run_folder: Path) -> None:
    def said() -> str:
        found = next(s for s in sections(read(run_folder)) if s.key == "training")
        return " ".join(block.text for block in found.blocks if isinstance(block, Prose))

    assert "The validation loss is lowest after epoch" in said()
    path = run_folder / "provenance.json"
    provenance = json.loads(path.read_text())
    path.write_text(json.dumps({**provenance, "best_epoch": 3, "watched": "val_accuracy"}))
    assert "Epoch 3 is kept, the best by accuracy on validation subjects." in said()
    for wrong in ({"best_epoch": 99, "watched": "val_accuracy"}, {"best_epoch": 3, "watched": [1]}):
        path.write_text(json.dumps({**provenance, **wrong}))
        assert "lowest after epoch" in said()


def test_pictures_are_shown_once_and_not_where_the_page_draws_better_ones(run_folder: Path) -> None:
    svg = (run_folder / "plots" / "examples.svg").read_text()
    for stem in ("history", "confusion", "frontier"):
        (run_folder / "plots" / f"{stem}.svg").write_text(svg)
    found = {s.key: [b.caption for b in s.blocks if isinstance(b, Image)] for s in sections(read(run_folder))}
    assert found["pictures"] == ["Frontier (synthetic data)"]
    assert found["data"] == ["Examples (synthetic data)"] and found["recordings"] == ["Real 208"]
    assert sum(map(len, found.values())) == 3


def test_every_output_of_a_model_with_several_is_named(run_folder: Path) -> None:
    path = run_folder / "export" / "mps2-an386" / "manifest.json"
    manifest = json.loads(path.read_text())
    (logits,) = manifest["outputs"]
    manifest["outputs"] = [{**logits, "name": "embedding", "shape": [1, 256]}, logits]

    def said() -> str:
        found = next(s for s in sections(read(run_folder)) if s.key == "agreement")
        return " ".join(block.text for block in found.blocks if isinstance(block, Prose))

    assert "embedding" not in said()
    path.write_text(json.dumps(manifest))
    assert "every output was compared: embedding, 256 x int8; logits, 4 x int8." in said()


def test_nodes_are_listed_by_their_cost_and_summed_by_operator() -> None:
    nodes = [
        NodeCost(node=0, op="CONV_2D", name="stem", ticks=200, share=0.2),
        NodeCost(node=3, op="SOFTMAX", name="end", ticks=300.4, share=0.3),
        NodeCost(node=2, op="CONV_2D", name="<b>", ticks=500, share=0.5),
    ]
    run = Run(Path("run"), hil=[hil_record(profile=nodes), hil_record("host")])
    (group,) = profile.SECTION.blocks(run)
    assert isinstance(group, Group) and "1,000 instructions" in group.title
    bar, table = group.blocks
    assert isinstance(bar, Picture) and [name for _, name in bar.legend] == [
        "CONV_2D 70.0\u00a0%",
        "SOFTMAX 30.0\u00a0%",
    ]
    assert isinstance(table, Table) and [str(row[0]) for row in table.rows] == ["2", "3", "0"]


def test_the_first_node_that_departs_is_named_with_its_values() -> None:
    departure = Departure(
        node=4, op="ADD", name="<b>", tensor=None, shape=[1, 3, 2], dtype="int8", scale=0.5, elements=6,
        differing=2, channels=1, max_abs_diff=9, witness="host build",
        values=[TracedValue(element=1, expected=4, got=-5), TracedValue(element=3, expected=None, got=2)],
    )  # fmt: skip
    traced = Trace(
        vector=7, agreed=3, by_host=1, skipped=2, reproduced=False, departure=departure, causes=["a", "b"]
    )
    held = Trace(vector=0, agreed=9)
    records = [hil_record(trace=traced), hil_record("host", trace=held), hil_record("other")]
    first, second = trace.SECTION.blocks(Run(Path("run"), hil=records))
    assert isinstance(first, Group) and isinstance(second, Group) and first.title.startswith("Vector 7 on")
    said = [block.text for block in first.blocks if isinstance(block, Prose)]
    assert said[0] == "The first that departs is node 4: ADD '<b>'."
    assert "2 of 6\u00a0elements in 1\u00a0channel differ, by 9 at most (int8 [1, 3, 2]" in said[1]
    assert "compared with the host build" in said[1] and "gave other outputs" in said[-3]
    assert said[-2:] == ["Usual cause: a.", "Usual cause: b."]
    (table,) = (block for block in first.blocks if isinstance(block, Table))
    assert table.rows == [["1", "4", "-5", "-9"], ["3", "not finite", "2", "n/a"]]
    (only,) = second.blocks
    assert isinstance(only, Prose) and "No node departs: 9\u00a0nodes" in only.text and only.tone == "good"
