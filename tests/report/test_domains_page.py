"""The page of runs across data sets: whole, in the look of the others, and safe with others' names."""

from __future__ import annotations

import re

from edgekit.report.blocks import PNG
from edgekit.report.domains import DomainRun, DomainScore, DomainsRecord, Judged
from edgekit.report.domains_page import render
from tests.report.test_html import HOSTILE, Page

SHEET = PNG + b"sheet"


def run(name: str, *scores: tuple[float, str], **more: object) -> DomainRun:
    made = [
        DomainScore(test=f"test {n}", value_float=value, value_quantized=value - 0.1, counts_quantized=counts)
        for n, (value, counts) in enumerate(scores)
    ]
    return DomainRun.model_validate({
        "name": name, "run": f"folder of {name}", "train": 1900, "validation": 19, "scores": made,
        "dataset": "scenes", "options": {"domain": "A", "size": "160"}, "synthetic": True, **more,
    })  # fmt: skip


def record(**more: object) -> DomainsRecord:
    here = Judged(name="here", run="x", dataset="scenes", synthetic=True, examples=192,
                  options={"domain": "A", "size": "160"})  # fmt: skip
    away = Judged(name="away", run="y", dataset="photographs", synthetic=False, examples=7)
    runs = [
        run("first", (0.9, "9 of 10 found, 1 wrong"), (0.5, "1 of 7 found, 3 wrong")),
        run("tuned", (0.8, "8 of 10 found, 2 wrong"), (0.7, "5 of 7 found, 0 wrong"),
            start_from="runs/a/folder of first", synthetic=False, options={}, dataset="photographs"),
    ]  # fmt: skip
    return DomainsRecord.model_validate({"metric": "mAP50", "tests": [here, away], "runs": runs, **more})


def words(page: str) -> str:
    """Returns what is read, with a space for each tag."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<main>")[2]).split())


def test_it_says_what_is_compared_what_is_synthetic_and_which_run_is_best() -> None:
    page = render(record(command="edgekit domains a b"), b"<svg/>", {"away": SHEET})
    made, text = Page(page), words(page)
    assert made.ids == ["runs", "scores", "pictures", "tests"]
    assert "Synthetic data: runs first, test sets here." in page
    assert "the weights of first" in text and "weights drawn by lot" in text
    assert "scenes: domain A, size 160" in text
    assert "Best on here (synthetic) 0.8000 first, 9 of 10 found, 1 wrong" in text
    assert "Best on away 0.6000 tuned, 5 of 7 found, 0 wrong" in text
    assert "192 examples" in text and "edgekit domains a b" in text
    pictures = [attrs["alt"] for tag, attrs in made.tags if tag == "img"]
    assert len(pictures) == 2 and pictures[1].startswith("away: pictures with true boxes")


def test_options_that_are_the_same_everywhere_are_not_shown() -> None:
    runs = [run("a", (0.9, "")), run("b", (0.8, ""), options={"domain": "B", "size": "160"})]
    made = record(tests=record().tests[:1], runs=runs)
    page = render(made, b"<svg/>", {})
    text = words(page)
    assert "scenes: domain B" in text and "size" not in text
    assert "Synthetic data: all that the runs have learnt from, and every test set." in page


def test_of_losses_the_least_is_the_best_and_without_boxes_there_are_no_pictures() -> None:
    page = render(record(higher_is_better=False), b"<svg/>", {})
    assert "Best on here (synthetic) 0.7000 tuned" in words(page)
    assert Page(page).ids == ["runs", "scores", "tests"]


def test_names_of_others_do_nothing_and_nothing_is_loaded() -> None:
    runs = [run(HOSTILE, (0.9, HOSTILE), start_from=HOSTILE, options={HOSTILE: HOSTILE}, dataset=HOSTILE)]
    tests = [Judged(name=HOSTILE, run=HOSTILE, dataset=HOSTILE, synthetic=True, examples=1)]
    text = render(record(metric=HOSTILE, notice=HOSTILE, command=HOSTILE, tests=tests, runs=runs),
                  b"<svg/>", {HOSTILE: SHEET})  # fmt: skip
    made = Page(text)
    assert not {tag for tag, _ in made.tags} & {"script", "link", "iframe", "object", "base", "form"}
    assert all((attrs["src"] or "").startswith("data:") for _, attrs in made.tags if "src" in attrs)
    assert "default-src 'none'" in text and not re.search(r"url\(|@import", text)
    assert made.text.count(HOSTILE) > 8
