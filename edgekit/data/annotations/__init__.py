"""Formats of pictures with boxes, one file each; `base` is their contract."""
