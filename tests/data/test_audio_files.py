"""Sound files of every kind, whole and damaged."""

import numpy as np
import pytest

from edgekit.data.audio_files import AudioFormat, Raw, read
from edgekit.errors import InputError
from tests.data.audio_writer import tone, write

pytest.importorskip("soundfile")


@pytest.mark.parametrize(
    ("name", "rate_hz", "subtype"),
    [
        ("a.wav", 16000, "PCM_16"),
        ("a.wav", 8000, "PCM_U8"),
        ("a.wav", 44100, "FLOAT"),
        ("a.flac", 48000, "PCM_24"),
        ("a.ogg", 22050, "VORBIS"),
        ("a.opus", 48000, "OPUS"),
    ],
)
def test_a_tone_is_the_same_tone_at_16_khz(tmp_path, name, rate_hz, subtype) -> None:
    mean = tone(500, 0.5, rate_hz)
    stereo = np.stack([1.8 * mean - 0.05, 0.2 * mean + 0.05], axis=1)
    write(tmp_path / name, stereo, rate_hz, subtype)
    sound, file_rate = read(tmp_path / name, AudioFormat())
    assert file_rate == rate_hz
    assert sound.dtype == np.float32
    assert len(sound) == pytest.approx(8000, abs=2)
    np.testing.assert_allclose(sound[1000:7000], tone(500, 0.5)[1000:7000], atol=0.04)


def test_gsm_without_a_header_is_8_khz(tmp_path) -> None:
    path = write(tmp_path / "a.gsm", tone(500, 0.5, 8000), 8000, "GSM610")
    sound, rate_hz = read(path, AudioFormat())
    assert rate_hz == 8000
    assert np.argmax(np.abs(np.fft.rfft(sound[:8000]))) == pytest.approx(250, abs=2)


def test_samples_between_bytes_of_another_format(tmp_path) -> None:
    samples = np.round(tone(500, 0.5, 11025) * 32767).astype("<i2")
    (tmp_path / "a.als").write_bytes(bytes([255] * 33) + samples.tobytes() + bytes([255] * 7))
    sound, rate_hz = read(tmp_path / "a.als", AudioFormat(11025), Raw("PCM_16", 11025, head=33, tail=7))
    assert rate_hz == 11025
    np.testing.assert_array_equal(sound, samples / np.float32(32768))
    (tmp_path / "b.als").write_bytes(bytes(40))
    with pytest.raises(InputError, match=r"holds no samples"):
        read(tmp_path / "b.als", AudioFormat(), Raw("PCM_U8", 11025, head=33, tail=7))


def test_the_beginning_of_a_long_file(tmp_path) -> None:
    path = write(tmp_path / "a.wav", tone(300, 2.0), 16000)
    sound, _ = read(path, AudioFormat(max_seconds=0.5))
    assert len(sound) == 8000


def _nan(path) -> None:
    sound = tone()
    sound[7:9] = np.nan
    write(path, sound, subtype="FLOAT")


def _cut(path) -> None:
    write(path)
    path.write_bytes(path.read_bytes()[:-1001])


DAMAGE = [
    ("a.wav", _nan, r"holds NaN or infinity(.|\n)*2 of 4800"),
    ("a.wav", lambda p: write(p, 32768 * tone(), subtype="FLOAT"), "is not at full scale 1"),
    ("a.wav", lambda p: write(p, np.zeros(4800)), "is silent throughout"),
    ("a.wav", lambda p: write(p, np.zeros(0)), "holds no samples"),
    ("a.wav", lambda p: write(p, tone(seconds=0.05)), "is too short(.|\n)*at least 0.1 s(.|\n)*0.050 s"),
    ("a.wav", lambda p: p.write_bytes(b""), "is empty"),
    ("a.wav", lambda p: p.write_text("rate_hz,250\n"), "is no sound file"),
    ("a.ogg", lambda p: p.write_bytes(b"OggS" + bytes(90)), "is no sound file"),
    ("a.wav", _cut, "is cut short"),
    ("a.ogg", _cut, "is cut short"),
    ("a.flac", _cut, "is cut short|is no sound file"),
    ("a.wav", lambda p: p.mkdir(), "cannot be read"),
    ("a.wav", lambda p: None, "cannot be read"),
]


@pytest.mark.parametrize(("name", "damage", "message"), DAMAGE)
def test_damage_is_named_with_the_file(tmp_path, name, damage, message) -> None:
    damage(tmp_path / name)
    with pytest.raises(InputError, match=message) as fault:
        read(tmp_path / name, AudioFormat())
    assert str(tmp_path / name) in str(fault.value)


def test_another_rate_can_be_refused(tmp_path) -> None:
    path = write(tmp_path / "a.wav", rate_hz=8000)
    with pytest.raises(
        InputError, match=r"another sampling rate(.|\n)*16000 Hz(.|\n)*8000 Hz(.|\n)*resample"
    ):
        read(path, AudioFormat(other_rates="refuse"))


def test_a_huge_file_is_not_read(tmp_path) -> None:
    path = tmp_path / "a.wav"
    with path.open("wb") as file:
        file.truncate((256 << 20) + 1)
    with pytest.raises(InputError, match="is too large"):
        read(path, AudioFormat())
