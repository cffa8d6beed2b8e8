"""What is wrong with a chain for sound is said, with its place."""

import re

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.preproc.chain import Chain

WINDOW = {"step": "window", "samples": 400, "hop": 160}
FRAME = {"step": "frame", "samples": 4, "hop": 4}


def design(*steps, samples="float32"):
    return Chain.design(list(steps), 16000.0, samples)


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        ([{"step": "rfft"}, FRAME], r"steps\[0\] rfft: takes rows of time"),
        ([WINDOW, {"step": "power"}, FRAME], r"steps\[1\] power: takes rows of spectrum"),
        ([WINDOW, {"step": "rfft"}, {"step": "mel"}, FRAME], "behind 'magnitude' or 'power'"),
        ([WINDOW, {"step": "pcen"}, FRAME], r"steps\[1\] pcen: takes rows of mel or frequency"),
        ([WINDOW, WINDOW, FRAME], "takes a stream of single values"),
        ([WINDOW, {"step": "pre-emphasis"}, FRAME], "takes a stream of single values"),
        ([{"step": "window", "samples": 100, "hop": 101}, FRAME], "hop: is longer than the window"),
        ([WINDOW, {"step": "rfft", "length": 256}, FRAME], "length: is no length for this window"),
        ([WINDOW, {"step": "rfft", "length": 500}, FRAME], "a power of two"),
        ([WINDOW, {"step": "normalise", "mean": [1.0, 2.0]}, FRAME], "mean: does not fit the items"),
        ([{"step": "normalise", "std": 0.0}, FRAME], "must be above 0"),
        ([{"step": "log", "floor": 0.0}, FRAME], "log: floor: Input should be greater"),
        ([WINDOW], "no step collects frames"),
    ],
)
def test_a_chain_without_sense_is_refused(steps, text):
    with pytest.raises(InputError) as caught:
        design(*steps)
    assert re.search(text, str(caught.value)), str(caught.value)


def mel(**params):
    return design(WINDOW, {"step": "rfft"}, {"step": "power"}, {"step": "mel", **params}, FRAME)


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"high_hz": 8001.0}, "high_hz: is above half the sampling rate"),
        ({"low_hz": 5000.0, "high_hz": 4000.0}, "low_hz must be below high_hz"),
        ({"bands": 128, "low_hz": 20.0}, "lie between two bins and would always be 0"),
        ({"bandz": 64}, "did you mean 'bands'"),
    ],
)
def test_mel_bands_without_sense_are_refused(params, text):
    with pytest.raises(InputError, match=text):
        mel(**params)


def test_the_type_of_samples_is_checked():
    with pytest.raises(InputError, match=r"preproc\.input: is no type of samples"):
        design(FRAME, samples="int8")


def test_descriptions_name_lengths_and_tables():
    chain = design(WINDOW, {"step": "rfft"}, {"step": "magnitude"}, {"step": "mel"}, {"step": "log"}, FRAME)
    assert chain.description[:5] == [
        "window of 400 (25 ms), a new one every 160 (10 ms): hann, periodic",
        "real Fourier transform of 512: 257 bins of 31.25 Hz, radix 4, tables of 2268 bytes",
        "magnitude of each bin of a spectrum: 257 values",
        "64 mel bands, 125 to 7500 Hz: htk scale, norm none, sides straight over mel",
        "ln(max(x, 1e-12))",
    ]


def test_a_stored_chain_gives_the_same_numbers_and_c():
    steps = (WINDOW, {"step": "rfft"}, {"step": "power"}, {"step": "mel"}, {"step": "pcen"}, FRAME)
    chain = design(*steps, samples="int16")
    stored = Chain.from_dict(chain.to_dict())
    signal = np.random.default_rng(0).normal(size=4000)
    assert stored.int16
    assert np.array_equal(stored.frames(signal)[0], chain.frames(signal)[0])
    assert stored.render_c("x", 0.1, 3) == chain.render_c("x", 0.1, 3)


def test_windows_start_a_hop_apart():
    chain = design(
        {"step": "window", "samples": 4, "hop": 3, "shape": "rectangular"},
        {"step": "frame", "samples": 2, "hop": 2},
    )
    frames, _ = chain.frames(np.arange(14))
    assert frames.tolist() == [[[0, 1, 2, 3], [3, 4, 5, 6]], [[6, 7, 8, 9], [9, 10, 11, 12]]]


def test_a_hann_window_is_periodic():
    chain = design({"step": "window", "samples": 4, "hop": 4}, {"step": "frame", "samples": 1, "hop": 1})
    assert chain.frames(np.ones(4))[0][0].tolist() == [[0, 0.5, 1, 0.5]]


def test_decibels_have_a_floor():
    chain = design(
        {"step": "log", "unit": "20log10", "floor": 1e-5}, {"step": "frame", "samples": 3, "hop": 3}
    )
    assert chain.frames([1.0, 0.1, 0.0])[0][0] == pytest.approx([0, -20, -100], abs=1e-4)


def test_pcen_of_a_steady_tone_does_not_depend_on_its_level():
    """What automatic gain is for: at gain 1 the level is divided out once the smoother has settled."""
    steps = (
        WINDOW, {"step": "rfft"}, {"step": "power"}, {"step": "mel"},
        {"step": "pcen", "gain": 1.0, "epsilon": 1e-12}, FRAME,
    )  # fmt: skip
    noise = np.random.default_rng(0).normal(size=16000)
    loud, _ = design(*steps).frames(noise)
    quiet, _ = design(*steps).frames(0.01 * noise)
    assert np.abs(loud - quiet).max() < 1e-3
