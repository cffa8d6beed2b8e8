"""What a run is shown on: a medley of test subjects, and which output names the classes."""

from pathlib import Path

import numpy as np
import pytest

from edgekit.data import debian_package
from edgekit.errors import EnvironmentFailed, InputError
from edgekit.manifest import TensorInfo
from edgekit.pipeline import data, demo, play
from edgekit.pipeline.run_folder import RunFolder
from edgekit.recipes.base import REGISTRY, parse
from tests.data.audio_writer import write

SMALL = {"voices": 12, "things": 12, "max_clips": 2}


def recipe(**changes):
    tree = REGISTRY.get("speech-embedding").model_dump()
    tree["data"] |= {"dataset": "synthetic-sound", "options": SMALL}
    tree |= {"task": "classification", "teacher": {}, "compress": [], "presets": {}}
    return parse(tree | changes, "test")


def test_records_of_test_subjects_follow_each_other(tmp_path):
    run = RunFolder.create(recipe(), tmp_path)
    data.prepare(run)
    (made,) = play.recordings(run)
    assert made.name == "synthetic recordings of test subjects (4 speech, 4 sound)"
    assert made.tags == {"source": "synthetic"}
    assert made.rate_hz == 16000 and len(made.signal) > 8 * 0.8 * 16000
    subjects = set(data.load(run, "test").subjects.tolist())
    dataset = play.datasets.REGISTRY.get("synthetic-sound")
    first = next(
        r for r in dataset.records(dataset.parse(SMALL), None, ["speech"], []) if r.subject in subjects
    )
    np.testing.assert_array_equal(made.signal[: len(first.signal)], first.signal)


def test_training_records_are_copied_and_no_others(tmp_path):
    plain, copied = recipe(), recipe()
    plain.data.copies = 0
    copied.data.copies, copied.data.perturb = 2, {"speed": 0.2}
    made = []
    for number, settings in enumerate((plain, copied)):
        run = RunFolder.create(settings, tmp_path / str(number))
        data.prepare(run)
        made.append({name: data.load(run, name) for name in ("train", "test")})
    assert len(made[1]["test"].y) == len(made[0]["test"].y)
    names = made[1]["train"].extras["record"]
    own = [name for name in names if "#" not in name]
    assert own == made[0]["train"].extras["record"].tolist()
    assert {name.partition("#")[2] for name in names} == {"", "0", "1"}
    assert set(made[1]["train"].subjects) == set(made[0]["train"].subjects)


def test_a_class_without_clips_is_named_for_every_split_and_nothing_is_written(tmp_path):
    run = RunFolder.create(recipe(classes=["speech", "shout"]), tmp_path)
    with pytest.raises(InputError, match="split 'train': has no frame of class shout") as fault:
        data.prepare(run)
    assert len(fault.value.problems) == 3 and not run.frames.exists()


def test_a_sound_file_is_brought_to_the_boards_rate_and_nan_is_refused(tmp_path, capsys):
    soundfile = pytest.importorskip("soundfile")
    wave = 0.3 * np.sin(np.arange(8000) / 9)
    soundfile.write(tmp_path / "voice.wav", wave, 8000)
    made = play.from_file(tmp_path / "voice.wav", recipe())
    assert (made.name, len(made.signal), made.rate_hz) == ("voice.wav", 16000, 16000.0)
    assert "resampled from 8,000 Hz to 16,000 Hz" in capsys.readouterr().err
    soundfile.write(tmp_path / "short.wav", wave[:2000], 8000)
    made = play.from_file(tmp_path / "short.wav", recipe())
    assert len(made.signal) == 400 + 95 * 160 and not made.signal[4000:].any()  # one frame
    assert "lengthened by silence to a frame of 0.975 s" in capsys.readouterr().err
    whole = recipe()
    whole.data.pad = False
    with pytest.raises(InputError, match="is too short"):
        play.from_file(tmp_path / "short.wav", whole)
    with pytest.raises(InputError, match="no such file"):
        play.from_file(tmp_path / "shirt.wav", recipe())
    soundfile.write(tmp_path / "bad.wav", np.full(8000, np.nan), 8000, subtype="FLOAT")
    with pytest.raises(InputError, match="NaN"):
        play.from_file(tmp_path / "bad.wav", recipe())


def test_a_spectrogram_is_drawn_by_its_rows():
    frame = np.repeat(np.arange(6, dtype=np.int8), 4)
    tensor = TensorInfo(name="x", dtype="int8", shape=[1, 6, 4, 1], scale=1, zero_point=0)
    assert play._over_time(frame.tobytes(), tensor).tolist() == [0, 1, 2, 3, 4, 5]
    assert play._sparkline(np.arange(6.0)) == " ▂▃▅▆█"


def test_the_output_called_logits_names_the_class():
    def tensor(name, elements):
        return TensorInfo(name=name, dtype="int8", shape=[1, elements], scale=0.5, zero_point=1)

    outputs = np.array([9, 9, 9, 3, -1], np.int8).tobytes()
    tensors = [tensor("embedding", 3), tensor("logits", 2)]
    assert play._logits(outputs, tensors).tolist() == [1, -1]
    assert play._logits(outputs[3:], tensors[1:]).tolist() == [1, -1]


def test_a_stand_in_takes_the_place_of_data_that_cannot_be_had(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("EDGEKIT_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))  # no apt-get
    monkeypatch.setattr("edgekit.data.debian_package.find", _missing)
    settings, folder = demo._with_data("speech-embedding", "quick", ["training.epochs=1"])
    assert settings == ["training.epochs=1", "data.dataset=synthetic-sound"] and folder is None
    said = capsys.readouterr().err
    assert "SYNTHETIC DATA: synthetic-sound stands in" in said
    assert "apt-get: is not here" in said and "packages.debian.org" in said


def test_a_cut_download_keeps_what_came_and_goes_on(tmp_path, monkeypatch):
    pytest.importorskip("soundfile")
    fetched, cut = [], ["klettres-data"]

    def run(command, folder):
        if command[0] == "dpkg-deb":
            for name in ("hen.wav", "hen_desc_es.wav"):
                write(Path(command[-1]) / f"usr/share/tuxpaint/stamps/animals/{name}")
            return
        fetched.append(command[-1])
        if command[-1] in cut:
            raise EnvironmentFailed(where="apt-get download", what="failed", found="Connection reset")
        (Path(folder) / f"{command[-1]}.deb").touch()

    monkeypatch.setenv("EDGEKIT_CACHE", str(tmp_path))
    monkeypatch.setattr(debian_package.shutil, "which", lambda tool: tool)
    monkeypatch.setattr(debian_package.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(debian_package, "_run", run)
    find = debian_package.find
    monkeypatch.setattr(debian_package, "find", lambda root, *rest: find(root, *rest) if root else _missing())
    settings = ["data.options.sources=[tuxpaint, klettres]"]
    for again in ([], cut):
        assert demo._with_data("speech-embedding", "quick", settings) == (settings, tmp_path / "data/speech")
        again.clear()
    assert fetched == ["tuxpaint-stamps-default", "klettres-data", "klettres-data"]
    assert [path.name for path in (tmp_path / "data/speech").iterdir()] == ["usr"]


def _missing(*_) -> None:
    raise InputError(where="/usr/share", what="is not installed")
