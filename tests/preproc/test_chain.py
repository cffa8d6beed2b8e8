"""The chain: order and parameters are checked, records in batches, stored designs, hostile samples."""

import json
import subprocess
import sys
import time

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.preproc.chain import Chain, clean

from .conftest import ECG, hostile, pulses


def problems_of(steps, rate_hz=360.0):
    with pytest.raises(InputError) as caught:
        Chain.design(steps, rate_hz)
    return [str(problem) for problem in caught.value.problems]


def test_properties(ecg_chain):
    assert ecg_chain.rate_hz == 360.0
    assert (ecg_chain.frame_samples, ecg_chain.hop_samples) == (800, 400)
    assert ecg_chain.output.shape == (800,)
    assert ecg_chain.output.rate_hz == 0.25
    assert ecg_chain.description == [
        "resample 360 Hz to 100 Hz (5/18): Kaiser FIR, beta 5, 73 taps in each of 5 phases",
        "band-pass 1 to 30 Hz at 100 Hz: Butterworth, 3 second-order sections",
        "frame of 800 (8 s), a new one every 400 (4 s)",
        "z-normalise the frame: (x - mean) / (std + 0.01)",
    ]


def test_state_is_little_more_than_frame_and_history(ecg_chain):
    assert 4 * (800 + 73) < ecg_chain.state_bytes() < 4 * (800 + 73) + 100


def test_frames_are_counted_as_the_samples_arrive(ecg_chain):
    # The frame is full when its 800th value is computed: at input floor(799 * 3.6) = 2876, the 2877th.
    assert ecg_chain.frames(np.zeros(2876))[0].shape == (0, 800)
    assert ecg_chain.frames(np.zeros(2877))[0].shape == (1, 800)
    assert ecg_chain.frames(np.zeros(2877 + 1440))[0].shape == (2, 800)


def test_a_batch_gives_the_numbers_of_single_records(ecg_chain):
    signals = np.stack([pulses(9000) * gain for gain in (0.2, 1, 5)])
    signals[1, 4000:4100] = np.nan
    batch = ecg_chain.frames_batch(signals)
    assert batch.shape == (3, 5, 800)
    assert batch.dtype == np.float32
    for signal, frames in zip(signals, batch, strict=True):
        assert np.array_equal(ecg_chain.frames(signal)[0], frames)


def test_a_batch_larger_than_a_block_is_whole(ecg_chain, monkeypatch):
    signals = np.random.default_rng(0).normal(size=(7, 3000)).astype(np.float32)
    whole = ecg_chain.frames_batch(signals)
    monkeypatch.setattr("edgekit.preproc.chain._BLOCK_VALUES", 2 * 3000)
    assert np.array_equal(ecg_chain.frames_batch(signals), whole)


def test_no_records_give_no_frames(ecg_chain):
    assert ecg_chain.frames_batch(np.zeros((0, 5000))).shape == (0, 2, 800)


def test_a_batch_is_fast(ecg_chain):
    signals = np.random.default_rng(0).normal(size=(200, 24 * 360)).astype(np.float32)
    started = time.perf_counter()
    ecg_chain.frames_batch(signals)
    assert time.perf_counter() - started < 10  # a tenth of the records; takes some 0.3 s


def test_float64_scipy_run_stands_beside(ecg_chain, real_ecg):
    frames, _ = ecg_chain.frames(real_ecg)
    assert np.abs(frames - ecg_chain.frames_float64(real_ecg)).max() < 1e-4


def test_an_offset_of_1000_changes_little(ecg_chain, real_ecg):
    """At 1000 a float32 sample is a multiple of 6e-5 mV; the frames of this lead have some 0.15 mV rms."""
    plain, _ = ecg_chain.frames(real_ecg)
    shifted, _ = ecg_chain.frames(real_ecg + np.float32(1000))
    assert np.abs(shifted - plain).max() < 1e-3
    assert np.abs(shifted - ecg_chain.frames_float64(real_ecg + np.float32(1000))).max() < 1e-3


@pytest.mark.parametrize("name", sorted(hostile(pulses(12000))))
def test_hostile_signals_stay_near_the_ideal_chain(ecg_chain, name):
    signal = hostile(pulses(12000))[name]
    frames, nonfinite = ecg_chain.frames(signal)
    assert np.isfinite(frames).all()
    assert nonfinite == np.count_nonzero(~np.isfinite(signal))
    if len(frames):
        assert np.abs(frames - ecg_chain.frames_float64(signal)).max() < 2e-3


def test_after_a_jump_of_1000_the_chain_is_accurate_again(ecg_chain):
    signal = pulses(36000)
    jumped = signal.copy()
    jumped[9000:] += 1000
    difference = ecg_chain.frames(jumped)[0][-3:] - ecg_chain.frames(signal)[0][-3:]
    assert np.abs(difference).max() < 2e-3


def test_a_flat_line_gives_zeros(ecg_chain):
    for level in (0.0, 0.7, -1e3, 1e9):
        frames, nonfinite = ecg_chain.frames(np.full(5000, level))
        assert not frames.any()
        assert nonfinite == 0


def test_a_nonfinite_sample_is_the_last_finite_one_else_zero():
    x = np.array([np.nan, -np.inf, 1.0, np.nan, np.inf, 2.0, np.nan], np.float32)
    assert clean(x[:, None])[:, 0].tolist() == [0, 0, 1, 1, 1, 2, 2]


def test_magnitudes_are_limited():
    limit = float(np.float32(1e15))
    assert clean(np.array([[3e38], [-3e38], [5.0]], np.float32))[:, 0].tolist() == [limit, -limit, 5.0]


def test_a_stored_chain_is_the_same_chain(ecg_chain):
    stored = Chain.from_dict(json.loads(json.dumps(ecg_chain.to_dict())))
    assert stored.render_c("x", 0.1, 0) == ecg_chain.render_c("x", 0.1, 0)
    signal = pulses(6000)
    assert np.array_equal(stored.frames(signal)[0], ecg_chain.frames(signal)[0])


def test_a_stored_chain_needs_no_scipy(ecg_chain, tmp_path):
    """Another process in which SciPy cannot be imported reads, runs and renders it."""
    (tmp_path / "preproc.json").write_text(json.dumps(ecg_chain.to_dict()))
    code = """
import sys, json
sys.modules["scipy"] = None
from edgekit.preproc.chain import Chain
chain = Chain.from_dict(json.load(open("preproc.json")))
print(chain.frames([0.0] * 3000)[0].shape, len(chain.render_c("x", 0.1, 0)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "(1, 800) 2", done.stderr


def test_designing_a_filter_without_scipy_names_the_extra(tmp_path):
    code = f"""
import sys
sys.modules["scipy"] = None
from edgekit.preproc.chain import Chain
from edgekit.errors import EnvironmentFailed
try:
    Chain.design({list(ECG)!r}, 360.0)
except EnvironmentFailed as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert "SciPy, which is not installed" in done.stdout
    assert "pip install 'edgekit[train]'" in done.stdout


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda tree: tree.update(schema="edgekit.preproc/9"), "unknown version"),
        (lambda tree: tree.pop("steps"), "is damaged"),
        (lambda tree: tree.update(rate_hz="fast"), "is no sampling rate"),
        (lambda tree: tree["steps"][1].update(constants={}), "do not fit its parameters"),
        (lambda tree: tree["steps"][1]["constants"]["sections"].pop(), "do not fit its parameters"),
        (lambda tree: tree["steps"][1]["constants"].update(sections=[["a"]]), "is damaged"),
        (lambda tree: tree["steps"][0]["constants"].update(taps=[[1.0], [1.0, 2.0]]), "is damaged"),
        (lambda tree: tree["steps"][0]["params"].update(zero_crossings=10**9), "less than or equal to 64"),
        (lambda tree: tree["steps"].append(3), "is damaged"),
    ],
)
def test_a_damaged_stored_chain_is_refused(ecg_chain, change, text):
    tree = json.loads(json.dumps(ecg_chain.to_dict()))
    change(tree)
    with pytest.raises(InputError, match=text):
        Chain.from_dict(tree)


def test_all_faults_are_listed_at_once():
    found = problems_of(
        [
            {"step": "resampel", "rate_hz": 100.0},
            {"step": "bandpass", "low_hz": 30.0, "high_hz": 1.0},
            {"step": "notch", "frequency_hz": 50.0, "qualty": 30.0},
            {"step": "frame", "samples": 800, "hop": 0},
            {"rate_hz": 100.0},
        ]
    )
    assert len(found) == 5
    assert "unknown name in preproc" in found[0]
    assert "did you mean 'resample'?" in found[0]
    assert "low_hz must be below high_hz; found 30 and 1" in found[1]
    assert "preproc.steps[2] notch: qualty: unknown key" in found[2]
    assert "did you mean 'quality'?" in found[2]
    assert "preproc.steps[3] frame: hop: Input should be greater than or equal to 1" in found[3]
    assert "preproc.steps[4]: does not name its step" in found[4]


def test_wrong_orders_are_refused():
    frame, znorm = {"step": "frame", "samples": 80, "hop": 40}, {"step": "znorm"}
    notch = {"step": "notch", "frequency_hz": 50.0}
    assert "znorm: works on whole frames" in problems_of([znorm, frame])[0]
    assert "put it behind the last 'frame'" in problems_of([znorm, frame])[0]
    assert "notch: works on the stream" in problems_of([frame, notch])[0]
    assert "no step collects frames" in problems_of([notch])[0]
    assert "no step collects frames" in problems_of([])[0]
    assert "takes a stream of single values" in problems_of([frame, notch, frame, znorm])[0]


def test_values_of_a_wrong_kind_are_refused():
    frame = {"step": "frame", "samples": 80, "hop": 40}
    assert "valid integer" in problems_of([{"step": "frame", "samples": "80", "hop": 40}])[0]
    assert "finite number" in problems_of([{"step": "notch", "frequency_hz": float("nan")}, frame])[0]
    assert "Field required" in problems_of([{"step": "bandpass", "low_hz": 1.0}, frame])[0]


@pytest.mark.parametrize("rate_hz", [0.0, -1.0, float("nan"), float("inf"), 1e9, "360"])
def test_an_impossible_rate_is_refused(rate_hz):
    assert "is no sampling rate" in problems_of(list(ECG), rate_hz)[0]


def test_too_many_steps_are_refused():
    assert "expected:" in problems_of([{"step": "znorm"}] * 1000)[0]


def test_a_signal_of_a_wrong_shape_is_refused(ecg_chain):
    with pytest.raises(InputError, match=r"expected: +1 dimensions"):
        ecg_chain.frames(np.zeros((2, 3000)))
    with pytest.raises(InputError, match=r"expected: +2 dimensions"):
        ecg_chain.frames_batch(np.zeros(3000))
