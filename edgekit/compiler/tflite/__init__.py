"""Reads .tflite files, which are untrusted."""
