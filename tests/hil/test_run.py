"""From a built firmware to a record's facts, on the host and on emulated boards."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

from edgekit import files, paths
from edgekit.device import boards, build
from edgekit.errors import EnvironmentFailed, InputError
from edgekit.hil import run as hil
from tests.hil import toy_model


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    """An exported folder of the hand-made model."""
    folder = tmp_path_factory.mktemp("export")
    for path in toy_model.HERE.iterdir():
        shutil.copy(path, folder)
    shutil.copy(paths.share("firmware") / "kernels" / "ek_status.h", folder)
    toy_model.manifest().save(folder)
    return folder


BOARDS = ["host", *(pytest.param(key, marks=pytest.mark.board) for key in ("mps2-an386", "mps3-an547"))]


@pytest.fixture(scope="module", params=BOARDS)
def built(request, export):
    tools = {"host": ("gcc",)}.get(request.param, ("arm-none-eabi-gcc", "qemu-system-arm"))
    if missing := [tool for tool in tools if shutil.which(tool) is None]:
        pytest.skip(f"not installed: {', '.join(missing)}")
    return build.build(export, boards.load(request.param))


def arrays(count: int) -> dict[str, np.ndarray]:
    raw = b"".join(toy_model.vectors(count))
    return {"input": np.frombuffer(raw, np.int8).reshape(count, 1, toy_model.INPUTS)}


def test_vectors_come_back_with_all_facts(built):
    made = hil.run(built.manifest, built, built.board, arrays(5), deadline=20)
    assert [result.outputs for result in made.results] == toy_model.outputs(toy_model.vectors(5))
    assert made.outputs["scores"].shape == (5, 1, 8)
    assert made.outputs["scores"].dtype == np.int8
    assert made.outputs["sums"].dtype == np.int32
    assert made.outputs["sums"][0].tobytes() == made.results[0].outputs[8:]
    assert (made.hello.board, made.hello.timer_unit) == (built.board.key, built.board.counter.unit)
    assert made.link.bytes > 5 * toy_model.INPUTS
    assert made.link.transport == "pty"
    assert made.info.computed == 5


def test_an_emulated_count_is_the_same_every_time(built):
    if not built.board.emulated:
        pytest.skip("the host counts nanoseconds")
    counts = [hil.run(built.manifest, built, built.board, arrays(6), deadline=20).ticks for _ in range(2)]
    assert counts[0].tolist() == counts[1].tolist()
    assert len(set(counts[0].tolist())) == 1  # the model takes the same path for every input


def test_a_signal_gives_frames_outputs_and_times(built):
    samples = np.random.default_rng(0).normal(0, 60, 2200).astype(np.float32)
    samples[5] = np.nan
    with hil.connect(built, built.board, deadline=20) as session:
        made = hil.run_signal(session, samples)
    assert made.frames.shape == (3, 1, toy_model.INPUTS)
    for frame, scores in zip(made.frames, made.outputs["scores"], strict=True):
        assert toy_model.Toy().invoke(frame.tobytes())[:8] == scores.tobytes()
    assert made.nonfinite == 1
    assert (made.preproc_ticks > 0).all()


def test_a_firmware_of_another_model_is_named(export):
    board = boards.load("host")
    built = build.build(export, board)
    other = built.manifest.model.model_copy(update={"sha256": "00" * 32})
    changed = replace(built, manifest=built.manifest.model_copy(update={"model": other}))
    with pytest.raises(EnvironmentFailed, match="holds another model"):
        hil.run(changed.manifest, changed, board, arrays(1))


def test_hardware_needs_a_port(export):
    built = build.build(export, boards.load("host"))
    with pytest.raises(InputError, match="--port"):
        hil.run(built.manifest, built, boards.load("apollo4"), arrays(1))


@pytest.mark.parametrize(
    ("vectors", "text"),
    [
        ({}, "input: is missing"),
        ({"inputs": np.zeros((1, 1500), np.int8)}, "the model has no such input"),
        ({"input": np.zeros((2, 1499), np.int8)}, "does not fit the model's input"),
        ({"input": np.zeros((2, 1500), np.uint8)}, "does not fit the model's input"),
    ],
)
def test_vectors_that_do_not_fit_are_refused(vectors, text):
    with pytest.raises(InputError, match=text):
        hil.pack_inputs(toy_model.manifest().inputs, vectors)


def test_vectors_are_packed_one_at_a_time():
    source = np.random.default_rng(0)
    given = [source.integers(-9, 9, (5, 2, 3), np.int8), source.normal(size=(5, 4)).astype(">f4")]
    packed = hil.Packed(given)
    expected = [a.tobytes() + b.astype("<f4").tobytes() for a, b in zip(*given, strict=True)]
    assert list(packed) == expected and packed[3] == expected[3] and len(packed) == 5
    assert list(packed[1:4]) == expected[1:4] and len(packed[1:4]) == 3
    assert files.sha256_of(packed) == files.sha256(b"".join(expected))
    given[0][3] += 1
    assert packed[3] != expected[3]  # nothing was copied
