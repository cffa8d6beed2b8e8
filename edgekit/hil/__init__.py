"""Hardware in the loop: transports, frames, session."""
