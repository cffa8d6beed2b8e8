"""Synthetic pictures with exact boxes: one file per scene; `base` is their contract."""
