"""Losses of distillation, beside NumPy."""

import numpy as np
import pytest

from edgekit.training.distil import FeatureLoss, logit_loss, mixed_loss

keras = pytest.importorskip("keras")


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@pytest.fixture
def pair():
    rng = np.random.default_rng(0)
    return rng.standard_normal((5, 7), np.float32), 3 * rng.standard_normal((5, 7), np.float32)


def test_features_by_squared_error_and_angle(pair):
    teacher, student = pair
    norms = np.linalg.norm(teacher, axis=1) * np.linalg.norm(student, axis=1)
    cosine = (teacher * student).sum(axis=1) / norms
    squared = np.square(teacher - student).sum(axis=1)
    found = np.asarray(FeatureLoss(mse=2, cosine=3).loss()(teacher, student))
    np.testing.assert_allclose(found, 2 * squared + 3 * (1 - cosine), rtol=1e-5)
    np.testing.assert_allclose(np.asarray(FeatureLoss().loss()(teacher, student)), squared, rtol=1e-5)


def test_features_beyond_the_teachers_are_free(pair):
    teacher, student = pair
    wider = np.concatenate([student, np.full((5, 3), 9, np.float32)], axis=1)
    loss = FeatureLoss(mse=1, cosine=1).loss()
    np.testing.assert_array_equal(np.asarray(loss(teacher, wider)), np.asarray(loss(teacher, student)))


def test_a_student_of_zeros_has_a_finite_angle(pair):
    found = np.asarray(FeatureLoss(mse=0, cosine=1).loss()(pair[0], np.zeros((5, 7), np.float32)))
    np.testing.assert_allclose(found, 1)


@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_logits_by_divergence(pair, temperature):
    teacher, student = pair
    p, q = softmax(teacher / temperature), softmax(student / temperature)
    expected = temperature**2 * (p * np.log(p / q)).sum(axis=1)
    found = np.asarray(logit_loss(temperature)(teacher, student))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(np.asarray(logit_loss(temperature)(teacher, teacher)), 0, atol=1e-5)


def test_labels_and_teacher_are_weighed(pair):
    teacher, student = pair
    labels = np.eye(7, dtype=np.float32)[[0, 1, 2, 3, 4]]
    own = keras.losses.CategoricalCrossentropy(from_logits=True, reduction=None)
    both = mixed_loss(own, logit_loss(2), 7, 0.25)
    found = np.asarray(both(np.concatenate([labels, teacher], axis=1), student))
    parts = np.asarray(own(labels, student)), np.asarray(logit_loss(2)(teacher, student))
    np.testing.assert_allclose(found, 0.75 * parts[0] + 0.25 * parts[1], rtol=1e-5)
