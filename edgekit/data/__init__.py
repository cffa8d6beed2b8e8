"""The data sets, one file each; `base` is their contract."""
