"""Spectra, mel bands, logarithms and PCEN agree with SciPy, librosa and TensorFlow's conventions."""

import numpy as np
import pytest

from edgekit.preproc import elementary
from edgekit.preproc.base import REGISTRY, Signal
from edgekit.preproc.chain import Chain
from edgekit.preproc.fourier import rfft
from edgekit.preproc.mel import Params, _matrix

from .test_audio import RATE, voice

librosa = pytest.importorskip("librosa", reason="librosa comes with edgekit[dev]")


def rows(*steps, signal=None):
    """Runs steps behind a window of 400 every 160 samples, and returns one row for each window."""
    window = {"step": "window", "samples": 400, "hop": 160}
    chain = Chain.design([window, *steps, {"step": "frame", "samples": 1, "hop": 1}], RATE)
    frames, _ = chain.frames(voice() if signal is None else signal)
    return frames[:, 0].astype(np.float64)


def stft(signal, n=512):
    """The same windows by librosa, whose window is centred in the transform; magnitudes do not see where."""
    return np.abs(
        librosa.stft(
            np.pad(signal.astype(np.float64), ((n - 400) // 2, n)), n_fft=n, hop_length=160, win_length=400,
            window="hann", center=False,
        )
    ).T  # fmt: skip


@pytest.mark.parametrize("n", [8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096])
def test_the_transform_agrees_with_scipy(n):
    scipy_fft = pytest.importorskip("scipy.fft")
    step = REGISTRY.get("rfft")
    params, signal = step.Params(length=n), Signal(100.0, (n - n // 4,), "time", RATE)
    constants = step.design(params, signal)
    x = np.random.default_rng(n).normal(size=(300, n - n // 4)).astype(np.float32)
    packed = rfft(x, n, constants["sines"]).astype(np.float64)
    found = np.concatenate([packed[:, :1], packed[:, 2::2] + 1j * packed[:, 3::2], packed[:, 1:2]], axis=1)
    expected = scipy_fft.rfft(x.astype(np.float64), n)
    assert np.abs(found - expected).max() < 3e-7 * np.abs(expected).max()


def test_magnitudes_and_powers_agree_with_librosa():
    signal = voice()
    magnitude = rows({"step": "rfft", "length": 512}, {"step": "magnitude"})
    power = rows({"step": "rfft", "length": 512}, {"step": "power"})
    expected = stft(signal)[: len(magnitude)]
    assert np.abs(magnitude - expected).max() < 1e-6 * expected.max()
    assert np.abs(power - expected**2).max() < 1e-6 * (expected**2).max()


@pytest.mark.parametrize("scale", ["htk", "slaney"])
@pytest.mark.parametrize("norm", ["none", "slaney"])
@pytest.mark.parametrize(
    ("bands", "low", "high"), [(64, 125.0, 7500.0), (40, 20.0, 8000.0), (80, 0.0, 8000.0)]
)
def test_mel_weights_are_librosas(scale, norm, bands, low, high):
    n = 2048
    params = Params(bands=bands, low_hz=low, high_hz=high, scale=scale, norm=norm, sides="hz")
    expected = librosa.filters.mel(
        sr=RATE, n_fft=n, n_mels=bands, fmin=low, fmax=high, htk=scale == "htk",
        norm="slaney" if norm == "slaney" else None, dtype=np.float64,
    )  # fmt: skip
    assert np.abs(_matrix(params, Signal(1.0, (n // 2 + 1,), "frequency", RATE / n)) - expected).max() < 1e-12


def test_log_mel_agrees_with_librosa():
    mel = {"step": "mel", "bands": 64, "scale": "slaney", "norm": "slaney", "sides": "hz"}
    found = rows({"step": "rfft"}, {"step": "power"}, mel, {"step": "log", "unit": "10log10", "floor": 1e-10})
    bands = librosa.filters.mel(sr=RATE, n_fft=512, n_mels=64, fmin=125, fmax=7500, dtype=np.float64)
    expected = librosa.power_to_db((stft(voice()) ** 2)[: len(found)] @ bands.T, amin=1e-10, top_db=None)
    assert np.abs(found - expected).max() < 1e-3  # dB


def test_pcen_agrees_with_librosa():
    mel = {"step": "mel", "bands": 40}
    values = rows({"step": "rfft"}, {"step": "power"}, mel)
    found = rows({"step": "rfft"}, {"step": "power"}, mel, {"step": "pcen"})
    expected = librosa.pcen(
        values.T, gain=0.98, bias=2.0, power=0.5, eps=1e-6, b=0.025, zi=0.975 * values[:1].T
    ).T
    assert np.abs(found - expected).max() < 1e-5


def test_pre_emphasis_agrees_with_librosa():
    steps = [{"step": "pre-emphasis", "coefficient": 0.9}, {"step": "frame", "samples": 24000, "hop": 1}]
    frames, _ = Chain.design(steps, RATE).frames(voice())
    expected = librosa.effects.preemphasis(voice(), coef=0.9, zi=np.array([-0.9 * voice()[0]]))
    assert np.abs(frames[0] - expected).max() < 1e-6


def test_straight_sides_over_mel_are_tensorflows():
    """The formula of tf.signal.linear_to_mel_weight_matrix, as VGGish, YAMNet and FRILL use it."""

    def mel(hz):
        return 1127.0 * np.log(1.0 + hz / 700.0)

    edges = np.linspace(mel(125.0), mel(7500.0), 66)
    bins = mel(np.linspace(0, 8000, 257)[1:])[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    expected = np.pad(np.maximum(0, np.minimum(rising, falling)), [(1, 0), (0, 0)])
    found = _matrix(Params(), Signal(100.0, (257,), "frequency", RATE / 512))
    assert np.abs(found.T - expected).max() < 1e-9  # a factor of the scale cancels


@pytest.mark.parametrize(("name", "low", "high"), [("log", 1.2e-38, 3.4e38), ("exp", -87.0, 88.0)])
def test_elementary_functions_lie_within_2_units_in_the_last_place(name, low, high):
    generator = np.random.default_rng(0)
    if name == "log":
        x = np.concatenate(
            [np.exp(generator.uniform(np.log(low), np.log(high), 200000)), generator.uniform(0.5, 2, 200000)]
        )
    else:
        x = generator.uniform(low, high, 200000)
    x = x.astype(np.float32)
    expected = getattr(np, name)(x.astype(np.float64))
    unit = np.spacing(np.abs(expected).astype(np.float32)).astype(np.float64)
    assert (np.abs(getattr(elementary, name)(x) - expected) / unit).max() < 2


def test_logarithm_of_1_is_0():
    assert elementary.log(np.ones(1, np.float32))[0] == 0
