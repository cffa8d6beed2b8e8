"""From a network's outputs to an answer: one kind per file, the NumPy reference of generated C."""
