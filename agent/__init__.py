"""Stocksheet: keeps every shop's stock equal to a seller's spreadsheet, and says why for every number."""

__version__ = "0.1.0"
