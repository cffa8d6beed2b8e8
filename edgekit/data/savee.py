"""Folders in the layout of SAVEE: seven emotions by four men.

Layout: http://kahlan.eps.surrey.ac.uk/savee/Database.html: a folder per speaker, names of emotion and number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from edgekit.data.audio_clips import AudioDataset, AudioOptions, Clip, sound_files

_NAME = re.compile(r"(?:([A-Z]{2})_)?(a|d|f|h|n|sa|su)([0-9]{2})")
_SPEAKERS = {"DC", "JE", "JK", "KL"}
_EMOTIONS = {
    "a": "anger",
    "d": "disgust",
    "f": "fear",
    "h": "happiness",
    "n": "neutral",
    "sa": "sadness",
    "su": "surprise",
}


class SaveeOptions(AudioOptions):
    """Options of `savee`."""

    label: str = Field("emotion", min_length=1, max_length=32, description="tag that is the class")


class Savee(AudioDataset):
    """`<speaker>/<emotion><n>.wav`, or `<speaker>_<emotion><n>.wav`."""

    title = "SAVEE"
    summary = "480 acted sentences in seven emotions by four men."
    licence = "for research, on registration"
    source = "http://kahlan.eps.surrey.ac.uk/savee"
    layout = "<folder>/AudioData/<DC|JE|JK|KL>/<emotion><nn>.wav"
    Options = SaveeOptions

    def clips(self, folder: Path) -> Iterator[Clip]:
        """Yields sentences with `emotion` and `speaker`; all voices are male."""
        for path in sound_files(folder):
            named = _NAME.fullmatch(path.stem)
            speaker = named and (named[1] or path.parent.name)
            if not named or speaker not in _SPEAKERS:
                continue
            tags = {"kind": "speech", "source": "savee", "language": "en", "unit": "phrase", "style": "acted"}
            tags |= {"speaker": speaker, "voice": "male", "emotion": _EMOTIONS[named[2]]}
            yield Clip(path, f"savee-{speaker}", tags)


DATASET = Savee()
