"""Downloads with checksums, against a server on this machine."""

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytest.importorskip("pooch")

from edgekit.data import download
from edgekit.data.base import REGISTRY
from edgekit.data.download import SUMS, Publication
from edgekit.errors import EnvironmentFailed, InputError

PUBLICATION = Publication("https://nowhere.invalid/", r"set/.*\.(hea|dat)", frozenset({"table.csv"}))
LAYOUT = "<folder>/set/*.hea"
FILES = {
    "set/a.hea": b"header a",
    "set/a.dat": b"signal a",
    "set/b.hea": b"header b",
    "set/b.dat": b"signal b",
    "table.csv": b"x,y",
    "other/c.dat": b"not wanted",
}


class Server:
    """Serves a folder and remembers what was asked for."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                asked.append(self.path.strip("/"))

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def publish(folder: Path) -> None:
    lines = []
    for name, data in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
        lines.append(f"{hashlib.sha256(data).hexdigest()} {name}\n")
    (folder / SUMS).write_text("".join(lines))


@pytest.fixture
def origin(tmp_path) -> Path:
    publish(tmp_path / "origin")
    return tmp_path / "origin"


@pytest.fixture
def server(origin) -> Iterator[Server]:
    made = Server(origin)
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def no_waiting_before_a_retry(monkeypatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)


def got(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_brings_what_is_wanted_and_only_that(server, tmp_path) -> None:
    root = tmp_path / "here"
    download.fetch(PUBLICATION, root, LAYOUT, mirror=server.address)
    assert got(root) == {"set/a.hea", "set/a.dat", "set/b.hea", "set/b.dat", "table.csv", SUMS}
    assert all((root / name).read_bytes() == FILES[name] for name in got(root) - {SUMS})


def test_the_limit_counts_records(server, tmp_path) -> None:
    download.fetch(PUBLICATION, tmp_path / "here", LAYOUT, limit=1, mirror=server.address + "/")
    assert got(tmp_path / "here") == {"set/a.hea", "set/a.dat", "table.csv", SUMS}


def test_whole_files_are_kept_and_damaged_ones_fetched_again(server, tmp_path) -> None:
    root = tmp_path / "here"
    download.fetch(PUBLICATION, root, LAYOUT, mirror=server.address)
    (root / "set/b.dat").write_bytes(b"half")
    server.asked.clear()
    download.fetch(PUBLICATION, root, LAYOUT, mirror=server.address)
    assert set(server.asked) == {SUMS, "set/b.dat"}
    assert (root / "set/b.dat").read_bytes() == FILES["set/b.dat"]


def test_a_wrong_checksum_and_a_missing_file_are_both_named(server, origin, tmp_path) -> None:
    (origin / "set/a.dat").write_bytes(b"something else")
    (origin / "set/b.hea").unlink()
    root = tmp_path / "here"
    with pytest.raises(EnvironmentFailed) as raised:
        download.fetch(PUBLICATION, root, LAYOUT, mirror=server.address)
    said = {problem.where: problem.what for problem in raised.value.problems}
    assert "the checksum differs" in said[f"{server.address}/set/a.dat"]
    assert "404" in said[f"{server.address}/set/b.hea"]
    assert "is not complete" in said[str(root)]
    assert LAYOUT in str(raised.value)
    assert got(root) == {"set/a.hea", "set/b.dat", "table.csv", SUMS}
    publish(origin)
    download.fetch(PUBLICATION, root, LAYOUT, mirror=server.address)
    assert (root / "set/a.dat").read_bytes() == FILES["set/a.dat"]


def test_a_server_that_is_down_is_named_with_the_layout_to_make_by_hand(server, tmp_path) -> None:
    server.stop()
    with pytest.raises(EnvironmentFailed) as raised:
        download.fetch(PUBLICATION, tmp_path / "here", LAYOUT, mirror=server.address)
    (problem,) = raised.value.problems
    assert problem.where == f"{server.address}/{SUMS}"
    assert "cannot be fetched: ConnectionError" in problem.what
    assert "--data-dir" in problem.hint
    assert LAYOUT in problem.hint


def test_without_checksums_nothing_is_brought(server, origin, tmp_path) -> None:
    (origin / SUMS).unlink()
    with pytest.raises(EnvironmentFailed, match="404"):
        download.fetch(PUBLICATION, tmp_path / "here", LAYOUT, mirror=server.address)
    (origin / SUMS).write_text("0" * 64 + "  elsewhere.txt\n")
    with pytest.raises(EnvironmentFailed, match="names no recording"):
        download.fetch(PUBLICATION, tmp_path / "here", LAYOUT, mirror=server.address)


def test_a_full_disk_or_a_file_in_the_way_is_named(server, tmp_path) -> None:
    root = tmp_path / "here"
    root.write_text("a file where the folder should be")
    with pytest.raises(EnvironmentFailed, match="here"):
        download.fetch(PUBLICATION, root, LAYOUT, mirror=server.address)


@pytest.mark.parametrize("mirror", ["file:///etc", "ftp://x", "nonsense", "http://"])
def test_a_mirror_is_a_web_address(mirror, tmp_path) -> None:
    with pytest.raises(InputError, match="is no address"):
        download.fetch(PUBLICATION, tmp_path, LAYOUT, mirror=mirror)


@pytest.mark.parametrize(
    "line",
    [
        "0" * 64 + " ../outside",
        "0" * 64 + " /etc/passwd",
        "0" * 64 + " a/../../b",
        "0" * 64 + " c:\\x",
        "0" * 63 + " short",
        "<html>sign in to this network</html>",
    ],
)
def test_a_list_of_checksums_that_leads_elsewhere_is_refused(line) -> None:
    good = "1" * 64 + " *good.dat\n\n"
    assert download.parse_sums(good, "sums") == {"good.dat": "1" * 64}
    with pytest.raises(EnvironmentFailed, match="sums:3"):
        download.parse_sums(good + line, "sums")


@pytest.mark.parametrize(
    ("key", "wanted", "unwanted"),
    [
        ("lsad", ["WFDBRecords/01/010/JS00001.hea", "WFDBRecords/01/010/JS00001.mat"], ["LICENSE.txt"]),
        ("mitdb", ["100.hea", "100.dat", "100.atr"], ["100.xws", "mitdbdir/intro.htm", "x_mitdb/x_108.dat"]),
        ("holter", ["Training_set_I/data_0_1.hea", "Training_set_I/data_0_1.atr"], ["RECORDS"]),
        (
            "ptbxl",
            ["ptbxl_database.csv", "records500/00000/00001_hr.dat"],
            ["records100/00000/00001_lr.dat", "scp_statements.csv"],
        ),
    ],
)
def test_each_data_set_brings_its_files(key, wanted, unwanted, tmp_path) -> None:
    origin = tmp_path / "origin"
    lines = []
    for name in [*wanted, *unwanted]:
        (origin / name).parent.mkdir(parents=True, exist_ok=True)
        (origin / name).write_text(name)
        lines.append(f"{hashlib.sha256(name.encode()).hexdigest()} {name}\n")
    (origin / SUMS).write_text("".join(lines))
    server = Server(origin)
    dataset = REGISTRY.get(key)
    dataset.download(tmp_path / "here", dataset.parse({}), mirror=server.address)
    server.stop()
    assert got(tmp_path / "here") == {*wanted, SUMS}
