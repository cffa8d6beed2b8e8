"""KLettres' letters and syllables, spoken in 20 languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from edgekit.data.audio_clips import AudioDataset, Clip, sound_files, volunteers

_UNITS = {"alpha": "letter", "syllab": "syllable"}
_VOICES = {  # AUTHORS of https://invent.kde.org/education/klettres, by given name
    "cs": "female",  # Eva Mikulcikova
    "da": "male",  # Erik Kjaer Pedersen
    "fr": "male",  # Ludovic Grossard
}


class Klettres(AudioDataset):
    """`<language>/<alpha|syllab>/<what is said>.ogg`; one voice per language is assumed."""

    title = "KLettres"
    summary = "Spoken letters and syllables in 20 languages, one voice per language."
    licence = "GPL-2+"
    source = "the Debian package klettres-data, https://apps.kde.org/klettres"
    layout = "<folder>/<language>/alpha/<letter>.ogg and <language>/syllab/<syllable>.ogg"
    packages = ("klettres-data",)
    installed = "/usr/share/klettres"

    def clips(self, folder: Path) -> Iterator[Clip]:
        """Yields letters and syllables."""
        for path in sound_files(folder, "*/*/*"):
            language, unit = path.relative_to(folder).parts[:2]
            if unit not in _UNITS:
                continue
            tags = {"kind": "speech", "source": "klettres", "language": language, "unit": _UNITS[unit]}
            tags["speaker"] = f"klettres-{language}"
            if language in _VOICES:
                tags["voice"] = _VOICES[language]
            yield Clip(path, volunteers(language), tags)


DATASET = Klettres()
