"""A synthetic ECG with a known rhythm: `rhythm` -> `waveform` -> `noise`."""
