"""Finds firmware/, templates/ and boards/ in a checkout and in an installed wheel alike."""

from __future__ import annotations

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
