"""A teacher's targets, kept on disk by the content that they are for: computed once, whoever asks.

A cache is one SQLite file per teacher and version of it. Each batch of targets is written in one
transaction, so a killed run has lost one batch at most, a full disk leaves what was there, and several
processes may share it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit import console, files, paths
from edgekit.errors import EnvironmentFailed

Function = Callable[[Sequence[NDArray[np.float32]]], NDArray[np.float32]]
BATCH = 256  # inputs that a teacher gets at once
_NEWS = 2048  # targets from one message to the next
_QUERY = 500  # keys in one question to the database
_WAIT_S = 60.0  # for another process that is writing


class Targets:
    """Targets of one function, in the order in which its inputs are added.

    Args:
        name: Of the teacher, for messages and the file.
        digest: Of all that the function's numbers depend on.
        size: Values of a target.
        function: Inputs, each float32 and of any shape -> float32 [n, size]; each by itself.
        folder: Where the cache lies; None = in edgekit's cache folder.
    """

    def __init__(
        self, name: str, digest: str, size: int, function: Function, folder: Path | None = None
    ) -> None:
        self.name, self.size, self.function = name, size, function
        folder = folder or paths.cache() / "targets"
        self.path = folder / f"{name}-{files.sha256(digest.encode())[:16]}.sqlite"
        self.computed = 0
        self._keys: list[bytes] = []
        self._known: set[bytes] = set()
        self._missing: dict[bytes, NDArray[np.float32]] = {}
        self._prepare()

    def add(self, inputs: Iterable[NDArray[np.float32]]) -> None:
        """Asks for the targets of some inputs; those that are in no cache are computed, batch by batch.

        Raises:
            EnvironmentFailed: The disk refused, or the cache is damaged.
        """
        fresh: dict[bytes, NDArray[np.float32]] = {}
        for one in inputs:
            data = np.ascontiguousarray(one, np.float32)
            key = bytes.fromhex(files.sha256(f"{data.shape}".encode() + data.tobytes()))
            self._keys.append(key)
            if key not in self._known and key not in self._missing:
                fresh[key] = data
        found = set(self._read(list(fresh)))
        self._known |= found
        self._missing.update((key, data) for key, data in fresh.items() if key not in found)
        while len(self._missing) >= BATCH:
            self._compute()

    def all(self) -> NDArray[np.float32]:
        """Returns the targets of everything that was added, float32 [n, size].

        Raises:
            EnvironmentFailed: The disk refused, or the cache is damaged.
        """
        while self._missing:
            self._compute()
        rows = self._read(list(dict.fromkeys(self._keys)))
        made = np.empty((len(self._keys), self.size), np.float32)
        for i, key in enumerate(self._keys):
            made[i] = rows[key]
        return made

    def _compute(self) -> None:
        batch = {key: self._missing.pop(key) for key in list(self._missing)[:BATCH]}
        made = np.asarray(self.function(list(batch.values())), "<f4")
        rows = [(key, row.tobytes()) for key, row in zip(batch, made, strict=True)]
        with self._guard(), closing(self._open()) as database, database:
            database.executemany("INSERT OR REPLACE INTO targets VALUES (?, ?)", rows)
        self._known.update(batch)
        before = self.computed // _NEWS
        self.computed += len(batch)
        if self.computed // _NEWS > before:
            console.say(f"{self.name}: {self.computed:,} targets computed")

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        found: dict[bytes, NDArray[np.float32]] = {}
        with self._guard(), closing(self._open()) as database:
            for begin in range(0, len(keys), _QUERY):
                part = keys[begin : begin + _QUERY]
                marks = ",".join("?" * len(part))
                question = f"SELECT key, value FROM targets WHERE key IN ({marks})"
                for key, value in database.execute(question, part):
                    if len(value) != 4 * self.size:
                        raise sqlite3.DatabaseError(f"a target has {len(value)} bytes")
                    found[key] = np.frombuffer(value, "<f4")
        return found

    def _prepare(self) -> None:
        with self._guard():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._open()) as database, database:
                database.execute(
                    "CREATE TABLE IF NOT EXISTS targets"
                    " (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"
                )

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=_WAIT_S)

    def _guard(self) -> _Guard:
        return _Guard(self.path)


class _Guard:
    """Turns what the database and the disk say into errors of ours."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.OperationalError | OSError):
            raise EnvironmentFailed(
                where=str(self.path), what=f"cannot be used: {error}",
                hint="free disk space, or set EDGEKIT_CACHE to another folder; what was computed is kept",
            ) from error  # fmt: skip
        if isinstance(error, sqlite3.DatabaseError):
            raise EnvironmentFailed(
                where=str(self.path),
                what=f"is damaged: {error}",
                hint="delete it; its targets are computed again",
            ) from error
