"""Brings the files of a publication into a folder, each checked against its SHA-256."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from edgekit import console, files
from edgekit.data.base import need_package
from edgekit.errors import EnvironmentFailed, InputError, Problem

SUMS = "SHA256SUMS.txt"
_SUMS_BYTES = 64 << 20
_TIMEOUT_S = 30
_CONNECTIONS = 4
_MOST_PROBLEMS = 10


@dataclass(frozen=True)
class Publication:
    """Where a data set is published, and what of it is wanted.

    Args:
        base: Address of the folder that holds SHA256SUMS.txt, as PhysioNet has it.
        records: Regular expression that the paths of recordings match in full.
        always: Paths that are wanted with any number of records.
    """

    base: str
    records: str
    always: frozenset[str] = frozenset()


def fetch(publication: Publication, root: Path, layout: str, *, limit: int = 0, mirror: str = "") -> None:
    """Downloads what is wanted and not there yet.

    Args:
        publication: What to bring.
        root: Folder to fill.
        layout: Expected layout, for the message when the network is not there.
        limit: At most so many records; 0 = all.
        mirror: Address to use instead of `publication.base`.

    Raises:
        InputError: `mirror` is no http or https address.
        EnvironmentFailed: The network, the server, the disk or a checksum failed; files that are
            whole stay, so that the next run goes on.
    """
    base = (mirror or publication.base).rstrip("/") + "/"
    if not re.match(r"https?://[^/]", base):
        raise InputError(where="--mirror", what="is no address", expected="http(s)://...", found=mirror)
    need_package("pooch").get_logger().setLevel("WARNING")
    sums = select(_read_sums(base, root, layout), publication, limit)
    if not sums:
        raise EnvironmentFailed(
            where=base + SUMS, what="names no recording", expected=publication.records, hint=layout
        )
    _fetch_all(base, root, sums, layout)


def parse_sums(text: str, where: str) -> dict[str, str]:
    """Returns SHA-256 by path from a list in the format of sha256sum.

    Args:
        text: Lines "<64 hexadecimal digits>  <path>".
        where: Its address, for messages.

    Raises:
        EnvironmentFailed: A line is something else, or a path leads out of the folder.
    """
    sums: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        match = re.fullmatch(r"([0-9a-fA-F]{64})[ \t]+\*?(\S.*)", line.strip())
        path = PurePosixPath(match[2]) if match else PurePosixPath("/")
        if not match or path.is_absolute() or ".." in path.parts or "\\" in match[2] or ":" in match[2]:
            raise EnvironmentFailed(
                where=f"{where}:{number}",
                what="is no list of checksums",
                expected="<sha256>  <path>",
                found=line[:80],
            )
        sums[str(path)] = match[1].lower()
    return sums


def select(sums: Mapping[str, str], publication: Publication, limit: int) -> dict[str, str]:
    """Returns the entries of the first `limit` records (0 = all), and those that are always wanted."""
    wanted = [path for path in sums if re.fullmatch(publication.records, path)]
    names = sorted({str(PurePosixPath(path).with_suffix("")) for path in wanted})
    kept = set(names[: limit or None])
    return {path: sums[path] for path in wanted if str(PurePosixPath(path).with_suffix("")) in kept} | (
        {path: sums[path] for path in sums if path in publication.always} if kept else {}
    )


def _read_sums(base: str, root: Path, layout: str) -> dict[str, str]:
    requests = need_package("requests")
    try:
        with requests.get(base + SUMS, timeout=_TIMEOUT_S, stream=True) as answer:
            answer.raise_for_status()
            data = bytearray()
            for chunk in answer.iter_content(1 << 16):
                data += chunk
                if len(data) > _SUMS_BYTES:
                    raise EnvironmentFailed(where=base + SUMS, what=f"is longer than {_SUMS_BYTES} bytes")
    except requests.RequestException as error:
        raise EnvironmentFailed(
            where=base + SUMS,
            what=f"cannot be fetched: {_short(error)}",
            hint=f"bring the files by other means and give their folder with --data-dir; layout: {layout}",
        ) from error
    files.write_bytes(root / SUMS, bytes(data))
    return parse_sums(data.decode("utf-8", "replace"), base + SUMS)


def _fetch_all(base: str, root: Path, sums: Mapping[str, str], layout: str) -> None:
    pooch = need_package("pooch")
    store = pooch.create(
        path=root,
        base_url=base,
        registry={path: f"sha256:{digest}" for path, digest in sums.items()},
        retry_if_failed=1,
    )
    _make_folders({(root / path).parent for path in sums})
    downloader = pooch.HTTPDownloader(timeout=_TIMEOUT_S)
    problems: list[Problem] = []
    with (
        ThreadPoolExecutor(_CONNECTIONS) as pool,
        console.progress(f"{len(sums)} files", len(sums)) as advance,
    ):
        running = {pool.submit(store.fetch, path, downloader=downloader): path for path in sums}
        try:
            for done in as_completed(running):
                if (problem := _problem(done, base + running[done])) is not None:
                    problems.append(problem)
                if len(problems) == _MOST_PROBLEMS:
                    break
                advance()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    if problems:
        hint = f"run the same command again to fetch what is missing; layout: {layout}"
        raise EnvironmentFailed([*problems, Problem(str(root), "is not complete", hint=hint)])


def _make_folders(folders: Iterable[Path]) -> None:
    """Makes the folders before the threads start: pooch's own way is not safe among several."""
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EnvironmentFailed(where=str(folder), what=f"cannot be made: {_short(error)}") from error


def _problem(done: Any, where: str) -> Problem | None:
    """Returns what went wrong with one file, or None."""
    error = done.exception()
    if error is None:
        return None
    if isinstance(error, ValueError):  # pooch's word for a wrong hash; it keeps no such file
        return Problem(where, "the checksum differs from the published one; the file was not kept")
    if isinstance(error, OSError):  # of requests, or of the disk
        return Problem(where, f"cannot be fetched: {_short(error)}")
    raise error


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:200]
