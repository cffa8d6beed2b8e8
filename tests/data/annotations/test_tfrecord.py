import pytest

from edgekit.data.annotations.base import REGISTRY
from edgekit.data.pictures import Box, Picture
from edgekit.errors import EnvironmentFailed, InputError
from tests.data.annotations.drawing import draw, read

pytest.importorskip("tensorflow")
FORMAT = REGISTRY.get("tfrecord")
BOXES = (
    Box(1.25, 2.5, 10, 5.75, "plane", occlusion=2, truncation=0.25),
    Box(0, 0, 32, 24, "it's a \\ bird", difficult=True, iscrowd=True, area=300),
)


@pytest.fixture
def folder(tmp_path):
    noise = draw(tmp_path / "source.png")
    pictures = [
        Picture("a/one.png", "scene", 32, 24, BOXES, path=tmp_path / "source.png"),
        Picture("two", "two", 32, 24, array=noise),
    ]
    FORMAT.write(pictures, tmp_path / "out", {"bird": {}, "plane": {}})
    return tmp_path / "out"


def test_what_is_written_is_read(folder, tmp_path):
    found = read("tfrecord", folder)
    assert not found.problems and list(found.classes) == ["bird", "plane", "it's a \\ bird"]
    one, two = found.pictures
    assert (one.name, one.subject, two.name, two.boxes) == ("a/one.png", "scene", "two", ())
    for box, wanted in zip(one.boxes, BOXES, strict=True):
        assert (box.x, box.y, box.width, box.height) == pytest.approx(
            (wanted.x, wanted.y, wanted.width, wanted.height), abs=1e-5
        )
        assert (box.label, box.occlusion, box.truncation, box.difficult, box.iscrowd, box.area) == (
            wanted.label, wanted.occlusion, wanted.truncation, wanted.difficult, wanted.iscrowd, wanted.area
        )  # fmt: skip
    assert (one.read() == draw(tmp_path / "again.png")).all() and (two.read() == one.read()).all()


def test_it_has_the_keys_of_the_object_detection_api(folder):
    import tensorflow as tf

    (path,) = folder.glob("*.tfrecord")
    example = tf.train.Example.FromString(next(iter(tf.data.TFRecordDataset(str(path)))).numpy())
    feature = example.features.feature
    assert feature["image/object/class/label"].int64_list.value == [2, 3]
    assert feature["image/object/bbox/xmax"].float_list.value[0] == pytest.approx(11.25 / 32)
    assert feature["image/format"].bytes_list.value == [b"png"]
    assert "id: 2\n  name: 'plane'" in (folder / "label_map.pbtxt").read_text()


def test_a_damaged_file_is_an_input_error_that_names_the_record(folder):
    (path,) = folder.glob("*.tfrecord")
    data = bytearray(path.read_bytes())
    data[len(data) - 50] ^= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match="record 1"):
        read("tfrecord", folder)
    path.write_bytes(b"not a record at all")
    with pytest.raises(InputError, match="record 0"):
        read("tfrecord", folder)


def _write(folder, **features):
    import tensorflow as tf

    made = {}
    for key, values in features.items():
        kind = {bytes: "bytes_list", int: "int64_list", float: "float_list"}[type(values[0])]
        types = {
            "bytes_list": tf.train.BytesList,
            "int64_list": tf.train.Int64List,
            "float_list": tf.train.FloatList,
        }
        made[key.replace("__", "/")] = tf.train.Feature(**{kind: types[kind](value=values)})
    folder.mkdir()
    with tf.io.TFRecordWriter(str(folder / "x.tfrecord-00000-of-00001")) as writer:
        writer.write(tf.train.Example(features=tf.train.Features(feature=made)).SerializeToString())
    return folder


def test_records_of_others_are_read_and_their_faults_named(tmp_path):
    draw(tmp_path / "a.png")
    sides = {f"image__object__bbox__{side}": [low, 0.25] for side, low in
             {"xmin": 0.5, "ymin": 0.5, "xmax": 0.25, "ymax": 1.0}.items()}  # fmt: skip
    sides["image__object__bbox__xmin"] = [0.5, 0.0]
    sides["image__object__bbox__ymin"] = [0.5, 0.0]
    picture = {"image__encoded": [(tmp_path / "a.png").read_bytes()], "image__filename": [b"a.png"]}
    folder = _write(tmp_path / "good", **picture, **sides, image__object__class__label=[1, 1])
    (folder / "label_map.pbtxt").write_text('item {\n id: 1\n name: "car"\n}\n')
    found = read("tfrecord", folder)
    assert found.pictures[0].boxes == (Box(0, 0, 8, 6, "car"),)
    assert ["no area" in problem.what for problem in found.problems] == [True]

    (folder / "label_map.pbtxt").unlink()
    assert {problem.what for problem in read("tfrecord", folder).problems} == {"names no class"}
    sides["image__object__bbox__xmin"] = [0.5]
    (problem,) = read("tfrecord", _write(tmp_path / "uneven", **picture, **sides)).problems
    assert "differ in number" in problem.what
    (problem,) = read(
        "tfrecord", _write(tmp_path / "text", image__encoded=[b"text"], image__filename=[b"a"])
    ).problems
    assert "is no picture" in problem.what
    (problem,) = read("tfrecord", _write(tmp_path / "bare", image__filename=[b"a"])).problems
    assert "lacks image/encoded" in problem.what
    with pytest.raises(InputError, match="no TFRecord file"):
        read("tfrecord", tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("occluded", b"x", "occluded is of the wrong kind"),
        ("occluded", 1.5, "occluded is of the wrong kind"),
        ("truncation", b"x", "truncation is of the wrong kind"),
        ("area", b"x", "area is of the wrong kind"),
        ("is_crowd", 1.5, "is_crowd is of the wrong kind"),
        ("class__text", b"v\xe9lo", "no text in UTF-8"),
    ],
)
def test_a_value_of_another_kind_is_named(key, value, what, tmp_path):
    draw(tmp_path / "a.png")
    features = {f"image__object__bbox__{side}": [low] for side, low in
                {"xmin": 0.0, "ymin": 0.0, "xmax": 0.5, "ymax": 0.5}.items()}  # fmt: skip
    features |= {"image__encoded": [(tmp_path / "a.png").read_bytes()], "image__filename": [b"a.png"]}
    features |= {"image__object__class__text": [b"car"], f"image__object__{key}": [value]}
    found = read("tfrecord", _write(tmp_path / "x", **features))
    assert [what in problem.what for problem in found.problems] == [True]
    assert [picture.boxes for picture in found.pictures] == [()]


def test_a_label_map_is_read_in_one_pass(tmp_path):
    draw(tmp_path / "a.png")
    folder = _write(
        tmp_path / "x", image__encoded=[(tmp_path / "a.png").read_bytes()], image__filename=[b"a.png"]
    )
    table = folder / "label_map.pbtxt"
    table.write_text(
        "# the plane's\nitem {\n name: 'it\\'s }'\n id: 2, display_name: 'x'\n"
        " keypoints { id: 0 label: 'nose' } }\nitem{id:3 name:\"b\"}"
    )
    assert list(read("tfrecord", folder).classes) == ["it's }", "b"]
    table.write_text("item {" * 100_000)  # a search from each of them to the end would take minutes
    assert not read("tfrecord", folder).classes
    table.write_text("item { id: 1 }")
    with pytest.raises(InputError, match="without id or name"):
        read("tfrecord", folder)


def test_a_full_disk_is_named(tmp_path):
    resource = pytest.importorskip("resource")
    noise = draw(tmp_path / "a.png", 64, 64)
    pictures = [Picture(str(number), "s", 64, 64, array=noise) for number in range(20)]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(EnvironmentFailed, match="cannot be written"):
            REGISTRY.get("tfrecord").write(pictures, tmp_path / "x", {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
