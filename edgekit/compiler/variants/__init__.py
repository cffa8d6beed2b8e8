"""Fast forms of operators for cores that have them, one file each; `base` is their contract."""
