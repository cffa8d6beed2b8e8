"""All the speech and sounds of Debian packages that are installed, as one data set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import Field

from edgekit import console
from edgekit.data import base
from edgekit.data.audio_clips import AudioDataset, AudioOptions
from edgekit.data.base import Dataset, Record
from edgekit.errors import InputError, Problem

_FETCHED = ["tuxpaint", "ktuberling", "klettres", "asterisk", "fillets"]
_SOURCES = [*_FETCHED, "fillets-nl", "gcin-voice", "hedgewars", "drascula"]


class SpeechOptions(AudioOptions):
    """Options of `speech`."""

    sources: list[str] = Field(
        [],
        max_length=32,
        description="data sets; [] = all, and to fetch the first five; those that are not there are left out",
    )


class Speech(Dataset[SpeechOptions]):
    """The records of several data sets, one after the other; names begin with the data set's key."""

    title = "Speech and sounds of Debian packages"
    summary = "Letters, words and phrases, read and acted, in 33 languages, and sounds of things."
    licence = "GPL-2+, CC-BY-SA-3.0 and others: see each source"
    source = "Debian packages: see each source"
    layout = "installed packages, or a folder into which they are unpacked"
    Options = SpeechOptions

    def records(
        self, options: SpeechOptions, root: Path | None, classes: Sequence[str], skipped: list[Problem]
    ) -> Iterator[Record]:
        """Yields the records of every source that is there.

        Raises:
            InputError: A source is no data set of a Debian package, or none of them is there.
        """
        there: list[tuple[str, AudioDataset, Path | None]] = []
        missing: list[str] = []
        for key, source in _sources(options.sources or _SOURCES).items():
            place = root and Path(root) / Path(source.installed).relative_to("/")
            try:
                found = source.any_clip(source.folder(place))
            except InputError:
                found = False
            if found:
                there.append((key, source, place))
            else:
                missing.append(key)
        if not there:
            sources = _sources(options.sources or _FETCHED)
            packages = [name for source in sources.values() for name in source.packages]
            raise InputError(
                where=str(root or "speech"),
                what="none of the sources is there",
                expected=", ".join(options.sources or _SOURCES),
                hint=f"as root: apt-get install {' '.join(packages)}; or without root: "
                "edgekit data get speech -o DIR, then --data-dir DIR",
            )
        if missing:
            console.warn(f"left out, not installed: {', '.join(missing)}")
        each = AudioOptions(**options.model_dump(exclude={"sources"}))
        for key, source, place in there:
            for record in source.records(each, place, classes, skipped):
                yield replace(record, name=f"{key}/{record.name}")

    def download(self, root: Path, options: SpeechOptions, *, limit: int = 0, mirror: str = "") -> None:
        """Unpacks the packages of the sources into `root`; unless they are named, those of the first five."""
        for source in _sources(options.sources or _FETCHED).values():
            source.download(root, AudioOptions())


def _sources(keys: Sequence[str]) -> dict[str, AudioDataset]:
    found = {key: base.REGISTRY.get(key) for key in keys}
    good = {key: item for key, item in found.items() if isinstance(item, AudioDataset) and item.packages}
    if len(good) < len(found):
        raise InputError(
            [
                Problem(f"data.options.sources: {key}", "is no data set of a Debian package")
                for key in found
                if key not in good
            ]
        )
    return good


DATASET = Speech()
