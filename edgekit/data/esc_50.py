"""Folders in the layout of ESC-50: 50 classes of environmental sound, 5 s each.

Layout: K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", ACM Multimedia 2015, and
https://github.com/karolpiczak/ESC-50: names are fold, source clip, take and target.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from edgekit.data.audio_clips import AudioDataset, AudioOptions, Clip, sound_files

_NAME = re.compile(r"([1-5])-([0-9]+)-([A-Z])-([0-9]{1,2})")
_GROUPS = ("animals", "nature", "human", "interior", "exterior")  # ten targets each
_TABLE = "esc50.csv"
_TABLE_BYTES = 1 << 22


class Esc50Options(AudioOptions):
    """Options of `esc-50`."""

    label: str = Field("category", min_length=1, max_length=32, description="tag that is the class")


class Esc50(AudioDataset):
    """`audio/<fold>-<source>-<take>-<target>.wav`, and the names of the targets in `meta/esc50.csv`."""

    title = "ESC-50"
    summary = "2,000 environmental sounds of 50 classes, 5 s each."
    licence = "CC BY-NC 3.0"
    source = "https://github.com/karolpiczak/ESC-50"
    layout = "<folder>/audio/<fold>-<source>-<take>-<target>.wav and <folder>/meta/esc50.csv"
    Options = Esc50Options

    def clips(self, folder: Path) -> Iterator[Clip]:
        """Yields sounds with `category`, `group` and `fold`; takes of one source clip are one subject."""
        names = _names(folder)
        for path in sound_files(folder):
            named = _NAME.fullmatch(path.stem)
            if not named or int(named[4]) >= 10 * len(_GROUPS):
                continue
            fold, source, _, target = named.groups()
            tags = {"kind": "sound", "source": "esc-50", "group": _GROUPS[int(target) // 10], "fold": fold}
            yield Clip(path, source, {**tags, "category": names.get(target, f"class {target}")})


def _names(folder: Path) -> dict[str, str]:
    """Returns the name of each target, from the table; {} where it is not there."""
    for path in (folder / "meta" / _TABLE, folder.parent / "meta" / _TABLE):
        if path.is_file() and path.stat().st_size <= _TABLE_BYTES:
            with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
                return {str(row.get("target")): str(row.get("category")) for row in csv.DictReader(file)}
    return {}


DATASET = Esc50()
