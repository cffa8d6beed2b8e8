"""Tux Paint's stamps: spoken names of things in several languages, and the sounds that the things make."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from edgekit.data.audio_clips import AudioDataset, Clip, sound_files, volunteers

_SPOKEN = re.compile(r"_desc(?:_([a-z]{2,3}(?:_[A-Z]{2})?))?(?:\.ogg)?$")
_SYMBOL = re.compile(r"_([a-z]{2}(?:_(?:[A-Z]{2}|tw))?)$")
_SOUNDS = {"animals", "food", "hobbies", "household", "military", "naturalforces", "vehicles"}
_SEVERAL = {"pt_BR", "ml", "en"}  # school children; sounds from more than one source
_VOICES = {  # "Descriptive sounds" in /usr/share/doc/tuxpaint-stamps-default/changelog.gz, by given name
    "be": "female",  # Kseniya Buraya
    "bg": "male",  # Krasimir Petkov
    "ca": "male",  # Pere Pujal Carabantes
    "da": "male",  # Joe Dalton
    "el": "female",  # Kiriaki Serafeim
    "es": "female",  # Estefania Ortiz
    "fr": "male",  # PaulK
    "ro": "female",  # Tabbytha
    "ru": "male",  # Edwin Veber
}


class Tuxpaint(AudioDataset):
    """`<stamp>_desc_<language>.ogg` and `symbols/.../<name>_<language>.ogg` are spoken; others sound."""

    title = "Tux Paint stamps"
    summary = "Spoken names of things in 12 languages, numbers in 20, and 90 sounds of the things."
    licence = "GPL-2"
    source = "the Debian package tuxpaint-stamps-default, https://tuxpaint.org/stamps"
    layout = "<folder>/<group>/.../<stamp>_desc_<language>.ogg and <stamp>.ogg (or .wav)"
    packages = ("tuxpaint-stamps-default",)
    installed = "/usr/share/tuxpaint/stamps"

    def clips(self, folder: Path) -> Iterator[Clip]:
        """Yields speech with `language`, `unit`, `group` and, where the credits name one person, `voice`.

        Letters and numbers (`symbols/`) were often recorded by somebody else than the rest of a
        language, so that they have no `speaker`. A stamp's own sound is of kind `sound` in the groups
        whose things do not talk; elsewhere (an astronaut, Santa Claus) it has no kind.
        """
        for path in sound_files(folder):
            groups = path.relative_to(folder).parts[:-1]
            group = groups[0] if groups else ""
            tags = {"source": "tuxpaint", "group": group}
            if spoken := _SPOKEN.search(path.stem):
                language = spoken[1] or "en"
                tags |= {"kind": "speech", "language": language}
                if group != "symbols":
                    tags["unit"] = "phrase"
                    if language not in _SEVERAL:
                        tags["speaker"] = f"tuxpaint-{language}"
                    if language in _VOICES:
                        tags["voice"] = _VOICES[language]
                yield Clip(path, volunteers(language), tags)
            elif named := _SYMBOL.search(path.stem) if group == "symbols" else None:
                unit = "digit" if "math" in groups else "letter"
                yield Clip(
                    path, volunteers(named[1]), {**tags, "kind": "speech", "language": named[1], "unit": unit}
                )
            else:
                kind = {"kind": "sound"} if group in _SOUNDS else {}
                thing = re.split("[^a-z]", path.stem.lower())[0]  # cat_sit and cat_stand are one
                yield Clip(path, "-".join(("tuxpaint-sound", *groups[:2], thing)), {**tags, **kind})


DATASET = Tuxpaint()
