"""Data that Debian packages carry: found where they are installed, or unpacked into a folder without root."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from edgekit import console
from edgekit.errors import EnvironmentFailed, InputError

_TIMEOUT_S = 1800


def find(root: Path | None, installed: Path, title: str, key: str, packages: Sequence[str]) -> Path:
    """Returns the folder that holds a package's data.

    Args:
        root: The folder itself, or the root of an unpacked package; None = the installed one.
        installed: Where the package puts it, absolute.
        title, key: Names of the data set, for messages.
        packages: Debian packages that carry it.

    Raises:
        InputError: It is not there; names the lines that bring it.
    """
    unpacked = [] if root is None else [Path(root) / installed.relative_to("/"), Path(root)]
    for folder in unpacked or [installed]:
        if folder.is_dir():
            return folder
    raise InputError(
        where=str(root or installed),
        what="no such folder" if root is not None else f"{title} is not installed",
        expected=f"{installed}, or a folder with the same content",
        hint=f"as root: apt-get install {' '.join(packages)}; or without root: "
        f"edgekit data get {key} -o DIR, then --data-dir DIR",
    )


def unpack(packages: Sequence[str], root: Path, layout: str) -> None:
    """Fetches packages with apt, which checks their signatures, and unpacks them; needs no root.

    Nothing is in `root` before all of it is unpacked: a download that is cut leaves no half of a package.

    Args:
        packages: Names of Debian packages.
        root: Folder to fill.
        layout: What the folder should hold, for the message where this is no Debian system.

    Raises:
        EnvironmentFailed: There is no apt-get or dpkg-deb, or one of them failed.
    """
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise EnvironmentFailed(
            where="apt-get",
            what="is not here: the sounds come as Debian packages",
            expected=layout,
            hint=f"unpack {', '.join(packages)} from https://packages.debian.org on any system",
        )
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".edgekit-", dir=root) as temporary:
        Path(temporary).chmod(0o755)  # apt fetches as a user of its own
        with console.status(f"Fetching {', '.join(packages)}"):
            _fetch(packages, temporary)
            for package in sorted(Path(temporary).glob("*.deb")):
                _run(["dpkg-deb", "-x", str(package), f"{temporary}/tree"], temporary)
        try:
            _move(Path(temporary) / "tree", root)
        except OSError as error:
            raise EnvironmentFailed(where=str(root), what="cannot be filled", found=str(error)) from error


def _fetch(packages: Sequence[str], folder: str) -> None:
    command = ["apt-get", "download", *packages]
    try:
        _run(command, folder)
    except EnvironmentFailed:
        if os.geteuid() != 0:
            raise
        _run(["apt-get", "update"], folder)  # a fresh container has no lists
        _run(command, folder)


def _move(source: Path, target: Path) -> None:
    """Moves what a folder holds into another; folders that are new there at once."""
    for child in source.iterdir():
        there = target / child.name
        if there.is_dir() and not there.is_symlink():
            _move(child, there)
        else:
            child.replace(there)


def _run(command: Sequence[str], folder: str) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
        fault = _fault(done.stderr) if done.returncode else None
    except (OSError, subprocess.TimeoutExpired) as error:
        fault = str(error)
    if fault is not None:
        raise EnvironmentFailed(
            where=" ".join(command[:2]), what="failed", found=fault, hint="as root: apt-get update"
        )


def _fault(said: str) -> str:
    """Returns the errors among what apt or dpkg said; warnings stand beside them."""
    lines = said.strip().splitlines()
    return "; ".join([line for line in lines if line.startswith("E: ")] or lines)[:300]
