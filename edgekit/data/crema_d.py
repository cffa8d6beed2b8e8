"""Folders in the layout of CREMA-D: twelve sentences in six emotions by 91 actors.

Layout: https://github.com/CheyneyComputerScience/CREMA-D, "Filename labeling conventions".
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from edgekit.data.audio_clips import AudioDataset, AudioOptions, Clip, sound_files

_NAME = re.compile(r"([0-9]{4})_([A-Z]{3})_([A-Z]{3})_([A-Z]{2})")
_EMOTIONS = {
    "ANG": "anger",
    "DIS": "disgust",
    "FEA": "fear",
    "HAP": "happiness",
    "NEU": "neutral",
    "SAD": "sadness",
}
_TABLE = "VideoDemographics.csv"
_TABLE_BYTES = 1 << 20


class CremaDOptions(AudioOptions):
    """Options of `crema-d`."""

    label: str = Field("emotion", min_length=1, max_length=32, description="tag that is the class")


class CremaD(AudioDataset):
    """`<actor>_<sentence>_<emotion>_<level>.wav`."""

    title = "CREMA-D"
    summary = "7,442 acted sentences in six emotions by 91 actors."
    licence = "ODbL 1.0"
    source = "https://github.com/CheyneyComputerScience/CREMA-D"
    layout = f"<folder>/AudioWAV/<actor>_<sentence>_<emotion>_<level>.wav, and {_TABLE} for the actors' sex"
    Options = CremaDOptions

    def clips(self, folder: Path) -> Iterator[Clip]:
        """Yields sentences with `emotion`, `level`, `sentence`, and `voice` where the table is there."""
        voices = _voices(folder)
        for path in sound_files(folder):
            named = _NAME.fullmatch(path.stem)
            if not named or named[3] not in _EMOTIONS:
                continue
            actor, sentence, emotion, level = named.groups()
            tags = {
                "kind": "speech",
                "source": "crema-d",
                "language": "en",
                "unit": "phrase",
                "style": "acted",
            }
            tags |= {"speaker": actor, "emotion": _EMOTIONS[emotion], "sentence": sentence, "level": level}
            if actor in voices:
                tags["voice"] = voices[actor]
            yield Clip(path, actor, tags)


def _voices(folder: Path) -> dict[str, str]:
    """Returns male or female by actor, from the table in the folder or beside it."""
    for path in (folder / _TABLE, folder.parent / _TABLE):
        if path.is_file() and path.stat().st_size <= _TABLE_BYTES:
            with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
                rows = list(csv.DictReader(file))
            voices = {str(row.get("ActorID")): str(row.get("Sex")).lower() for row in rows}
            return {actor: voice for actor, voice in voices.items() if voice in ("female", "male")}
    return {}


DATASET = CremaD()
