"""Fit, quantise, evaluate: the only importer of TensorFlow beside the models."""
