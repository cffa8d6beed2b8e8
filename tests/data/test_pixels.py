import io
import struct
import zlib

import numpy as np
import pytest

from edgekit.data import pixels
from edgekit.data.pictures import Picture
from edgekit.errors import InputError
from tests.data.annotations.drawing import draw

Image = pytest.importorskip("PIL.Image")


def test_what_is_written_is_read(tmp_path):
    noise = draw(tmp_path / "a.png")
    assert pixels.size(tmp_path / "a.png") == (32, 24)
    np.testing.assert_array_equal(pixels.read(tmp_path / "a.png"), noise)
    grey = pixels.read(tmp_path / "a.png", "grey")
    assert grey.shape == (24, 32, 1)
    np.testing.assert_array_equal(Picture("a", "a", 32, 24, array=noise).read("grey"), grey)
    pixels.write(tmp_path / "g.png", grey)
    np.testing.assert_array_equal(pixels.read(tmp_path / "g.png", "grey"), grey)
    np.testing.assert_array_equal(pixels.read(tmp_path / "g.png"), np.repeat(grey, 3, axis=2))


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "1", "CMYK"])
def test_pictures_of_eight_bits_become_colours(mode, tmp_path):
    Image.new(mode, (5, 4)).save(tmp_path / "a.tif")
    assert pixels.read(tmp_path / "a.tif").shape == (4, 5, 3)


def test_sixteen_bits_are_refused_as_nobody_said_how_they_map_to_eight(tmp_path):
    Image.fromarray(np.full((4, 4), 40000, np.uint16)).save(tmp_path / "a.png")
    with pytest.raises(InputError, match="no channels of 8 bits"):
        pixels.size(tmp_path / "a.png")


@pytest.mark.parametrize("colours", [2, 4, 6])
def test_sixteen_bits_that_pillow_would_cut_to_eight_are_refused_too(colours, tmp_path):
    head = struct.pack(">IIBBBBB", 4, 3, 16, colours, 0, 0, 0)
    data = zlib.compress(bytes(3 * (1 + 4 * 8)))
    (tmp_path / "a.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")
    )
    (tmp_path / "a.ppm").write_bytes(b"P6 4 3 1023\n" + bytes(72))
    for name in ("a.png", "a.ppm"):
        with pytest.raises(InputError, match="no channels of 8 bits"):
            pixels.read(tmp_path / name)
    (tmp_path / "b.ppm").write_bytes(b"P6 4 3 100\n" + bytes(36))
    assert pixels.read(tmp_path / "b.ppm").shape == (3, 4, 3)


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_a_turn_that_exif_asks_for_is_told(suffix, tmp_path):
    exif = Image.Exif()
    for number in (1, 3, 6, 77):
        exif[0x0112] = number
        Image.new("RGB", (5, 4)).save(tmp_path / f"a.{suffix}", exif=exif)
        assert pixels.orientation(tmp_path / f"a.{suffix}") == (number if number < 9 else 1)
    Image.new("RGB", (5, 4)).save(tmp_path / f"b.{suffix}")
    assert pixels.orientation(tmp_path / f"b.{suffix}") == 1
    if suffix == "jpg":
        Image.new("RGB", (5, 4)).save(tmp_path / "c.jpg", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
        assert pixels.orientation(tmp_path / "c.jpg") == 1


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_a_decompression_bomb_is_refused_by_its_header(tmp_path):
    head = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    (tmp_path / "bomb.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(bytes(1000)))
    )
    for attempt in (pixels.size, pixels.read):
        with pytest.raises(InputError, match="too large"):
            attempt(tmp_path / "bomb.png")


def test_files_that_are_no_whole_picture_are_input_errors(tmp_path):
    draw(tmp_path / "a.png", 64, 64)
    good = (tmp_path / "a.png").read_bytes()
    jpeg = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(jpeg, "JPEG")
    cases = {
        "empty.png": b"",
        "text.png": b"not a picture at all",
        "half.png": good[: len(good) // 2],
        "header.png": good[:20],
        "half.jpg": jpeg.getvalue()[: len(jpeg.getvalue()) // 2],
        "noise.tif": b"II*\0" + bytes(range(200)),
    }
    for name, data in cases.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(InputError) as error:
            pixels.read(tmp_path / name)
        assert name in str(error.value)
    with pytest.raises(InputError, match="is missing"):
        pixels.read(tmp_path / "absent.png")
    with pytest.raises(InputError):
        pixels.read(tmp_path)


def test_mutated_files_raise_input_errors_only(tmp_path):
    draw(tmp_path / "a.png")
    good = (tmp_path / "a.png").read_bytes()
    random = np.random.default_rng(1)
    refused = 0
    for _ in range(100):
        data = bytearray(good)
        for position in random.integers(0, 60, 3):
            data[position] = random.integers(256)
        (tmp_path / "b.png").write_bytes(data)
        try:
            pixels.read(tmp_path / "b.png")
        except InputError:
            refused += 1
    assert refused > 50


def test_a_picture_is_read_from_within_a_file_and_from_a_window(tmp_path):
    noise = draw(tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    (tmp_path / "many").write_bytes(b"before" + data + b"after")
    inner = Picture("a", "a", 32, 24, path=tmp_path / "many", span=(6, len(data)))
    np.testing.assert_array_equal(inner.read(), noise)
    part = Picture("a", "a", 8, 6, path=tmp_path / "a.png", window=(4, 2, 8, 6))
    np.testing.assert_array_equal(part.read(), noise[2:8, 4:12])


def test_a_picture_of_another_size_than_its_annotation_says_is_refused(tmp_path):
    draw(tmp_path / "a.png")
    with pytest.raises(InputError, match="another size"):
        Picture("a", "a", 16, 24, path=tmp_path / "a.png").read()
    with pytest.raises(InputError, match="no pixels"):
        Picture("a", "a", 16, 24).read()
