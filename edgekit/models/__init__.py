"""The Keras architectures, one file each; `base` is their contract."""
