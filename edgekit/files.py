"""Whole files or none: write under a temporary name, then rename; and content hashes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edgekit.errors import EnvironmentFailed, InputError


def _ordinary_mode() -> int:
    umask = os.umask(0)  # can only be read by setting it, for the whole process: once, before any thread
    os.umask(umask)
    return 0o666 & ~umask


_MODE = _ordinary_mode()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yields a temporary path beside `path`; renames it over `path` when the block succeeds.

    Args:
        path: The file to create or replace; its folder is created.

    Raises:
        EnvironmentFailed: The disk refused (full, read-only, no permission).
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
        os.close(handle)
    except OSError as error:
        raise _refused(path, error) from error
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(_MODE)  # mkstemp makes private files; an artefact is an ordinary one
        temporary.replace(path)
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def making_folder(path: Path) -> Iterator[Path]:
    """Yields an empty temporary folder beside `path`; renames it to `path` when the block succeeds.

    Args:
        path: The folder to make; an empty one is replaced.

    Raises:
        InputError: There is something at `path`.
        EnvironmentFailed: The disk refused.
    """
    path = Path(path)
    try:
        if path.exists() and not (path.is_dir() and next(path.iterdir(), None) is None):
            raise InputError(
                where=str(path), what="is there already", hint="name another folder, or remove it"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    except OSError as error:
        raise _refused(path, error) from error
    try:
        yield temporary
        temporary.chmod(_MODE | 0o111)
        temporary.replace(path)
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Writes `text` to `path` as UTF-8, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_bytes(path: Path, data: bytes) -> None:
    """Writes `data` to `path`, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_json(path: Path, value: Any) -> None:
    """Writes `value` to `path` as indented JSON (NaN and infinities are refused)."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False) + "\n")


def link(source: Path, target: Path) -> None:
    """Makes `target` the same file as `source`, or a copy where the file system cannot; keeps what is there.

    Raises:
        EnvironmentFailed: The disk refused.
    """
    if target.exists():
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(source, target)
    except OSError:
        with replacing(target) as temporary:
            shutil.copyfile(source, temporary)


def sha256_of(parts: Iterable[bytes]) -> str:
    """Returns the SHA-256 of all parts, one behind the other, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def sha256(data: bytes | Path) -> str:
    """Returns the SHA-256 of bytes or of a file's content as 64 hexadecimal digits."""
    if isinstance(data, Path):
        digest = hashlib.sha256()
        with data.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
        return digest.hexdigest()
    return hashlib.sha256(data).hexdigest()


def _refused(path: Path, error: OSError) -> EnvironmentFailed:
    return EnvironmentFailed(
        where=str(path),
        what=f"cannot be written: {error.strerror or error}",
        hint="free disk space or choose another folder; nothing was left half-written",
    )
