"""Asking: what only a person can decide, asked once, and the answers that were given."""
