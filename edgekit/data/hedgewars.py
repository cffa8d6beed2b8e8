"""Hedgewars' voice packs: what hedgehogs shout, each pack by one actor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from edgekit.data.audio_clips import AudioDataset, Clip, sound_files

_LANGUAGES = {"es": "es", "pl": "pl", "ru": "ru", "uk": "uk"}
_EFFECTS = {"Robot"}  # a voice through a vocoder


class Hedgewars(AudioDataset):
    """`<voice>/<phrase>.ogg`; one actor per pack is assumed, and who played several is not known."""

    title = "Hedgewars voices"
    summary = "Fourteen characters of a game, most of them English: played, not read."
    licence = "GPL-2, CC-BY-SA-3.0, GFDL-1.2 (see its copyright file)"
    source = "the Debian package hedgewars-data, https://hedgewars.org"
    layout = "<folder>/<voice>[_<language>]/<phrase>.ogg"
    packages = ("hedgewars-data",)
    installed = "/usr/share/games/hedgewars/Data/Sounds/voices"

    def clips(self, folder: Path) -> Iterator[Clip]:
        """Yields phrases; packs of one character in two languages are two subjects."""
        for path in sound_files(folder, "*/*"):
            pack = path.relative_to(folder).parts[0]
            if pack in _EFFECTS:
                continue
            language = _LANGUAGES.get(pack.rpartition("_")[2], "en")
            subject = f"hedgewars-{pack.lower().replace('_', '-')}"
            tags = {"kind": "speech", "source": "hedgewars", "language": language, "unit": "phrase"}
            yield Clip(path, subject, {**tags, "speaker": subject, "style": "acted"})


DATASET = Hedgewars()
