"""edgekit: from a signal to a microcontroller that has proved it computes what the PC computes."""

__version__ = "0.1.0"
