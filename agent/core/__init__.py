"""The pure room: frames in, frames out. No clock, no I/O, no randomness (a test proves it)."""
