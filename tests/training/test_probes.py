"""Linear probes on embeddings whose truth is known."""

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.training.probes import probe

pytest.importorskip("sklearn")


def speakers(groups: int, clips: int, seed: int, values: int = 6):
    """Embeddings in which each speaker has a place of its own, and who speaks."""
    random = np.random.default_rng(seed)
    who = np.repeat(np.arange(groups), clips)
    x = random.normal(size=(groups, values))[who] + 0.3 * random.normal(size=(len(who), values))
    return x, who, random


def test_what_a_direction_tells_is_found_in_new_speakers() -> None:
    x, who, random = speakers(12, 10, 0)
    y = random.integers(2, size=len(who))
    x[:, 0] += 6 * y
    found = probe(x, np.where(y, "high", "low"), who.astype(str))
    assert found.accuracy > 0.9
    assert found.low > 0.8
    assert found.beats_chance
    assert (found.n, found.groups, found.classes, found.chance) == (120, 12, ("high", "low"), 0.5)
    assert found == probe(x, np.where(y, "high", "low"), who.astype(str))


def test_a_label_that_goes_with_speakers_alone_is_at_chance_for_new_ones() -> None:
    """On the same speakers it would score 1: this is what a split by speaker is for."""
    beats, scores, widths = 0, [], []
    for seed in range(12):
        x, who, _ = speakers(16, 6, seed)
        found = probe(x, np.where(who % 2, "a", "b"), who.astype(str), seed=seed, resamples=400)
        beats += found.beats_chance
        scores.append(found.accuracy)
        widths.append(found.high - found.low)
    assert beats <= 2
    assert np.mean(scores) == pytest.approx(0.5, abs=0.12)
    assert np.mean(widths) > 0.25  # 96 clips would seem to give 0.2; there are only 16 speakers


def test_speakers_are_recognised_where_folds_are_given() -> None:
    x, who, _ = speakers(8, 12, 3)
    names = np.char.add("speaker ", who.astype(str))
    found = probe(x, names, names, folds=np.tile(np.arange(4), 24))
    assert found.accuracy > 0.9
    assert found.chance == pytest.approx(1 / 8)
    assert found.low <= found.accuracy <= found.high
    noise = np.random.default_rng(0).normal(size=x.shape)
    assert not probe(noise, names, names, folds=np.tile(np.arange(4), 24)).beats_chance


def test_a_common_class_is_no_merit() -> None:
    x, who, random = speakers(12, 10, 5)
    y = np.where(random.random(len(who)) < 0.9, "common", "rare")
    found = probe(random.normal(size=x.shape), y, who.astype(str))
    assert found.majority > 0.8
    assert found.accuracy < 0.7
    assert not found.beats_chance


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x, y, g: (x[:-1], y, g), "do not match"),
        (
            lambda x, y, g: (np.where(np.arange(len(x))[:, None] == 4, np.nan, x), y, g),
            r"not finite(.|\n)*1 of 60",
        ),
        (lambda x, y, g: (x, np.full(len(y), "a"), g), r"needs two classes(.|\n)*found: +a"),
        (lambda x, y, g: (x, y, np.where(g == "0", "0", "1")), r"too few groups(.|\n)*found: +2"),
        (lambda x, y, g: (x, np.where(g == "0", "a", "b"), g), r"too few groups of a class(.|\n)*found: +1"),
    ],
)
def test_what_cannot_be_probed_is_said(change, message) -> None:
    x, who, _ = speakers(10, 6, 0)
    with pytest.raises(InputError, match=message):
        probe(*change(x, np.where(who % 2, "a", "b"), who.astype(str)))
