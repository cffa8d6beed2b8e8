"""Resemblyzer's speaker encoder: three LSTM layers over mel frames, trained to tell speakers apart.

Source: Wan et al., "Generalized End-to-End Loss for Speaker Verification", arXiv:1710.10467, with the
weights of https://github.com/resemble-ai/Resemblyzer (Apache-2.0). Its wheel holds them; nothing else of it
is used, and no PyTorch.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from edgekit import console, files, paths
from edgekit.errors import EnvironmentFailed, InputError
from edgekit.training.teachers import torch_file
from edgekit.training.teachers.base import Loaded, Teacher, TeacherOptions

VERSION = "0.1.4"
WHEEL = f"Resemblyzer-{VERSION}-py3-none-any.whl"
SHA256 = "8f12eb2f1a9982d32e8db7856de754709b59c93a77bcf0ff536584b619a9dd1f"
RATE_HZ = 16000
_WEIGHTS = "resemblyzer/pretrained.pt"
_MOST_BYTES = 64 << 20
_LAYERS, _UNITS = 3, 256
_WINDOW, _HOP, _MELS = 400, 160, 40  # 25 and 10 ms
_PARTIAL, _PARTIAL_HOP, _COVERAGE = 160, 77, 0.75  # frames; 1.3 partials per second
_TARGET_DBFS = -30.0
_BATCH = 128  # partials that go through the network together


class ResemblyzerOptions(TeacherOptions):
    """Options of the teacher."""

    wheel: str = Field("", description="path of its wheel; default: fetched by pip, once")
    pad: bool = Field(True, description="pad short sound with silence to 1.6 s, as published")


class Resemblyzer(Teacher):
    """256 values per waveform, at least 0, of norm 1."""

    title = "Resemblyzer's voice encoder"
    licence = "Apache-2.0"
    source = "https://github.com/resemble-ai/Resemblyzer"
    Options = ResemblyzerOptions

    def load(self, options: ResemblyzerOptions) -> Loaded:
        """Returns the teacher, ready; see `Teacher.load`."""
        wheel = Path(options.wheel) if options.wheel else fetch(paths.cache() / "teachers")
        encoder = Encoder.read(wheel)
        macs = sum(4 * _UNITS * ((_MELS if i == 0 else _UNITS) + _UNITS) for i in range(_LAYERS))
        return Loaded(
            name="resemblyzer",
            digest=files.sha256(f"resemblyzer 1 {encoder.digest} {options.pad}".encode()),
            rate_hz=float(RATE_HZ),
            size=_UNITS,
            function=partial(encoder.embed, pad=options.pad),
            least_samples=_WINDOW,
            macs_per_second=macs * RATE_HZ // _HOP,
            nonnegative=True,
            unit_norm=True,
        )


def fetch(folder: Path) -> Path:
    """Returns the wheel, fetched by pip into `folder` where it is not there yet, checked against its hash.

    Args:
        folder: To keep it in.

    Raises:
        EnvironmentFailed: pip cannot fetch it, or the disk refused.
    """
    path = folder / WHEEL
    if path.is_file() and files.sha256(path) == SHA256:
        return path
    with console.status(f"Fetching {WHEEL}"), tempfile.TemporaryDirectory() as temporary:
        requirement = Path(temporary) / "requirement.txt"
        requirement.write_text(f"resemblyzer=={VERSION} --hash=sha256:{SHA256}\n")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
        command += ["--only-binary", ":all:", "--dest", temporary, "-r", str(requirement)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
            fault = done.stderr.strip().splitlines()[-1:] if done.returncode else []
        except (OSError, subprocess.TimeoutExpired) as error:
            fault = [str(error)]
        fetched = Path(temporary) / WHEEL
        if not fetched.is_file():
            raise EnvironmentFailed(
                where="teacher 'resemblyzer'", what="its wheel cannot be fetched", found="".join(fault)[:200],
                hint=f"bring it by other means (pip download --no-deps resemblyzer=={VERSION}) and give its "
                "path as the teacher's option 'wheel'",
            )  # fmt: skip
        files.write_bytes(path, fetched.read_bytes())
    return path


@dataclass(frozen=True)
class Encoder:
    """The network, in NumPy.

    Args:
        layers: For each LSTM layer: float32 [inputs, 4 * units], [units, 4 * units] and [4 * units]; gates
            in the order input, forget, cell, output.
        kernel, bias: float32 [units, size] and [size] of the dense layer.
        digest: SHA-256 of the file of the weights.
    """

    layers: tuple[tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]], ...]
    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]
    digest: str

    @classmethod
    def read(cls, wheel: Path) -> Encoder:
        """Returns the network with the weights in a wheel.

        Args:
            wheel: Path of Resemblyzer's wheel.

        Raises:
            InputError: There is no such file, or it holds no such weights.
        """
        where = f"{wheel}: {_WEIGHTS}"
        try:
            with zipfile.ZipFile(wheel) as archive:
                size = archive.getinfo(_WEIGHTS).file_size
                if size > _MOST_BYTES:
                    raise InputError(where=where, what=f"is larger than {_MOST_BYTES} bytes", found=str(size))
                data = archive.read(_WEIGHTS)
        except (OSError, KeyError, zipfile.BadZipFile, NotImplementedError) as error:
            raise InputError(
                where=str(wheel), what="is not Resemblyzer's wheel", expected=WHEEL, found=str(error)[:200],
                hint=f"pip download --no-deps resemblyzer=={VERSION}",
            ) from error  # fmt: skip
        weights = torch_file.read(data, "model_state", where)
        expected = {"linear.weight": (_UNITS, _UNITS), "linear.bias": (_UNITS,)}
        for i in range(_LAYERS):
            inputs = _MELS if i == 0 else _UNITS
            expected |= {f"lstm.weight_ih_l{i}": (4 * _UNITS, inputs), f"lstm.bias_ih_l{i}": (4 * _UNITS,)}
            expected |= {f"lstm.weight_hh_l{i}": (4 * _UNITS, _UNITS), f"lstm.bias_hh_l{i}": (4 * _UNITS,)}
        found = {name: weights[name].shape if name in weights else None for name in expected}
        if found != expected:
            raise InputError(
                where=where, what="holds another network", expected=str(expected), found=str(found)
            )
        layers = tuple(
            (
                np.ascontiguousarray(weights[f"lstm.weight_ih_l{i}"].T, np.float32),
                np.ascontiguousarray(weights[f"lstm.weight_hh_l{i}"].T, np.float32),
                (weights[f"lstm.bias_ih_l{i}"] + weights[f"lstm.bias_hh_l{i}"]).astype(np.float32),
            )
            for i in range(_LAYERS)
        )
        kernel = np.ascontiguousarray(weights["linear.weight"].T, np.float32)
        return cls(layers, kernel, weights["linear.bias"].astype(np.float32), files.sha256(data))

    def embed(self, waves: Sequence[NDArray[np.float32]], pad: bool = True) -> NDArray[np.float32]:
        """Returns the embedding of each waveform: the mean over its partials of 1.6 s, of norm 1.

        Args:
            waves: Each float32 [samples], full scale 1, 16 kHz.
            pad: Whether shorter ones are padded with silence, as published.
        """
        pieces: list[NDArray[np.float32]] = []
        owners: list[int] = []
        for number, wave in enumerate(waves):
            starts = partials(len(wave))
            missing = (starts[-1] + _PARTIAL) * _HOP - len(wave)
            padded = missing >= 0 and (pad or len(starts) > 1)
            mel = mel_frames(np.pad(louder(wave), (0, missing if padded else 0)))
            pieces += [mel[start : start + _PARTIAL] for start in starts]
            owners += [number] * len(starts)
        order = sorted(range(len(pieces)), key=lambda i: len(pieces[i]))
        made = np.empty((len(pieces), len(self.bias)), np.float32)
        for begin in range(0, len(order), _BATCH):
            chosen = order[begin : begin + _BATCH]
            made[chosen] = self.encode([pieces[i] for i in chosen])
        sums = np.zeros((len(waves), made.shape[1]), np.float32)
        np.add.at(sums, owners, made)
        return _unit(sums)

    def encode(self, frames: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Returns the embedding of each partial.

        Args:
            frames: Each float32 [frames, 40], mel power.
        """
        ends = np.array([len(one) - 1 for one in frames])
        x = np.zeros((ends.max() + 1, len(frames), _MELS), np.float32)
        for i, one in enumerate(frames):
            x[: len(one), i] = one
        for kernel, recurrent, bias in self.layers:
            x = _lstm(x, kernel, recurrent, bias)
        return _unit(np.maximum(x[ends, np.arange(len(frames))] @ self.kernel + self.bias, 0))


def louder(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns a waveform with a power of at least -30 dB of full scale; silence stays silence."""
    rms = float(np.sqrt(np.mean(np.square(wave, dtype=np.float64))))
    gain = max(1.0, 10 ** (_TARGET_DBFS / 20) / rms) if rms > 0 else 1.0
    raised: NDArray[np.float32] = wave * np.float32(gain)
    return raised


def partials(samples: int) -> list[int]:
    """Returns the first frame of each partial of a waveform; the last one is left out below 75 % of sound."""
    frames = -(-(samples + 1) // _HOP)
    starts = list(range(0, max(1, frames - _PARTIAL + _PARTIAL_HOP + 1), _PARTIAL_HOP))
    covered = (samples - starts[-1] * _HOP) / (_PARTIAL * _HOP)
    return starts[:-1] if covered < _COVERAGE and len(starts) > 1 else starts


def mel_frames(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns mel power as librosa's `melspectrogram` does: Slaney's scale and norm, centred Hann windows.

    Args:
        wave: float32 [samples], 16 kHz.

    Returns:
        float32 [1 + samples // 160, 40].
    """
    padded = np.pad(wave, _WINDOW // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    hann = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)).astype(np.float32)
    power = np.square(np.abs(np.fft.rfft(windows * hann))).astype(np.float32)
    mel: NDArray[np.float32] = power @ _filters()
    return mel


@cache
def _filters() -> NDArray[np.float32]:
    """Returns Slaney's triangles, each of equal area: float32 [bins, mels]."""
    edges = _hz(np.linspace(0, _mel(RATE_HZ / 2), _MELS + 2))
    bins = np.linspace(0, RATE_HZ / 2, _WINDOW // 2 + 1)[:, None]
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    rise, fall = (bins - low) / (centre - low), (high - bins) / (high - centre)
    weights: NDArray[np.float64] = np.maximum(0, np.minimum(rise, fall)) * 2 / (high - low)
    return weights.astype(np.float32)


_LINEAR_HZ, _LINEAR_MELS, _STEP = 1000.0, 15.0, np.log(6.4) / 27  # Slaney's Auditory Toolbox, 1998


def _mel(hz: float) -> float:
    return float(_LINEAR_MELS + np.log(hz / _LINEAR_HZ) / _STEP)


def _hz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    low = mels * _LINEAR_HZ / _LINEAR_MELS
    return np.where(mels < _LINEAR_MELS, low, _LINEAR_HZ * np.exp((mels - _LINEAR_MELS) * _STEP))


def _lstm(
    x: NDArray[np.float32], kernel: NDArray[Any], recurrent: NDArray[Any], bias: NDArray[Any]
) -> NDArray[np.float32]:
    """Returns the outputs of an LSTM layer, time first: float32 [frames, n, units]."""
    fed = x.reshape(-1, x.shape[2]) @ kernel + bias
    fed = fed.reshape(len(x), x.shape[1], -1)
    hidden = np.zeros((x.shape[1], _UNITS), np.float32)
    cell = np.zeros_like(hidden)
    made = np.empty((len(x), *hidden.shape), np.float32)
    for t, given in enumerate(fed):
        gates = given + hidden @ recurrent
        put, forget, output = (_sigmoid(gates[:, i * _UNITS : (i + 1) * _UNITS]) for i in (0, 1, 3))
        cell = forget * cell + put * np.tanh(gates[:, 2 * _UNITS : 3 * _UNITS])
        hidden = made[t] = output * np.tanh(cell)
    return made


def _sigmoid(x: NDArray[np.float32]) -> NDArray[np.float32]:
    half = np.float32(0.5)
    made: NDArray[np.float32] = half + half * np.tanh(half * x)
    return made


def _unit(x: NDArray[np.float32]) -> NDArray[np.float32]:
    norm = np.linalg.norm(x, axis=1, keepdims=True)
    made: NDArray[np.float32] = np.divide(x, norm, out=np.zeros_like(x), where=norm > 0)
    return made


TEACHER = Resemblyzer()
