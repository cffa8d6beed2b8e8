"""The operators, one file each; `base` is their contract."""
