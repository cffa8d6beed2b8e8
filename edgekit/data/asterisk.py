"""Asterisk's prompts: what a telephone exchange says, by professional speakers, at 8 kHz."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from edgekit.data.audio_clips import AudioDataset, Clip, sound_files

_NAMED = re.compile(r"([a-z]{2})_[A-Z]{2}_([fm])_(\w+)")
_OTHERS = {  # folders of asterisk-prompt-es-co and -fr-armelle, from LEEME and copyright there
    "es": ("es", "f", "July"),  # July E. Jimenez
    "fr": ("fr", "f", "Armelle"),  # Armelle Desjardins
}
_TONES = re.compile(r"beep|-2tone$|^confbridge-(?:join|leave)$|^silence$")
_UNITS = {"digits": "digit", "letters": "letter", "phonetic": "word"}


class Asterisk(AudioDataset):
    """`<language>_<COUNTRY>_<f|m>_<Name>/<prompt>.wav`: speaker and voice stand in the folder's name."""

    title = "Asterisk prompts"
    summary = "Telephone prompts of seven professional speakers, 8 kHz."
    licence = "CC-BY-SA-3.0, CC-BY-3.0 (Russian, Italian)"
    source = "Debian packages asterisk-core-sounds-*-wav and asterisk-prompt-*, https://www.asterisk.org"
    layout = "<folder>/<language>_<COUNTRY>_<f|m>_<Name>/[digits|letters|.../]<prompt>.wav"
    packages = (
        *(f"asterisk-core-sounds-{language}-wav" for language in ("en", "es", "fr", "it", "ru")),
        "asterisk-prompt-es-co",
        "asterisk-prompt-fr-armelle",
        "asterisk-prompt-it-menardi-gsm",
    )
    installed = "/usr/share/asterisk/sounds"

    def clips(self, folder: Path) -> Iterator[Clip]:
        """Yields prompts; a speaker of two languages (Allison) is one subject. Tones are left out."""
        for place in sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()):
            named = _NAMED.fullmatch(place.name)
            who = named.groups() if named else _OTHERS.get(place.name)
            if not who:
                continue
            language, voice, name = who
            subject = f"asterisk-{name.lower()}"
            for path in sound_files(place):
                part = path.relative_to(place).parts[0]
                if part == "silence" or _TONES.search(path.stem):
                    continue
                tags = {"kind": "speech", "source": "asterisk", "language": language, "speaker": subject}
                tags |= {"unit": _UNITS.get(part, "phrase"), "voice": {"f": "female", "m": "male"}[voice]}
                yield Clip(path, subject, tags)


DATASET = Asterisk()
