"""gcin's voices: the syllables of Mandarin, spoken by two people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from edgekit.data.audio_clips import AudioDataset, Clip, sound_files

_SPEAKERS = {"3": "liu", "5": "chu-lo"}  # the package's copyright: Edward Der-Hua Liu, Chu Lo
_VOICES = {"liu": "male"}  # by given name


class GcinVoice(AudioDataset):
    """`<syllable in bopomofo>/<3|5>.ogg`: the file's name tells the speaker."""

    title = "gcin voices"
    summary = "Some 1,200 syllables of Mandarin, each by two speakers."
    licence = "GPL-3 or LGPL-3 (3.ogg), CC-BY-3.0 (5.ogg)"
    source = "the Debian package gcin-voice"
    layout = "<folder>/<syllable>/<3|5>.ogg"
    packages = ("gcin-voice",)
    installed = "/usr/share/gcin-voice/ogg"

    def clips(self, folder: Path) -> Iterator[Clip]:
        """Yields syllables, one speaker after the other."""
        for stem, name in _SPEAKERS.items():
            subject = f"gcin-voice-{name}"
            tags = {"kind": "speech", "source": "gcin-voice", "language": "zh", "unit": "syllable"}
            tags["speaker"] = subject
            if name in _VOICES:
                tags["voice"] = _VOICES[name]
            for path in sound_files(folder, f"*/{stem}.ogg"):
                yield Clip(path, subject, tags)


DATASET = GcinVoice()
