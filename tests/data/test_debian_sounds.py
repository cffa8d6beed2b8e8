"""The data sets of Debian packages: generated tones in their layouts, and the packages where installed."""

from pathlib import Path

import pytest

from edgekit.data import debian_package
from edgekit.data.base import REGISTRY
from edgekit.errors import EnvironmentFailed, InputError
from tests.data.audio_writer import write
from tests.data.reading import read

pytest.importorskip("soundfile")
KINDS = ["speech", "sound"]


def of(records, *keys: str) -> list[tuple[str, ...]]:
    return [(record.subject, *(record.tags.get(key, "") for key in keys)) for record in records]


def test_tuxpaint_tells_speech_from_sounds_and_who_is_not_known(tmp_path) -> None:
    hen = write(tmp_path / "animals/birds/hen.ogg")
    (tmp_path / "animals/birds/rooster.ogg").write_bytes(hen.read_bytes())
    for name in ["animals/birds/hen_desc_es", "animals/birds/hen_desc_da.ogg", "food/apple_desc_pt_BR"]:
        write(tmp_path / f"{name}.ogg")
    for name in ["symbols/a_desc_es", "food/apple_desc"]:
        write(tmp_path / f"{name}.wav")
    records, (repeated,) = read("tuxpaint", tmp_path, KINDS)
    assert set(of(records, "kind", "language", "unit", "speaker", "voice")) == {
        ("tuxpaint-sound-animals-birds-hen", "sound", "", "", "", ""),
        ("volunteers-da", "speech", "da", "phrase", "tuxpaint-da", "male"),
        ("volunteers-es", "speech", "es", "phrase", "tuxpaint-es", "female"),
        ("volunteers-es", "speech", "es", "", "", ""),
        ("volunteers-en", "speech", "en", "phrase", "", ""),
        ("volunteers-pt", "speech", "pt_BR", "phrase", "", ""),
    }
    assert {record.tags["group"] for record in records} == {"animals", "food", "symbols"}
    assert repeated.what == "1 file(s) repeat another one to the byte"


def test_tuxpaint_names_of_symbols_are_speech_and_what_may_talk_is_no_sound(tmp_path) -> None:
    for name in ["alphabets/english/a_filled_en_GB", "math/1_zh_tw", "math/2_sl", "faces/happy"]:
        write(tmp_path / "symbols" / f"{name}.ogg")
    write(tmp_path / "space" / "lander.ogg")
    records, (others,) = read("tuxpaint", tmp_path, KINDS)
    assert of(records, "kind", "language", "unit") == [
        ("volunteers-en", "speech", "en_GB", "letter"),
        ("volunteers-zh", "speech", "zh_tw", "digit"),
        ("volunteers-sl", "speech", "sl", "digit"),
    ]
    assert "(no kind) 2" in others.what


def test_ktuberling_has_one_voice_per_language(tmp_path) -> None:
    for name in ["de/ball.wav", "sr/hat.ogg", "sr@latin/hat.ogg"]:
        write(tmp_path / name)
    (tmp_path / "de.soundtheme").write_text("<xml/>")
    records, skipped = read("ktuberling", tmp_path, KINDS)
    assert of(records, "language", "voice", "unit") == [
        ("volunteers-de", "de", "male", "word"),
        ("volunteers-sr", "sr", "", "word"),
        ("volunteers-sr", "sr", "", "word"),
    ]
    assert not skipped


def test_a_language_is_one_subject_whoever_records_it(tmp_path) -> None:
    write(tmp_path / "usr/share/ktuberling/sounds/nn/hat.ogg")
    write(tmp_path / "usr/share/klettres/nb/alpha/a.ogg")
    records, _ = read("speech", tmp_path, KINDS)
    assert of(records, "speaker") == [("volunteers-no", "ktuberling-nn"), ("volunteers-no", "klettres-nb")]


def test_klettres_tells_letters_from_syllables(tmp_path) -> None:
    for name in ["cs/alpha/a.ogg", "cs/syllab/ba.ogg", "pics/kids/x.ogg"]:
        write(tmp_path / name)
    records, _ = read("klettres", tmp_path, ["letter", "syllable"], label="unit")
    assert of(records, "unit", "voice", "file_rate_hz") == [
        ("volunteers-cs", "letter", "female", "16000"),
        ("volunteers-cs", "syllable", "female", "16000"),
    ]


def test_asterisk_says_speaker_and_voice_in_the_name_of_the_folder(tmp_path) -> None:
    base = tmp_path / "usr/share/asterisk/sounds"
    allison = base / "en_US_f_Allison"
    for path in [
        allison / "digits/1.wav",
        allison / "silence/1.wav",
        allison / "beep.wav",
        base / "de/x.wav",
    ]:
        write(path, rate_hz=8000)
    for path in [base / "es_MX_f_Allison/vm-and.wav", base / "it_IT_m_Carlo/a.wav"]:
        write(path, rate_hz=8000)
    write(base / "fr/hello.gsm", rate_hz=8000, subtype="GSM610")
    (base / "en").symlink_to("en_US_f_Allison")
    records, skipped = read("asterisk", tmp_path, KINDS)
    assert of(records, "language", "voice", "unit") == [
        ("asterisk-allison", "en", "female", "digit"),
        ("asterisk-allison", "es", "female", "phrase"),
        ("asterisk-armelle", "fr", "female", "phrase"),
        ("asterisk-carlo", "it", "male", "phrase"),
    ]
    assert all(record.rate_hz == 16000 and record.tags["file_rate_hz"] == "8000" for record in records)
    assert not skipped


def test_two_actors_of_a_game(tmp_path) -> None:
    for name in [
        "city/cs/vit-m-hlava.ogg",
        "city/cs/vit-v-proc.ogg",
        "city/cs/vit-hs-klid.ogg",
        "city/nl/vit-m-x.ogg",
    ]:
        write(tmp_path / name)
    assert of(read("fillets", tmp_path, KINDS)[0], "voice") == [
        ("fillets-small-fish", "female"),
        ("fillets-big-fish", "male"),
    ]


def test_another_language_of_the_game_has_two_other_actors(tmp_path, monkeypatch) -> None:
    for name in ["city/cs/vit-m-x.ogg", "city/nl/vit-m-x.ogg", "city/nl/vit-v-x.ogg", "city/nl/vit-0.ogg"]:
        write(tmp_path / "out/usr/share/games/fillets-ng/sound" / name)
    assert of(read("fillets-nl", tmp_path / "out", KINDS)[0], "source", "language", "voice") == [
        ("fillets-nl-small-fish", "fillets-nl", "nl", "female"),
        ("fillets-nl-big-fish", "fillets-nl", "nl", "male"),
    ]
    unpacked = []
    monkeypatch.setattr(debian_package, "unpack", lambda packages, root, layout: unpacked.extend(packages))
    for part in ["out", "czech"]:  # the folder of the other language is no sign of this one
        write(tmp_path / "czech/usr/share/games/fillets-ng/sound/city/cs/vit-m-x.ogg")
        for key in ["fillets", "fillets-nl"]:
            REGISTRY.get(key).download(tmp_path / part, REGISTRY.get(key).parse({}))
    assert unpacked == ["fillets-ng-data-nl"]
    assert len(read("speech", tmp_path / "czech", KINDS)[0]) == 1


def test_two_speakers_of_the_same_syllables(tmp_path) -> None:
    for name in ["ㄊㄢ3/3.ogg", "ㄊㄢ3/5.ogg", "ㄌㄜ4/3.ogg"]:
        write(tmp_path / name)
    assert of(read("gcin-voice", tmp_path, KINDS)[0], "language", "unit", "voice") == [
        *[("gcin-voice-liu", "zh", "syllable", "male")] * 2,
        ("gcin-voice-chu-lo", "zh", "syllable", ""),
    ]


def test_hedgewars_packs_of_one_actor_are_one_subject(tmp_path) -> None:
    packs = ["British", "Pirate", "Robot", "Russian_pl", "Default_pl", "Default_uk"]
    for name in [*(f"voices/{pack}/Stupid.ogg" for pack in packs), "voices/British/Ow1.ogg"]:
        write(tmp_path / name)
    records, (others,) = read("hedgewars", tmp_path, KINDS)
    assert of(records, "language", "character", "speaker", "voice") == [
        ("hedgewars-alexander", "en", "hedgewars-british", "hedgewars-alexander", "male"),
        ("hedgewars-alexander", "en", "hedgewars-pirate", "", "male"),
        ("hedgewars-mtg90pl", "pl", "hedgewars-default_pl", "hedgewars-mtg90pl", ""),
        ("hedgewars-mtg90pl", "pl", "hedgewars-russian_pl", "", ""),
        ("hedgewars-uk", "uk", "hedgewars-default_uk", "hedgewars-uk", ""),
    ]
    assert "(no kind) 1" in others.what
    for name in ["British/Boring", "British/Fire", "Pirate/Fire"]:
        write(tmp_path / "voices" / f"{name}.ogg")
    bounded, _ = read("hedgewars", tmp_path, KINDS, max_clips=1)
    assert [name for (name,) in (of([record], "character")[0][1:] for record in bounded)] == [
        f"hedgewars-{pack}" for pack in ["british", "pirate", "default_pl", "russian_pl", "default_uk"]
    ]


def test_hedgewars_sounds_are_things_unless_they_may_be_voices(tmp_path) -> None:
    for name in ["bee", "beewater", "1C", "2D", "countdown1", "hell_ow", "Yoohoo"]:
        write(tmp_path / f"{name}.ogg")
    records, (others,) = read("hedgewars", tmp_path, KINDS)
    assert of(records, "kind") == [
        *[("hedgewars-sound-piano", "sound")] * 2,
        *[("hedgewars-sound-bee", "sound")] * 2,
        ("hedgewars-sound-countdown", "sound"),
    ]
    assert "(no kind) 2" in others.what


def test_characters_of_a_cast_are_speakers_of_one_subject(tmp_path) -> None:
    for number, name in enumerate(["3.ALS", "D57.ALS", "D58.ALS", "bj1.als", "S1.ALS", "1.ALG"]):
        samples = bytes([128 + number, 64] * 2000)
        (tmp_path / name).write_bytes(bytes(32) + samples + bytes(32))
    records, skipped = read("drascula", tmp_path, KINDS)
    assert not skipped
    assert of(records, "speaker", "voice", "file_rate_hz") == [
        ("drascula-cast", "drascula-hacker", "male", "11025"),
        ("drascula-cast", "drascula-drascula", "male", "11025"),
        ("drascula-cast", "drascula-billie-jean", "female", "11025"),
    ]


def test_clips_of_a_speaker_are_bounded_and_labels_are_any_tag(tmp_path) -> None:
    for i in range(7):
        write(tmp_path / "de" / f"{i}.wav")
        write(tmp_path / "fr" / f"{i}.wav")
    records, (others,) = read("ktuberling", tmp_path, ["de"], label="language", max_clips=3)
    assert [(record.name, record.label) for record in records] == [
        ("de/0.wav", "de"),
        ("de/2.wav", "de"),
        ("de/4.wav", "de"),
    ]
    assert others.what == "7 sound record(s) carry no wanted label: fr 7"
    records, (none,) = read("ktuberling", tmp_path, ["child"], label="voice")
    assert not records
    assert "(no voice) 7, male 7" in none.what


def test_a_damaged_file_is_left_out_by_name(tmp_path) -> None:
    write(tmp_path / "de/a.wav")
    (tmp_path / "de/b.wav").write_bytes(b"RIFF")
    records, (fault,) = read("ktuberling", tmp_path, KINDS)
    assert [record.name for record in records] == ["de/a.wav"]
    assert fault.where == str(tmp_path / "de/b.wav")


def test_speech_reads_what_is_there_and_says_what_is_not(tmp_path, capsys) -> None:
    write(tmp_path / "usr/share/ktuberling/sounds/de/a.wav")
    write(tmp_path / "usr/share/klettres/de/alpha/a.ogg")
    records, _ = read("speech", tmp_path, KINDS)
    assert [record.name for record in records] == ["ktuberling/de/a.wav", "klettres/de/alpha/a.ogg"]
    said = capsys.readouterr().err
    assert "tuxpaint" in said and "hedgewars" in said
    with pytest.raises(
        InputError, match=r"none of the sources is there(.|\n)*apt-get install ktuberling-data;"
    ):
        read("speech", tmp_path / "usr", KINDS, sources=["ktuberling"])
    with pytest.raises(InputError, match="mitdb: is no data set of a Debian package"):
        read("speech", None, KINDS, sources=["mitdb", "tuxpaint"])


def test_speech_fetches_no_large_package_that_is_not_named(tmp_path, monkeypatch) -> None:
    unpacked = []
    monkeypatch.setattr(debian_package, "unpack", lambda packages, root, layout: unpacked.extend(packages))
    speech = REGISTRY.get("speech")
    speech.download(tmp_path, speech.parse({}))
    assert "klettres-data" in unpacked and "hedgewars-data" not in unpacked
    unpacked.clear()
    speech.download(tmp_path, speech.parse({"sources": ["hedgewars"]}))
    assert unpacked == ["hedgewars-data"]


def test_what_is_not_installed_names_the_lines_that_bring_it(tmp_path) -> None:
    with pytest.raises(
        InputError, match=r"no such folder(.|\n)*apt-get install klettres-data(.|\n)*data get klettres -o"
    ):
        read("klettres", tmp_path / "none", KINDS)
    with pytest.raises(InputError, match="holds no recordings"):
        read("klettres", tmp_path, KINDS)


def test_packages_are_unpacked_without_root(tmp_path, monkeypatch) -> None:
    called, refused = [], ["update needed"]

    def run(command, folder) -> None:
        called.append(list(command))
        if command[:2] == ["apt-get", "download"]:
            if refused:
                raise EnvironmentFailed(where="apt-get", what=refused.pop())
            (Path(folder) / "klettres-data_1_all.deb").touch()
        elif command[0] == "dpkg-deb":
            write(Path(command[-1]) / "usr/share/klettres/de/alpha/a.ogg")

    klettres = REGISTRY.get("klettres")
    monkeypatch.setattr(debian_package.shutil, "which", lambda tool: f"/usr/bin/{tool}")
    monkeypatch.setattr(debian_package.os, "geteuid", lambda: 0)
    monkeypatch.setattr(debian_package, "_run", run)
    write(tmp_path / "out/usr/share/other/a.ogg")
    for _ in range(2):
        klettres.download(tmp_path / "out", klettres.parse({}))
    fetch = ["apt-get", "download", "klettres-data"]
    assert called[:3] == [fetch, ["apt-get", "update"], fetch]
    assert called[3][:2] == ["dpkg-deb", "-x"] and len(called) == 4
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["usr"]
    assert len(read("klettres", tmp_path / "out", KINDS)[0]) == 1
    monkeypatch.setattr(debian_package.shutil, "which", lambda tool: None)
    with pytest.raises(EnvironmentFailed, match=r"apt-get(.|\n)*packages.debian.org"):
        REGISTRY.get("klettres").download(tmp_path, REGISTRY.get("klettres").parse({}))


def test_a_download_that_is_cut_leaves_no_half_of_a_package(tmp_path, monkeypatch) -> None:
    def run(command, folder) -> None:
        if command[0] == "dpkg-deb":
            write(Path(command[-1]) / "usr/share/klettres/de/alpha/a.ogg")
            raise EnvironmentFailed(where="dpkg-deb", what="failed", found="unexpected end of file")
        (Path(folder) / "klettres-data_1_all.deb").touch()

    monkeypatch.setattr(debian_package.shutil, "which", lambda tool: f"/usr/bin/{tool}")
    monkeypatch.setattr(debian_package, "_run", run)
    with pytest.raises(EnvironmentFailed, match="unexpected end of file"):
        REGISTRY.get("klettres").download(tmp_path, REGISTRY.get("klettres").parse({}))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("key", ["tuxpaint", "ktuberling", "klettres", "asterisk", "hedgewars"])
def test_the_installed_package(key) -> None:
    dataset = REGISTRY.get(key)
    if not Path(dataset.installed).is_dir():
        pytest.skip(f"{dataset.packages[0]} is not installed")
    records, skipped = read(key, None, KINDS, max_clips=1, max_seconds=2)
    assert len({record.subject for record in records}) >= 4
    assert len(skipped) < 10  # silent, too loud, or of no kind
