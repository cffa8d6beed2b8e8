"""The dialogues of the adventure game Drascula in English, by characters whose actors are not known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from edgekit.data.audio_clips import AudioDataset, Clip
from edgekit.data.audio_files import Raw

_LINE = re.compile(r"([a-z]*)(\d+)")
_CHARACTERS = {  # engines/drascula/talk.cpp of https://github.com/scummvm/scummvm; voice by role
    "": ("hacker", "male"),  # John Hacker
    "b": ("drunk", ""),
    "bj": ("billie-jean", "female"),
    "d": ("drascula", "male"),
    "e": ("mus", ""),
    "i": ("igor", "male"),
    "l": ("werewolf", ""),
    "p": ("pianist", ""),
    "t": ("bartender", ""),
    "vb": ("von-braun", "male"),
}
_FIRST_OTHER = 58  # d58 and later are the blind man's, and others'
_ALS = Raw("PCM_U8", 11025, head=32, tail=32)  # engines/drascula/sound.cpp


class Drascula(AudioDataset):
    """`<prefix of the character><number>.als`: 8 bit, 11,025 Hz."""

    title = "Drascula dialogues"
    summary = "Some 740 acted lines in English by ten characters."
    licence = "Drascula's own, free to distribute"
    source = "the Debian package drascula, https://www.scummvm.org"
    layout = "<folder>/<prefix><number>.als"
    packages = ("drascula",)
    installed = "/usr/share/scummvm/drascula/en"

    def clips(self, folder: Path) -> Iterator[Clip]:
        """Yields lines; each character is taken for a voice, and the whole cast is one subject.

        One actor may play several characters, so that no split parts them.
        """
        for path in sorted(path for path in folder.iterdir() if path.suffix.lower() == ".als"):
            line = _LINE.fullmatch(path.stem.lower())
            if not line or line[1] not in _CHARACTERS or (line[1] == "d" and int(line[2]) >= _FIRST_OTHER):
                continue
            name, voice = _CHARACTERS[line[1]]
            tags = {"kind": "speech", "source": "drascula", "language": "en", "unit": "phrase"}
            tags |= {"speaker": f"drascula-{name}", "style": "acted"}
            if voice:
                tags["voice"] = voice
            yield Clip(path, "drascula-cast", tags, _ALS)


DATASET = Drascula()
