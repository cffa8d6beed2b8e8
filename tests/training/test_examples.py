"""Examples are checked before anything slow begins."""

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.training import examples
from edgekit.training.examples import Examples


def make(n=6, classes=3, samples=4):
    return Examples(np.zeros((n, samples, 1), np.float32), np.arange(n, dtype=np.int64) % classes)


def test_sound_examples_pass():
    examples.check({"train": make(), "test": make(2)}, (4, 1), classes=3, complete=("train",))


def test_all_faults_are_named_at_once():
    nan = make()
    nan.x[2, 1] = np.nan
    splits = {"empty": make(0), "nan": nan, "uneven": make()._replace(y=np.zeros(5, np.int64))}
    splits |= {"label": make(classes=4), "class": make(2), "long": make(samples=5)}
    with pytest.raises(InputError) as caught:
        examples.check(splits, (4, 1), classes=3, complete=("class",))
    text = str(caught.value)
    assert "split 'empty': holds no examples" in text
    assert "split 'nan': 1 of 6 examples hold NaN" in text
    assert "split 'uneven': examples and labels differ in number" in text
    assert "split 'label': a label is out of range" in text
    assert "split 'class': no example of class 2" in text
    assert "split 'long': examples do not fit the model\n  expected: (4, 1)\n  found:    (5, 1)" in text
