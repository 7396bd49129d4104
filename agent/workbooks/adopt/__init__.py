"""Adopting a seller's own workbook: what its columns mean, and adding what Stocksheet needs (DESIGN sections 4, 10)."""
