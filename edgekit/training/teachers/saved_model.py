"""A teacher from a folder in TensorFlow's SavedModel form, as TF Hub gives out: TRILL, YAMNet, FRILL.

TRILL (Shor et al., "Towards Learning a Universal Non-Semantic Representation of Speech", arXiv:2002.12764)
takes waveforms and a sampling rate and gives a dictionary: `embedding` (512 values) and `layer19` (12288),
one row per frame of sound; their mean over time is the target.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from edgekit import files
from edgekit.errors import InputError, did_you_mean
from edgekit.training import runtime
from edgekit.training.teachers.base import Loaded, Teacher, TeacherOptions


class SavedModelOptions(TeacherOptions):
    """Options of the teacher."""

    path: str = Field(description="folder that holds saved_model.pb")
    signature: str = Field("serving_default", description="signature to call; '' calls the model itself")
    output: str = Field("", description="key of the output, e.g. layer19; may be left out where there is one")
    rate_hz: float = Field(16000.0, gt=0, le=192000, description="sampling rate that it takes")
    least_samples: int = Field(16000, ge=1, le=1 << 24, description="shorter sound is padded with silence")
    pooling: Literal["mean", "max"] = Field(
        "mean", description="over the frames that it gives for a waveform"
    )
    macs_per_second: int = Field(0, ge=0, description="multiply-accumulates for a second of sound, if known")


class SavedModel(Teacher):
    """Whatever a SavedModel gives for a waveform, as one vector."""

    title = "TensorFlow SavedModel"
    Options = SavedModelOptions

    def load(self, options: SavedModelOptions) -> Loaded:
        """Returns the teacher, ready; see `Teacher.load`."""
        folder = Path(options.path)
        where = f"teacher 'saved-model': {folder}"
        if not (folder / "saved_model.pb").is_file():
            raise InputError(
                where=where, what="is no SavedModel", expected="a folder with saved_model.pb and variables/",
                hint="unpack the archive of TF Hub or Kaggle and give its folder as the option 'path'",
            )  # fmt: skip
        call = _Call(folder, options, where)
        size = call([np.zeros(options.least_samples, np.float32)]).shape[1]
        text = (
            f"saved-model 1 {_content(folder)} {options.model_dump_json(exclude={'path', 'macs_per_second'})}"
        )
        return Loaded(
            name="saved-model",
            digest=files.sha256(text.encode()),
            rate_hz=options.rate_hz,
            size=size,
            function=call,
            least_samples=options.least_samples,
            macs_per_second=options.macs_per_second,
        )


class _Call:
    """Calls one signature of a SavedModel, waveform by waveform."""

    def __init__(self, folder: Path, options: SavedModelOptions, where: str) -> None:
        runtime.start(0)
        import tensorflow as tf

        self.options, self.where = options, where
        try:
            self.model = tf.saved_model.load(str(folder))  # kept: its variables go when it goes
        except Exception as error:  # TensorFlow raises whatever its parts raise
            raise InputError(where=where, what=f"cannot be read: {_first_line(error)}") from error
        self.function = self._concrete()
        self.positional, self.named = self.function.structured_input_signature
        shape = self._check({spec.name: spec for spec in (*self.positional, *self.named.values())})
        self.batched = len(shape) == 2

    def _concrete(self) -> Any:
        """Returns the function of the signature that is asked for."""
        key, known = self.options.signature, dict(self.model.signatures)
        if not key:
            made = getattr(self.model.__call__, "concrete_functions", None) if callable(self.model) else None
            if made:
                return made[0]
            raise InputError(where=self.where, what="cannot be called itself: set the option 'signature'",
                             hint=f"it has: {', '.join(sorted(known))}")  # fmt: skip
        if key not in known:
            raise InputError(
                where=self.where, what=f"has no signature '{key}'",
                hint=did_you_mean(key, sorted(known)) if known else "set the option 'signature' to ''",
            )  # fmt: skip
        return known[key]

    def _check(self, specs: dict[str, Any]) -> tuple[int | None, ...]:
        """Returns the shape of the waveform that the function takes."""
        waves = [s.shape for s in specs.values() if s.dtype.is_floating and s.shape.rank in (1, 2)]
        if len(waves) != 1 or any(s.shape.rank for s in specs.values() if s.shape is not waves[0]):
            raise InputError(
                where=self.where, what="takes other arguments than a waveform and its rate",
                expected="float32 [n, samples] or [samples], and at most a number beside it, the rate",
                found=", ".join(f"{name}: {s.dtype.name}{s.shape}" for name, s in specs.items()),
            )  # fmt: skip
        return tuple(waves[0])

    def __call__(self, waves: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        return np.stack([self._pooled(wave) for wave in waves])

    def _pooled(self, wave: NDArray[np.float32]) -> NDArray[np.float32]:
        made = self._call(wave[None] if self.batched else wave)
        frames = made.reshape(-1, made.shape[-1])
        mean: NDArray[np.float32] = frames.mean(axis=0)
        return mean if self.options.pooling == "mean" else frames.max(axis=0)

    def _call(self, wave: NDArray[np.float32]) -> NDArray[np.float32]:
        import tensorflow as tf

        def argument(spec: Any) -> Any:
            return tf.constant(wave if spec.shape.rank else round(self.options.rate_hz), spec.dtype)

        try:
            found = self.function(
                *map(argument, self.positional), **{key: argument(spec) for key, spec in self.named.items()}
            )
        except Exception as error:  # TensorFlow raises whatever its parts raise
            raise InputError(
                where=self.where, what=f"cannot compute {wave.shape[-1]} samples: {_first_line(error)}"
            ) from error
        return self._output(found)

    def _output(self, found: Any) -> NDArray[np.float32]:
        key = self.options.output
        if isinstance(found, dict):
            if not key and len(found) == 1:
                key = next(iter(found))
            if key not in found:
                raise InputError(
                    where=self.where, what=f"has no output '{key}'" if key else "has several outputs",
                    hint="set the option 'output': " + did_you_mean(key, sorted(found)),
                )  # fmt: skip
            found = found[key]
        return np.asarray(found, np.float32)


def _content(folder: Path) -> str:
    """Returns the SHA-256 of the names and contents of a folder's files."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder).as_posix()} {files.sha256(path)}\n".encode())
    return digest.hexdigest()


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


TEACHER = SavedModel()
