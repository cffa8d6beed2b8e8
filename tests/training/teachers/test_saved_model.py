"""Teachers from SavedModel folders: TRILL's signature, others, and what is refused."""

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.training import runtime
from edgekit.training.teachers import base

tf = pytest.importorskip("tensorflow")


def energies(samples, rate):
    frames = tf.signal.frame(samples, 1600, 800)
    loud = tf.reduce_mean(tf.square(frames), -1, keepdims=True)
    return {"embedding": tf.concat([loud, 2 * loud], -1), "rate": tf.cast(rate, tf.float32) + 0 * loud}


@pytest.fixture(scope="module")
def trill(tmp_path_factory):
    """Batches of waveforms and a rate in; two outputs per frame of 100 ms."""
    runtime.start(0)

    class Trill(tf.Module):
        @tf.function(
            input_signature=[
                tf.TensorSpec([None, None], tf.float32, name="samples"),
                tf.TensorSpec([], tf.int32, name="sample_rate"),
            ]
        )
        def __call__(self, samples, sample_rate):
            return energies(samples, sample_rate)

    folder = tmp_path_factory.mktemp("trill")
    tf.saved_model.save(Trill(), str(folder))
    return folder


@pytest.fixture(scope="module")
def single(tmp_path_factory):
    """One waveform in, one output; no other arguments."""
    runtime.start(0)

    class Single(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="waveform")])
        def __call__(self, waveform):
            return {"frames": energies(waveform[None], 0)["embedding"][0]}

    folder = tmp_path_factory.mktemp("single")
    tf.saved_model.save(Single(), str(folder))
    return folder


@pytest.fixture
def waves():
    return np.random.default_rng(0).standard_normal((3, 4000), np.float32)


@pytest.mark.parametrize("signature", ["serving_default", ""])
def test_targets_are_the_mean_over_the_frames(trill, waves, signature):
    teacher = base.load("saved-model", {"path": str(trill), "output": "embedding", "least_samples": 1600,
                                        "signature": signature})  # fmt: skip
    frames = (
        np.square(waves[:, [*range(1600)]]).mean(1),
        *(np.square(waves[:, i : i + 1600]).mean(1) for i in (800, 1600, 2400)),
    )
    loud = np.mean(frames, axis=0)
    np.testing.assert_allclose(teacher(waves), np.stack([loud, 2 * loud], 1), rtol=1e-5)
    assert (teacher.size, teacher.rate_hz) == (2, 16000.0)


def test_the_rate_reaches_the_model_and_short_sound_is_padded(trill, waves):
    teacher = base.load("saved-model", {"path": str(trill), "output": "rate", "least_samples": 1600,
                                        "rate_hz": 8000})  # fmt: skip
    assert teacher(waves[:, :100]).tolist() == [[8000.0]] * 3


def test_models_that_take_one_waveform_at_a_time(single, trill, waves):
    teacher = base.load("saved-model", {"path": str(single), "least_samples": 1600})
    batched = base.load("saved-model", {"path": str(trill), "output": "embedding", "least_samples": 1600})
    np.testing.assert_allclose(teacher(waves), batched(waves), rtol=1e-5)


def test_the_digest_follows_the_content_and_the_options_and_not_the_place(single, trill, tmp_path):
    moved = tmp_path / "moved"
    moved.mkdir()
    for path in (path for path in single.rglob("*") if path.is_file()):
        target = moved / path.relative_to(single)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(path.read_bytes())
    first, second, other, third = (
        base.load("saved-model", {"path": str(path), "least_samples": least, "output": output}).digest
        for path, least, output in (
            (single, 1600, "frames"), (moved, 1600, "frames"), (single, 1601, "frames"), (trill, 1600, "rate")
        )
    )  # fmt: skip
    assert first == second and len({first, other, third}) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"output": "embeding"}, r"no output 'embeding'[\s\S]*did you mean 'embedding'"),
        ({}, r"several outputs[\s\S]*embedding, rate"),
        ({"signature": "serving"}, r"no signature 'serving'[\s\S]*serving_default"),
        ({"rate": 8000}, r"unknown key[\s\S]*did you mean 'rate_hz'"),
    ],
)
def test_what_does_not_fit_is_named(trill, options, message):
    with pytest.raises(InputError, match=message):
        base.load("saved-model", {"path": str(trill), "least_samples": 1600, **options})


def test_a_folder_that_holds_none_says_what_is_expected(tmp_path):
    with pytest.raises(InputError, match=r"is no SavedModel[\s\S]*saved_model.pb"):
        base.load("saved-model", {"path": str(tmp_path)})
    (tmp_path / "saved_model.pb").write_bytes(b"not a protobuf")
    with pytest.raises(InputError, match="cannot be read"):
        base.load("saved-model", {"path": str(tmp_path)})


def test_models_of_pictures_are_refused(tmp_path):
    runtime.start(0)

    class Pictures(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, 8, 8, 3], tf.float32, name="image")])
        def __call__(self, image):
            return {"y": tf.reduce_mean(image, [1, 2])}

    tf.saved_model.save(Pictures(), str(tmp_path))
    with pytest.raises(InputError, match=r"other arguments[\s\S]*image: float32"):
        base.load("saved-model", {"path": str(tmp_path)})
