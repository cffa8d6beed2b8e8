"""The stages in order; each reads and writes a run folder."""
