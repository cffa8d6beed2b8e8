"""Folders that are named by a hash of what was asked for, and found again under a newer schema."""

from __future__ import annotations

import glob
from collections.abc import Callable
from pathlib import Path

from edgekit.errors import EdgekitError


def settled(path: Path, wanted: str, text_of: Callable[[Path], str]) -> Path:
    """Returns the folder that holds what was asked for, or `path` where there is none yet.

    A schema with a new key changes every hash, though not what a folder holds: where `path` is not there, a
    folder beside it that means the same under today's schema is taken.

    Args:
        path: As today's schema names it: "<stem>-<hash>".
        wanted: What was asked for, as text, with today's keys.
        text_of: Gives the same of a folder.
    """
    if path.exists():
        return path
    stem, _, digest = path.name.rpartition("-")
    for folder in sorted(path.parent.glob(f"{glob.escape(stem)}-{'[0-9a-f]' * len(digest)}")):
        try:
            if text_of(folder) == wanted:
                return folder
        except (EdgekitError, OSError):
            continue  # damaged, or of settings that today's schema refuses
    return path
