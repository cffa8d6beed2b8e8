"""The picture of examples."""

import numpy as np
import pytest

from edgekit.data.summary import plot_examples

pytest.importorskip("matplotlib")


def test_has_a_row_per_class_and_repeats_to_the_byte(tmp_path) -> None:
    signal = np.sin(np.arange(200) / 10).astype(np.float32)
    examples = [("SR", signal), ("AFIB", -signal), ("SR", 2 * signal)]
    first, second = tmp_path / "plots" / "a.svg", tmp_path / "b.svg"
    plot_examples(examples, 100.0, first, "Two classes")
    plot_examples(iter(examples), 100.0, second, "Two classes")
    assert first.read_bytes() == second.read_bytes()
    text = first.read_text()
    assert text.count('<g id="axes_') == 3
    for label in ("SR", "AFIB", "Two classes"):
        assert f"<!-- {label} -->" in text
    plot_examples([("SR", 0.5 * signal)], 100.0, second, "Two classes")
    assert second.read_text() != text


def test_draws_four_of_a_class_and_an_empty_picture_of_none(tmp_path) -> None:
    signal = np.arange(10, dtype=np.float32)
    path = tmp_path / "a.svg"
    plot_examples([("SR", signal)] * 9, 1.0, path, "many")
    assert path.read_text().count('<g id="axes_') == 4
    plot_examples([], 1.0, path, "none")
    assert "<!-- none -->" in path.read_text()


def test_a_spectrogram_is_a_picture_with_seconds_along_it(tmp_path) -> None:
    rows = np.arange(96 * 64, dtype=np.float32).reshape(96, 64)
    first, second = tmp_path / "a.svg", tmp_path / "b.svg"
    plot_examples([("speech", rows)], 100.0, first, "one")
    plot_examples([("speech", rows)], 100.0, second, "one")
    text = first.read_text()
    assert text.count("<image") == 1 and text == second.read_text()
    assert "<!-- 0.8 -->" in text and "<!-- 1.0 -->" not in text
