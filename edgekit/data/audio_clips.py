"""Data sets of short sound files: who speaks, what and how is known of each goes into the record's tags."""

from __future__ import annotations

import hashlib
import re
from abc import abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from edgekit.data import audio_files, debian_package
from edgekit.data.base import Dataset, DatasetOptions, Record, need_folder, no_wanted_label
from edgekit.errors import InputError, Problem
from edgekit.registry import key_of

_SHARED = {"nb": "no", "nn": "no", "tn": "pt"}  # two written forms; KLettres' two voices that sound alike


@dataclass(frozen=True, slots=True)
class Clip:
    """One sound file.

    Args:
        path: The file.
        subject: Whose voice it is or could be, or what is recorded; splits never separate a subject's clips.
        tags: What is known of it: `kind` (speech or sound), `language`, `unit`, `voice`, ...; `speaker`
            only where one voice is known, or assumed; `character` where an actor plays several.
        raw: How the samples lie in a file of no usual format.
    """

    path: Path
    subject: str
    tags: Mapping[str, str] = field(default_factory=dict)
    raw: audio_files.Raw | None = None


class AudioOptions(DatasetOptions):
    """Options of every audio data set."""

    label: str = Field("kind", min_length=1, max_length=32, description="tag that is the class")
    rate_hz: int = Field(16000, ge=4000, le=192_000, description="samples per second of the records")
    other_rates: Literal["resample", "refuse"] = Field(
        "resample", description="what to do with files of another rate"
    )
    min_seconds: float = Field(0.1, gt=0, le=3600, description="shorter files are left out and named")
    max_seconds: float = Field(10.0, gt=0, le=3600, description="of longer files the beginning is read")
    max_clips: int = Field(
        0, ge=0, description="at most so many clips of a speaker or character, evenly spread; 0 = all"
    )


class AudioDataset(Dataset[AudioOptions]):
    """Sound files in a folder.

    Class attributes:
        packages: Debian packages that carry it; () where the user brings a folder.
        installed: Folder of the installed package.
    """

    packages: ClassVar[tuple[str, ...]] = ()
    installed: ClassVar[str] = ""
    Options = AudioOptions

    @abstractmethod
    def clips(self, folder: Path) -> Iterable[Clip]:
        """Yields the clips of a folder, in a fixed order, without opening them."""

    def folder(self, root: Path | None) -> Path:
        """Returns the folder of the sounds: the installed package's where `root` is None.

        Raises:
            InputError: It is not there.
        """
        if not self.packages:
            return need_folder(self, root)
        key = key_of(type(self).__module__.rpartition(".")[2])
        return debian_package.find(root, Path(self.installed), self.title, key, self.packages)

    def any_clip(self, folder: Path) -> bool:
        """Says whether a folder holds a clip; a package of another language may fill the same folder."""
        return folder.is_dir() and any(True for _ in self.clips(folder))

    def records(
        self, options: AudioOptions, root: Path | None, classes: Sequence[str], skipped: list[Problem]
    ) -> Iterator[Record]:
        """Yields one record per file; see `Dataset.records`."""
        folder = self.folder(root)
        found = list(self.clips(folder))
        if not found:
            raise InputError(where=str(folder), what="holds no recordings", expected=self.layout)
        wanted: dict[str, list[Clip]] = defaultdict(list)
        others: Counter[str] = Counter()
        for clip in found:
            label = clip.tags.get(options.label, f"(no {options.label})")
            if label in classes:
                who = clip.tags.get("speaker", clip.subject)
                wanted[clip.tags.get("character", who)].append(clip)
            else:
                others[label] += 1
        wanted_format = audio_files.AudioFormat(
            options.rate_hz, options.other_rates, options.min_seconds, options.max_seconds
        )
        seen: set[bytes] = set()
        repeated = 0
        for clips in wanted.values():
            for clip in spread(clips, options.max_clips):
                try:
                    signal, rate_hz = audio_files.read(clip.path, wanted_format, clip.raw)
                    digest = hashlib.sha256(clip.path.read_bytes()).digest()
                except InputError as fault:
                    skipped.extend(fault.problems)
                    continue
                if digest in seen:
                    repeated += 1
                    continue
                seen.add(digest)
                tags = {**clip.tags, "file_rate_hz": str(rate_hz)}
                name = clip.path.relative_to(folder).as_posix()
                yield Record(clip.subject, name, signal, float(options.rate_hz), tags[options.label], tags)
        if repeated:
            skipped.append(Problem(str(folder), f"{repeated} file(s) repeat another one to the byte"))
        skipped.extend(no_wanted_label(str(folder), others))

    def download(self, root: Path, options: AudioOptions, *, limit: int = 0, mirror: str = "") -> None:
        """Unpacks Debian packages into `root`, unless they are there; `limit` and `mirror` do not apply."""
        if not self.packages:
            raise InputError(where=self.title, what="is not fetched by edgekit", expected=self.layout,
                             hint=f"see {self.source}")  # fmt: skip
        if not self.any_clip(Path(root) / Path(self.installed).relative_to("/")):
            debian_package.unpack(self.packages, root, self.layout)


def volunteers(language: str) -> str:
    """Returns the subject for volunteers who recorded a language: one may have done so for several packages.

    Args:
        language: As the package writes it: `pt_BR`, `en_GB`, `sr@latin`.
    """
    base = re.split("[_@]", language)[0]
    return f"volunteers-{_SHARED.get(base, base)}"


def sound_files(folder: Path, pattern: str = "*") -> list[Path]:
    """Returns the sound files under a folder whose paths below it match, in any depth, sorted.

    Args:
        folder: Where to look.
        pattern: Glob of the path, e.g. "alpha/*"; "*" = any name.
    """
    return sorted(
        path
        for path in folder.rglob(pattern)
        if path.suffix.lower() in audio_files.SUFFIXES and path.is_file()
    )


def spread(clips: Sequence[Clip], most: int) -> list[Clip]:
    """Returns at most `most` clips, evenly spread over `clips`; 0 = all."""
    count = min(len(clips), most or len(clips))
    return [clips[i * len(clips) // count] for i in range(count)]
