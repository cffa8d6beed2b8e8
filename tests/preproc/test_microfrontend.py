"""The integer front end gives the numbers of TensorFlow Lite Micro's, to the last."""

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.preproc import fixed_fourier
from edgekit.preproc import microfrontend_tables as tables_of
from edgekit.preproc.chain import Chain

from .conftest import samples_of
from .test_audio import RATE, read, signals

FRAME = {"step": "frame", "samples": 1, "hop": 1}


def features(signal, **params):
    chain = Chain.design([{"step": "microfrontend", **params}, FRAME], RATE, "int16")
    return chain.frames(signal)[0][:, 0]


def original(signal):
    """Rows of the original C, as the wheel pymicro-features carries it: windows of 30 ms every 10 ms."""
    module = pytest.importorskip("pymicro_features", reason="pymicro-features comes with edgekit[dev]")
    front = module.MicroFrontend()
    samples = samples_of(Chain.design([FRAME], RATE, "int16"), signal).tobytes()
    rows, at = [], 0
    while at + 320 <= len(samples):
        result = front.process_samples(samples[at : at + 320])
        at += 2 * result.samples_read
        if result.features:
            rows.append(np.round(np.array(result.features) / 0.0390625))
    return np.array(rows)


@pytest.mark.parametrize("case", [case for case in signals() if case not in ("short", "nan and inf")])
def test_made_signals_give_the_originals_numbers(case):
    found, expected = features(signals()[case], hop=160), original(signals()[case])
    assert np.array_equal(found[: len(expected)], expected)
    assert len(expected) > 90


@pytest.mark.parametrize("word", ["yes", "no", "noise"])
def test_speech_gives_the_originals_numbers(word, shared_data):
    signal = read(shared_data / "audio" / f"{word}_1000ms.wav")
    assert np.array_equal(features(signal, hop=160), original(signal / 32768))


def test_the_logarithms_segments_follow_the_formula_of_the_table():
    assert tables_of.segments()[[0, 1, 57, 127, 128, 129]].tolist() == [0, 224, 5641, 142, 0, 0]


def test_weights_of_a_bin_add_up_to_one():
    weights = tables_of.bands(40, 125.0, 7500.0, 16000.0, 512)["weights"]
    assert (weights >= 0).all()
    assert np.abs(weights.sum(axis=1) - 4096).max() <= 1


@pytest.mark.parametrize("n", [16, 32, 256, 512, 1024])
def test_the_fixed_transform_is_a_transform(n):
    x = np.random.default_rng(n).integers(-32768, 32768, (n, 20)).astype(np.int16)
    half = n // 2
    tables = {"twiddles": fixed_fourier.twiddles(half), "super_twiddles": fixed_fourier.super_twiddles(half)}
    real, imag = fixed_fourier.rfft(x, tables)
    expected = np.fft.rfft(x.astype(np.float64), axis=0) / n
    assert np.abs(real + 1j * imag - expected).max() < 4  # of 32768: each stage rounds to 16 bits


def test_swaps_bring_about_the_order():
    for half in (8, 16, 128, 256):
        places = np.arange(half)
        for i, j in fixed_fourier.swaps(half):
            places[[i, j]] = places[[j, i]]
        assert np.array_equal(places, fixed_fourier.order(half))


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"hop": 481}, "hop: is longer than the window"),
        ({"high_hz": 8000.0}, "high_hz: is not below half the sampling rate"),
        ({"low_hz": 7600.0}, "low_hz must be below high_hz"),
        ({"smoothing_bits": 2}, "smoothing_bits: is too small for this window"),
    ],
)
def test_what_does_not_fit_is_refused(params, text):
    with pytest.raises(InputError, match=text):
        features(np.zeros(1000), **params)
