"""Graph rewrites, one named pass per file."""
