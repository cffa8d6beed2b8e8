"""Writes the C, from numbers that are already computed."""
