"""Finds what edgekit carries, in a checkout and in an installed wheel alike, and the user's own folders."""

from __future__ import annotations

import os
from pathlib import Path

from edgekit.errors import EnvironmentFailed

_PACKAGE = Path(__file__).resolve().parent


def share(name: str) -> Path:
    """Returns the folder `name` that edgekit carries.

    Args:
        name: "firmware", "templates" or "boards".

    Raises:
        EnvironmentFailed: The installation lacks it.
    """
    for base in (_PACKAGE / "_share", _PACKAGE.parent):
        if (base / name).is_dir():
            return base / name
    raise EnvironmentFailed(
        where=str(_PACKAGE),
        what=f"the folder '{name}' is missing from this installation",
        hint="reinstall edgekit: pip install --force-reinstall edgekit",
    )


def user(kind: str) -> Path:
    """Returns the user's own plug-in folder `./edgekit/<kind>`, which need not exist."""
    return Path.cwd() / "edgekit" / kind


def cache() -> Path:
    """Returns the folder of what can be fetched or made again: $EDGEKIT_CACHE, or `edgekit` in the user's."""
    chosen = os.environ.get("EDGEKIT_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "edgekit"
