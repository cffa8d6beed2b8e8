"""Frames: which samples are in which."""

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.preproc.chain import Chain


def frames(samples, hop, count):
    chain = Chain.design([{"step": "frame", "samples": samples, "hop": hop}], 100.0)
    return chain.frames(np.arange(count))[0].astype(int).tolist()


def test_frames_overlap_by_the_hop():
    assert frames(4, 2, 9) == [[0, 1, 2, 3], [2, 3, 4, 5], [4, 5, 6, 7]]


def test_a_hop_beyond_the_frame_leaves_samples_out():
    assert frames(2, 5, 12) == [[0, 1], [5, 6], [10, 11]]


def test_a_rest_is_no_frame():
    assert frames(4, 4, 3) == []


def test_frames_of_frames():
    inner, outer = {"step": "frame", "samples": 2, "hop": 1}, {"step": "frame", "samples": 2, "hop": 2}
    chain = Chain.design([inner, outer], 100.0)
    assert chain.output.shape == (2, 2)
    assert (chain.frame_samples, chain.hop_samples) == (2, 2)
    assert chain.frames(np.arange(6))[0].astype(int).tolist() == [[[0, 1], [1, 2]], [[2, 3], [3, 4]]]


def test_too_large_a_frame_is_refused():
    with pytest.raises(InputError, match="less than or equal to 1048576"):
        frames(1 << 21, 1, 0)
    inner, outer = {"step": "frame", "samples": 2000, "hop": 1}, {"step": "frame", "samples": 2000, "hop": 2}
    with pytest.raises(InputError, match="the frame is too large"):
        Chain.design([inner, outer], 100.0)
