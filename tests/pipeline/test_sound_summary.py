"""`edgekit data show` of a data set of sound."""

from __future__ import annotations

import pytest

from edgekit.pipeline import sound_summary
from tests.data.audio_writer import write

pytest.importorskip("soundfile")
pytest.importorskip("matplotlib")


def test_counts_by_source_and_kind_and_a_sheet_that_repeats(tmp_path) -> None:
    base = tmp_path / "usr" / "share"
    for name in ["de/a", "de/b", "fr/a"]:
        write(base / "ktuberling" / "sounds" / f"{name}.wav")
    write(base / "tuxpaint" / "stamps" / "animals" / "hen.wav", rate_hz=8000)
    write(base / "tuxpaint" / "stamps" / "animals" / "hen_desc_es.wav")
    (base / "ktuberling" / "sounds" / "de" / "c.wav").touch()
    found = sound_summary.show("speech", [], tmp_path, tmp_path / "runs")
    words = found["parts"]["ktuberling: speech"]
    assert (words["clips"], words["subjects"], words["languages"]) == (3, 2, ["de", "fr"])
    assert words["seconds"] == pytest.approx(0.9)
    assert found["parts"]["tuxpaint: speech"]["voices"] == {"female": 1}
    assert found["parts"]["tuxpaint: sound"]["file_rates_hz"] == {"8000": 1}
    assert [item["what"] for item in found["skipped"]] == ["is empty"]
    picture = tmp_path / "runs" / "data" / "speech.svg"
    first = picture.read_bytes()
    assert first.count(b'<g id="axes_') == 4
    sound_summary.show("speech", ["max_clips=1"], tmp_path, tmp_path / "runs")
    assert picture.read_bytes() == first


def test_a_data_set_of_sound_is_told_from_a_recipe() -> None:
    assert sound_summary.is_sound("esc-50")
    assert not sound_summary.is_sound("folder")
    assert not sound_summary.is_sound("ecg-rhythm")
