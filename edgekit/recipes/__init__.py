"""The systems, one file each, declared and not run."""
