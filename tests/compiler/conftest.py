"""Fixtures of the compiler's tests; also puts this folder, with `tflite_writer`, on the import path."""
