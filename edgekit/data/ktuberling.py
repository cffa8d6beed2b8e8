"""KTuberling's words: parts of a face, and things on the moon, in Egypt and on a pizza, in 23 languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from edgekit.data.audio_clips import AudioDataset, Clip, sound_files, volunteers

_VOICES = {"de": "male"}  # Helmut Pozimski, sounds/de/README of https://invent.kde.org/games/ktuberling


class Ktuberling(AudioDataset):
    """`<language>/<word>`; one voice per language is assumed."""

    title = "KTuberling"
    summary = "Spoken words in 23 languages, one voice per language."
    licence = "GPL-2+"
    source = "the Debian package ktuberling-data, https://apps.kde.org/ktuberling"
    layout = "<folder>/<language>/<word>.ogg (or .wav, .opus)"
    packages = ("ktuberling-data",)
    installed = "/usr/share/ktuberling/sounds"

    def clips(self, folder: Path) -> Iterator[Clip]:
        """Yields words; the four forms of Serbian (`sr`, `sr@latin`, ...) are one speaker."""
        for path in sound_files(folder, "*/*"):
            language = path.relative_to(folder).parts[0].partition("@")[0]
            tags = {"kind": "speech", "source": "ktuberling", "language": language, "unit": "word"}
            tags["speaker"] = f"ktuberling-{language}"
            if language in _VOICES:
                tags["voice"] = _VOICES[language]
            yield Clip(path, volunteers(language), tags)


DATASET = Ktuberling()
