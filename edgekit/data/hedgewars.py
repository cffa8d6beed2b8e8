"""Hedgewars' voice packs, what hedgehogs shout in five languages, and the sounds of their weapons."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from edgekit.data.audio_clips import AudioDataset, Clip, sound_files


@dataclass(frozen=True)
class _Actor:
    """Who speaks packs.

    Args:
        name: End of the subject's name.
        language: What is spoken.
        packs: Folders that sound alike, and are taken for one voice.
        disguised: Folders of the same actor in which the voice is another by ear of a speaker encoder
            (similarity of means below 0.75; within a pack 0.66 to 0.89).
        voice: Where it is known.
    """

    name: str
    language: str
    packs: tuple[str, ...]
    disguised: tuple[str, ...] = ()
    voice: str = ""


_ACTORS = (  # CREDITS and credits.csv of https://github.com/hedgewars/hw; Robot is left out: a vocoder
    _Actor(
        "alexander",  # Stephen Alexander
        "en",
        ("British", "Classic", "Default", "Mobster", "Russian", "Surfer"),
        ("HillBilly", "Pirate", "Singer"),
        "male",
    ),
    _Actor("mtg90pl", "pl", ("Default_pl",), ("Russian_pl",)),
    _Actor("es", "es", ("Default_es",)),
    _Actor("ru", "ru", ("Default_ru",)),
    _Actor("uk", "uk", ("Default_uk",)),
)
_CRIES = re.compile(r"(?:ow|ooff|jump|firepunch)\d|laugh$|hmm$|nooo$|ouch$|poison")  # no words
_TALK = re.compile(r"hell|hog|kiss|yoohoo|whistle|homerun|denied|custom|ride_|suddendeath|extratime|birdylay")


class Hedgewars(AudioDataset):
    """`voices/<pack>/<line>.ogg` is spoken; `<name>.ogg` sounds."""

    title = "Hedgewars voices and sounds"
    summary = "Shouted phrases in five languages by five actors, in 14 characters, and sounds of weapons."
    licence = "GPL-2, GFDL-1.3, CC-BY-SA-3.0"
    source = "the Debian package hedgewars-data, https://www.hedgewars.org"
    layout = "<folder>/voices/<pack>/<line>.ogg and <folder>/<sound>.ogg"
    packages = ("hedgewars-data",)
    installed = "/usr/share/games/hedgewars/Data/Sounds"

    def clips(self, folder: Path) -> Iterator[Clip]:
        """Yields phrases with `character`, and sounds of things.

        All packs of an actor are one subject, whatever accent is put on; a `speaker` have those that
        sound alike. Cries and groans have no kind, and neither have sounds that may be a voice's.
        """
        for actor in _ACTORS:
            for pack in sorted(actor.packs + actor.disguised):
                tags = _tags(actor, pack)
                for path in sound_files(folder / "voices" / pack):
                    cry = _CRIES.match(path.stem.lower())
                    kind = {} if cry else {"kind": "speech", "unit": "phrase"}
                    yield Clip(path, f"hedgewars-{actor.name}", {**tags, **kind})
        for path in sound_files(folder):
            if path.parent == folder:
                stem = path.stem.lower()
                thing = re.split("[^a-z]", stem.removesuffix("water"))[0] or "piano"  # 1C, 2D, ...: notes
                kind = {} if _TALK.match(stem) else {"kind": "sound"}
                yield Clip(path, f"hedgewars-sound-{thing}", {"source": "hedgewars", **kind})


def _tags(actor: _Actor, pack: str) -> Mapping[str, str]:
    tags = {"source": "hedgewars", "language": actor.language, "style": "acted"}
    tags["character"] = f"hedgewars-{pack.lower()}"
    if pack in actor.packs:
        tags["speaker"] = f"hedgewars-{actor.name}"
    if actor.voice:
        tags["voice"] = actor.voice
    return tags


DATASET = Hedgewars()
