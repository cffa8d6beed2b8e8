"""Folders in the layout of Speech Commands: one word per clip, thousands of speakers.

Layout: P. Warden, "Speech Commands: A Dataset for Limited-Vocabulary Speech Recognition",
arXiv:1804.03209, section 5.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from edgekit.data.audio_clips import AudioDataset, AudioOptions, Clip, sound_files

_NAME = re.compile(r"([0-9a-f]+)_nohash_[0-9]+")
_NOISE = "_background_noise_"


class SpeechCommandsOptions(AudioOptions):
    """Options of `speech-commands`."""

    label: str = Field("word", min_length=1, max_length=32, description="tag that is the class")


class SpeechCommands(AudioDataset):
    """`<word>/<speaker>_nohash_<n>.wav`."""

    title = "Speech Commands"
    summary = "35 words by 2,618 speakers, one second each, 16 kHz."
    licence = "CC BY 4.0"
    source = "https://arxiv.org/abs/1804.03209"
    layout = "<folder>/<word>/<speaker>_nohash_<n>.wav"
    Options = SpeechCommandsOptions

    def clips(self, folder: Path) -> Iterator[Clip]:
        """Yields words with `word` and `speaker`, and the long background noises, whose kind is sound."""
        for path in sound_files(folder, "*/*"):
            word = path.parent.name
            if word == _NOISE:
                yield Clip(path, f"noise-{path.stem}", {"kind": "sound", "source": "speech-commands"})
            elif named := _NAME.fullmatch(path.stem):
                tags = {"kind": "speech", "source": "speech-commands", "language": "en", "unit": "word"}
                yield Clip(path, named[1], {**tags, "word": word, "speaker": named[1]})


DATASET = SpeechCommands()
