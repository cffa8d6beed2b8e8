"""A file is written whole or not at all."""

import hashlib
import json

import pytest

from edgekit import files
from edgekit.errors import EnvironmentFailed, InputError


def test_a_failed_write_leaves_the_old_file_and_no_temporary_one(tmp_path):
    path = tmp_path / "result.json"
    files.write_text(path, "old")
    with pytest.raises(RuntimeError), files.replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_folders_are_created_and_files_are_ordinary_ones(tmp_path):
    path = tmp_path / "a" / "b.txt"
    files.write_text(path, "x\n")
    assert path.read_bytes() == b"x\n"
    assert path.stat().st_mode & 0o400


def test_a_place_that_cannot_be_written_is_an_error_of_the_environment(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFailed, match="cannot be written"):
        files.write_text(tmp_path / "file" / "below.txt", "x")


def test_json_refuses_nan(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        files.write_json(tmp_path / "x.json", {"a": float("nan")})
    assert not list(tmp_path.iterdir())
    files.write_json(tmp_path / "x.json", {"a": 1.5})
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": 1.5}


def test_hash_of_bytes_and_of_a_file_agree(tmp_path):
    (tmp_path / "x").write_bytes(b"edgekit")
    expected = hashlib.sha256(b"edgekit").hexdigest()
    assert files.sha256(b"edgekit") == files.sha256(tmp_path / "x") == expected


def test_a_folder_is_made_whole_or_not_at_all(tmp_path):
    with pytest.raises(RuntimeError), files.making_folder(tmp_path / "a") as folder:
        (folder / "x").write_text("half")
        raise RuntimeError
    assert not list(tmp_path.iterdir())
    (tmp_path / "a").mkdir()
    with files.making_folder(tmp_path / "a") as folder:
        (folder / "x").write_text("whole")
    assert (tmp_path / "a" / "x").read_text() == "whole"
    with pytest.raises(InputError, match="is there already"), files.making_folder(tmp_path / "a"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
