"""Resemblyzer's encoder: its front end beside librosa, its network beside Keras and PyTorch, its wheel."""

import subprocess
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest

from edgekit import paths
from edgekit.errors import CheckFailed, EnvironmentFailed, InputError
from edgekit.training.teachers import base, resemblyzer

from . import torch_writer

UNITS, MELS = 256, 40


@pytest.fixture(scope="module")
def weights():
    rng = np.random.default_rng(0)
    made = {}
    for i in range(3):
        inputs = MELS if i == 0 else UNITS
        for kind, columns in (("ih", inputs), ("hh", UNITS)):
            made[f"lstm.weight_{kind}_l{i}"] = rng.normal(0, 1 / np.sqrt(columns), (4 * UNITS, columns))
            made[f"lstm.bias_{kind}_l{i}"] = rng.normal(0, 0.1, 4 * UNITS)
    made["linear.weight"] = rng.normal(0, 1 / 16, (UNITS, UNITS))
    made["linear.bias"] = rng.normal(0, 0.1, UNITS)
    return {key: value.astype(np.float32) for key, value in made.items()}


@pytest.fixture(scope="module")
def wheel(weights, tmp_path_factory):
    """A wheel like Resemblyzer's, with random weights."""
    path = tmp_path_factory.mktemp("wheel") / resemblyzer.WHEEL
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("resemblyzer/pretrained.pt", torch_writer.checkpoint(weights))
    return path


@pytest.fixture(scope="module")
def teacher(wheel):
    return base.load("resemblyzer", {"wheel": str(wheel)})


@pytest.fixture(scope="module")
def voices():
    """Two seconds of something like voices: pulses through a changing resonance."""
    rng = np.random.default_rng(1)
    t = np.arange(32000) / 16000
    tones = [np.sin(2 * np.pi * f * t * (1 + 0.02 * np.sin(9 * t))) for f in (110, 220, 1500, 2500)]
    waves = 0.1 * np.sum(tones, axis=0) * np.abs(np.sin(4 * t)) + 0.01 * rng.standard_normal((3, 32000))
    return waves.astype(np.float32)


def test_mel_power_is_librosas(voices):
    librosa = pytest.importorskip("librosa")
    expected = librosa.feature.melspectrogram(y=voices, sr=16000, n_fft=400, hop_length=160, n_mels=40)
    found = np.stack([resemblyzer.mel_frames(voice) for voice in voices])
    assert found.shape == (3, 201, 40) and found.dtype == np.float32
    np.testing.assert_allclose(found, expected.transpose(0, 2, 1), rtol=2e-4, atol=1e-6 * expected.max())


def test_the_network_is_keras_lstm(weights, wheel):
    keras = pytest.importorskip("keras")
    frames = np.abs(np.random.default_rng(2).standard_normal((4, 30, MELS), np.float32))
    x = frames
    for i in range(3):
        layer = keras.layers.LSTM(UNITS, return_sequences=True)
        layer.build(x.shape)
        kernels = [weights[f"lstm.weight_{kind}_l{i}"].T for kind in ("ih", "hh")]
        layer.set_weights([*kernels, weights[f"lstm.bias_ih_l{i}"] + weights[f"lstm.bias_hh_l{i}"]])
        x = np.asarray(layer(x))
    raw = np.maximum(x[:, -1] @ weights["linear.weight"].T + weights["linear.bias"], 0)
    expected = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    np.testing.assert_allclose(resemblyzer.Encoder.read(wheel).encode(frames), expected, atol=2e-6)


def test_the_network_is_pytorchs_lstm(weights, wheel):
    torch = pytest.importorskip("torch")
    lstm, linear = torch.nn.LSTM(MELS, UNITS, 3, batch_first=True), torch.nn.Linear(UNITS, UNITS)
    tensors = {key: torch.from_numpy(value) for key, value in weights.items()}
    lstm.load_state_dict({k.removeprefix("lstm."): v for k, v in tensors.items() if k.startswith("lstm.")})
    linear.load_state_dict(
        {k.removeprefix("linear."): v for k, v in tensors.items() if k.startswith("linear.")}
    )
    frames = np.abs(np.random.default_rng(2).standard_normal((4, 30, MELS), np.float32))
    with torch.no_grad():
        raw = torch.relu(linear(lstm(torch.from_numpy(frames))[1][0][-1]))
        expected = (raw / raw.norm(dim=1, keepdim=True)).numpy()
    np.testing.assert_allclose(resemblyzer.Encoder.read(wheel).encode(frames), expected, atol=2e-6)


def test_targets_have_norm_one_and_do_not_depend_on_the_batch(teacher, voices):
    found = teacher(voices)
    assert (found.shape, found.dtype) == ((3, 256), np.float32)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)
    assert found.min() >= 0
    np.testing.assert_allclose(np.concatenate([teacher(wave[None]) for wave in voices]), found, atol=1e-6)


def test_a_clip_is_the_mean_of_its_partials(teacher, wheel, voices):
    assert resemblyzer.partials(16000) == [0]
    assert resemblyzer.partials(32000) == [0, 77]  # 77 + 160 frames lie beyond the end, 77 % of them within
    assert resemblyzer.partials(28000) == [0]
    encoder = resemblyzer.Encoder.read(wheel)
    padded = np.pad(voices, ((0, 0), (0, 5920)))
    mel = np.stack([resemblyzer.mel_frames(voice) for voice in padded])
    mean = (encoder.encode(mel[:, :160]) + encoder.encode(mel[:, 77:237])) / 2
    np.testing.assert_allclose(teacher(voices), mean / np.linalg.norm(mean, axis=1, keepdims=True), atol=1e-6)


def test_waveforms_of_several_lengths_go_through_together(wheel, voices):
    waves = [voices[0, :9000], voices[1], voices[2, :15360], np.tile(voices[0], 2)]
    for pad in (True, False):
        teacher = base.load("resemblyzer", {"wheel": str(wheel), "pad": pad})
        alone = np.concatenate([teacher([wave]) for wave in waves])
        np.testing.assert_allclose(teacher(waves), alone, atol=1e-6)


def test_quiet_sound_is_raised_and_loud_sound_left(teacher, voices):
    np.testing.assert_allclose(teacher(voices * 1e-3), teacher(voices * 1e-4), atol=1e-5)
    np.testing.assert_array_equal(resemblyzer.louder(voices[0]), voices[0])


def test_silence_and_a_single_sample_have_targets(teacher):
    assert np.isfinite(teacher(np.zeros((1, 16000), np.float32))).all()
    assert np.isfinite(teacher(np.ones((1, 1), np.float32))).all()


def test_short_sound_may_be_left_unpadded(wheel, voices):
    short = base.load("resemblyzer", {"wheel": str(wheel), "pad": False})
    frames = [resemblyzer.mel_frames(voice[:15360]) for voice in voices]
    expected = resemblyzer.Encoder.read(wheel).encode(frames)
    np.testing.assert_allclose(short(voices[:, :15360]), expected, atol=1e-6)
    assert short.digest != base.load("resemblyzer", {"wheel": str(wheel)}).digest


def test_its_cost_is_that_of_its_gates(teacher):
    assert teacher.macs_per_second == 100 * 4 * 256 * (40 + 256 + 2 * 512)


@pytest.mark.parametrize("bad", [np.full((1, 16000), np.nan), np.zeros((1, 0)), np.zeros((1, 2, 16000))])
def test_what_is_no_sound_is_refused(teacher, bad):
    with pytest.raises(InputError, match="finite samples"):
        teacher(bad.astype(np.float32))


def test_targets_of_another_shape_or_nan_are_a_failed_check():
    made = base.Loaded("bad", "0", 16000.0, 3, lambda waves: np.full((len(waves), 3), np.nan, np.float32))
    with pytest.raises(CheckFailed, match=r"gave no usable targets[\s\S]*6 of them not finite"):
        made(np.zeros((2, 16), np.float32))


def test_another_file_or_network_is_named(tmp_path, weights):
    other = tmp_path / "other.whl"
    with pytest.raises(InputError, match=r"is not Resemblyzer's wheel[\s\S]*pip download"):
        base.load("resemblyzer", {"wheel": str(other)})
    small = {key: value[:8] for key, value in weights.items()}
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("resemblyzer/pretrained.pt", torch_writer.checkpoint(small))
    with pytest.raises(InputError, match="holds another network"):
        base.load("resemblyzer", {"wheel": str(other)})


def test_the_wheel_is_fetched_once_and_checked(tmp_path, wheel, monkeypatch):
    data, calls = wheel.read_bytes(), []

    def pip(command, **_):
        calls.append(command)
        folder = resemblyzer.Path(command[command.index("--dest") + 1])
        (folder / resemblyzer.WHEEL).write_bytes(data)
        return SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(subprocess, "run", pip)
    monkeypatch.setattr(resemblyzer, "SHA256", resemblyzer.files.sha256(data))
    monkeypatch.setenv("EDGEKIT_CACHE", str(tmp_path))
    for _ in range(2):
        assert resemblyzer.fetch(paths.cache() / "teachers").read_bytes() == data
    (tmp_path / "teachers" / resemblyzer.WHEEL).write_bytes(b"damaged")
    resemblyzer.fetch(tmp_path / "teachers")
    assert len(calls) == 2 and "--require-hashes" in calls[0]


def test_no_network_is_an_error_that_says_what_to_bring(tmp_path, monkeypatch):
    done = SimpleNamespace(returncode=1, stderr="ERROR: No matching distribution found")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    with pytest.raises(
        EnvironmentFailed, match=r"No matching[\s\S]*pip download --no-deps resemblyzer==0.1.4"
    ):
        resemblyzer.fetch(tmp_path)
    assert not list(tmp_path.iterdir())
