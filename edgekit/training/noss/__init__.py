"""Tasks on speech for linear probes, one per file."""
