"""Fish Fillets' dialogues in Czech: two actors, a small fish (she) and a big one (he)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from edgekit.data.audio_clips import AudioDataset, Clip, sound_files

_ROLE = re.compile(r"(?:^|-)([mv])-")  # mala, velka: the small and the big fish, as the scripts call them
_ROLES = {"m": ("small-fish", "female"), "v": ("big-fish", "male")}


class Fillets(AudioDataset):
    """`<level>/<language>/<level>-<m|v>-<line>.ogg`; the lines of other characters are left out.

    Class attributes:
        source_tag: The tag `source`, with which the subjects' names begin.
        language: Folder of the language.
    """

    title = "Fish Fillets dialogues"
    summary = "Some 1,300 acted lines in Czech by two actors, a woman and a man."
    licence = "GPL-2"
    source = "the Debian package fillets-ng-data-cs, https://fillets.sourceforge.net"
    layout = "<folder>/<level>/cs/<level>-<m|v>-<line>.ogg"
    packages = ("fillets-ng-data-cs",)
    installed = "/usr/share/games/fillets-ng/sound"
    source_tag: ClassVar[str] = "fillets"
    language: ClassVar[str] = "cs"

    def clips(self, folder: Path) -> Iterator[Clip]:
        """Yields lines of the two fishes."""
        for path in sound_files(folder, f"*/{self.language}/*"):
            role = _ROLE.search(path.stem)
            if not role:
                continue
            name, voice = _ROLES[role[1]]
            subject = f"{self.source_tag}-{name}"
            tags = {"kind": "speech", "source": self.source_tag, "language": self.language, "unit": "phrase"}
            yield Clip(path, subject, {**tags, "speaker": subject, "voice": voice, "style": "acted"})


DATASET = Fillets()
