"""Folders in the layout of VoxForge: sentences read by volunteers, one folder per contribution.

Layout: http://www.voxforge.org/home/downloads; `etc/README` in each contribution has the lines "User Name:",
"Gender:", "Language:" and "Pronunciation dialect:".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from edgekit.data.audio_clips import AudioDataset, Clip, sound_files

_FOLDER = re.compile(r"(.+)-[0-9]{8}-\w+")
_LINE = re.compile(
    r"^\s*(gender|language|pronunciation dialect)\s*:[ \t]*([^\s;,\]]+)", re.IGNORECASE | re.MULTILINE
)
_README_BYTES = 1 << 16
_VOICES = {"male": "male", "female": "female"}


class Voxforge(AudioDataset):
    """`<user>-<date>-<id>/wav/<clip>.wav`."""

    title = "VoxForge"
    summary = "Sentences read by volunteers in many languages, with their gender and dialect."
    licence = "GPL-3"
    source = "http://www.voxforge.org"
    layout = "<folder>/<user>-<yyyymmdd>-<id>/{wav,flac}/<clip>, and <user>-<yyyymmdd>-<id>/etc/README"

    def clips(self, folder: Path) -> Iterator[Clip]:
        """Yields sentences; each anonymous contribution is a subject, as nothing tells who it is."""
        for place in sorted(path for path in folder.rglob("*") if path.is_dir()):
            user = _FOLDER.fullmatch(place.name)
            if not user:
                continue
            subject = place.name if user[1].lower() == "anonymous" else user[1]
            tags = {
                "kind": "speech",
                "source": "voxforge",
                "unit": "phrase",
                "speaker": subject,
                **_about(place),
            }
            for path in sound_files(place, "*/*"):
                yield Clip(path, subject, tags)


def _about(place: Path) -> dict[str, str]:
    """Returns what `etc/README` says of the speaker."""
    try:
        with (place / "etc" / "README").open("rb") as file:
            text = file.read(_README_BYTES).decode("utf-8", "replace")
    except OSError:
        return {}
    found = {key.lower(): value.lower() for key, value in _LINE.findall(text)}
    tags = {"voice": _VOICES.get(found.get("gender", ""), ""), "language": found.get("language", "")}
    return {key: value for key, value in tags.items() if value}


DATASET = Voxforge()
