"""The sections of the report, one file each; `base` is their contract."""
