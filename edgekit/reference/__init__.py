"""The PC oracles, each in a child process."""
