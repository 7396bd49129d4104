"""Deciding: from everything seen, through the pure core, to one plan over all stock cells."""
