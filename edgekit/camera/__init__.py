"""Pictures in front of a model: one description of the camera, run in NumPy and rendered to C."""
