"""Bad input and edits that look wrong, through the real command line on real files (DESIGN sections 4, 5, 8)."""
