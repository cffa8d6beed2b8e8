"""Boards, firmware builds, flashing and sizes."""
