"""Data sets that the user brings: generated tones in their published layouts."""

import pytest

from edgekit.errors import InputError
from tests.data.audio_writer import write
from tests.data.reading import read

pytest.importorskip("soundfile")


def test_speech_commands(tmp_path) -> None:
    for name in [
        "yes/004ae714_nohash_0",
        "no/004ae714_nohash_1",
        "yes/0a7c2a8d_nohash_0",
        "_background_noise_/pink",
    ]:
        write(tmp_path / f"{name}.wav")
    records, (noise,) = read("speech-commands", tmp_path, ["yes", "no"])
    assert [(r.subject, r.label, r.tags["speaker"]) for r in records] == [
        ("004ae714", "no", "004ae714"),
        ("004ae714", "yes", "004ae714"),
        ("0a7c2a8d", "yes", "0a7c2a8d"),
    ]
    assert "(no word) 1" in noise.what
    assert {r.label for r in read("speech-commands", tmp_path, ["speech", "sound"], label="kind")[0]} == {
        "speech",
        "sound",
    }


def test_voxforge(tmp_path) -> None:
    readme = "User Name:Aaron\n\nSpeaker Characteristics:\n\nGender: Male\nAge Range: Adult\nLanguage: EN\n"
    for place in [
        "Aaron-20080318-kdl",
        "Aaron-20090101-xyz",
        "anonymous-20100101-abc",
        "anonymous-20100102-abd",
    ]:
        write(tmp_path / place / "wav" / "a0001.wav")
    (tmp_path / "Aaron-20080318-kdl" / "etc").mkdir()
    (tmp_path / "Aaron-20080318-kdl" / "etc" / "README").write_bytes(readme.encode() + b"\xff")
    records, skipped = read("voxforge", tmp_path, ["speech"])
    assert [(r.subject, r.tags.get("voice"), r.tags.get("language")) for r in records] == [
        ("Aaron", "male", "en"),
        ("Aaron", None, None),
        ("anonymous-20100101-abc", None, None),
        ("anonymous-20100102-abd", None, None),
    ]
    assert not skipped


def test_crema_d(tmp_path) -> None:
    for name in ["1001_DFA_ANG_XX", "1002_IEO_SAD_HI", "1002_IEO_XXX_HI", "notes"]:
        write(tmp_path / "AudioWAV" / f"{name}.wav")
    (tmp_path / "VideoDemographics.csv").write_text(
        "ActorID,Age,Sex,Race,Ethnicity\n1001,51,Male,x,y\n1002,21,Female,x,y\n"
    )
    for root in (tmp_path, tmp_path / "AudioWAV"):
        records, _ = read("crema-d", root, ["anger", "sadness"])
        assert [(r.subject, r.label, r.tags["voice"], r.tags["level"]) for r in records] == [
            ("1001", "anger", "male", "XX"),
            ("1002", "sadness", "female", "HI"),
        ]


def test_savee(tmp_path) -> None:
    for name in ["AudioData/DC/a01", "AudioData/JE/su15", "KL_sa02", "AudioData/XX/a01"]:
        write(tmp_path / f"{name}.wav")
    records, _ = read("savee", tmp_path, ["anger", "surprise", "sadness"])
    assert {(r.subject, r.label) for r in records} == {
        ("savee-DC", "anger"),
        ("savee-JE", "surprise"),
        ("savee-KL", "sadness"),
    }


def test_esc_50(tmp_path) -> None:
    for name in ["1-100032-A-0", "1-100032-B-0", "5-9032-A-49", "1-1-A-77"]:
        write(tmp_path / "audio" / f"{name}.wav")
    (tmp_path / "meta").mkdir()
    (tmp_path / "meta" / "esc50.csv").write_text("filename,fold,target,category\n1-100032-A-0.wav,1,0,dog\n")
    records, _ = read("esc-50", tmp_path, ["dog", "class 49"])
    assert [(r.subject, r.label, r.tags["group"], r.tags["fold"]) for r in records] == [
        ("100032", "dog", "animals", "1"),
        ("100032", "dog", "animals", "1"),
        ("9032", "class 49", "exterior", "5"),
    ]


@pytest.mark.parametrize("key", ["speech-commands", "voxforge", "crema-d", "savee", "esc-50"])
def test_another_folder_shows_the_layout(key, tmp_path) -> None:
    write(tmp_path / "sound.wav")
    with pytest.raises(InputError, match=r"holds no recordings(.|\n)*<folder>/"):
        read(key, tmp_path, ["speech"])
    with pytest.raises(InputError, match="needs a folder"):
        read(key, None, ["speech"])
