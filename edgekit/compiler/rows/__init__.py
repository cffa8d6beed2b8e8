"""Groups of operators that run together, some rows at a time."""
