"""A user's own step, as docs/adding-a-step.md shows it, works beside the carried ones."""

import re
from pathlib import Path

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.preproc.base import REGISTRY
from edgekit.preproc.chain import Chain
from edgekit.quant import quantize

from .conftest import SCALE, ZERO_POINT, hostile, pulses

PAGE = Path(__file__).resolve().parents[2] / "docs" / "adding-a-step.md"


def block(language: str) -> str:
    """Returns the one code block of a language in the page."""
    (text,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return text


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """A working folder with the page's step in it."""
    folder = tmp_path / "edgekit" / "preproc"
    folder.mkdir(parents=True)
    (folder / "rms.py").write_text(block("python"))
    (folder / "rms.c.j2").write_text(block("jinja"))
    monkeypatch.chdir(tmp_path)
    return folder


def envelope(step: str) -> Chain:
    """Windows of 36 samples, their rms, and frames of 20 of those."""
    steps = [
        {"step": "notch", "frequency_hz": 60.0},
        {"step": "frame", "samples": 36, "hop": 18},
        {"step": step},
        {"step": "frame", "samples": 20, "hop": 5},
        {"step": "znorm"},
    ]
    return Chain.design(steps, rate_hz=360.0)


@pytest.mark.parametrize("name", ["rms", "./edgekit/preproc/rms.py"])
def test_a_step_beside_the_user_runs_in_numpy_and_c(beside, name, compiled):
    chain = envelope(name)
    assert chain.output.shape == (20,)
    assert chain.description[2] == "root mean square of each window of 36"
    c = compiled(chain)
    for case, signal in hostile(pulses(12000)).items():
        print(case)  # shown when it fails
        frames, nonfinite = chain.frames(signal)
        result = c.run(signal, [100])
        assert np.array_equal(result.frames, frames)
        assert np.array_equal(result.quantised, quantize(frames, SCALE, ZERO_POINT))
        assert result.nonfinite == nonfinite


def test_it_stays_near_its_ideal(beside):
    signal = pulses(12000)
    frames, _ = envelope("rms").frames(signal)
    assert np.abs(frames - envelope("rms").frames_float64(signal)).max() < 1e-4


def test_it_is_listed_with_the_carried_ones(beside):
    assert {"bandpass", "frame", "rms", "znorm"} <= set(REGISTRY.keys())


def test_a_stored_chain_finds_it_again(beside):
    stored = Chain.from_dict(envelope("rms").to_dict())
    assert stored.render_c("x", 0.1, 0) == envelope("rms").render_c("x", 0.1, 0)


def test_a_missing_template_is_named(beside):
    (beside / "rms.c.j2").unlink()
    with pytest.raises(InputError, match="has no C template") as caught:
        envelope("rms").render_c("x", 0.1, 0)
    assert str(beside / "rms.c.j2") in str(caught.value)


def test_a_template_that_lacks_a_macro_is_named(beside):
    (beside / "rms.c.j2").write_text("{% macro proces(s) %}{% endmacro %}")
    with pytest.raises(InputError, match="lacks a macro for a stream step") as caught:
        envelope("rms").render_c("x", 0.1, 0)
    assert "process" in str(caught.value)


def test_a_template_that_is_broken_is_named(beside):
    (beside / "rms.c.j2").write_text("{% macro process(s) %}\n{{ s.n.cuont }}\n{% endmacro %}")
    with pytest.raises(InputError, match="cuont") as caught:
        envelope("rms").render_c("x", 0.1, 0)
    assert str(beside / "rms.c.j2") in str(caught.value)


def test_a_step_that_leaves_float32_is_named(beside):
    text = block("python")
    (beside / "rms.py").write_text(text.replace("np.sqrt(total /", "np.float64(1) * np.sqrt(total /"))
    with pytest.raises(InputError, match=r"its run\(\) and its output\(\) disagree") as caught:
        envelope("rms").frames(np.zeros(3000))
    assert "float64 items of shape []" in str(caught.value)
