"""A practice shop that is reached by files alone: it writes exports into a folder and takes import files out of one.

Written from what the help pages of shops say of their own exports and imports, never from the channel. Read in this
order: `shop` (what people do), `papers` (how its files look, and how it takes one), `demo`.
"""

from __future__ import annotations

from agent.practice.files.demo import main, stock
from agent.practice.files.papers import Look, Refused
from agent.practice.files.shop import Faults, Habits, Product, Shop

__all__ = ["Faults", "Habits", "Look", "Product", "Refused", "Shop", "main", "stock"]
