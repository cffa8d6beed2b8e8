"""The signal steps, one file each: a NumPy reference and what its C template needs."""
