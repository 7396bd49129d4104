"""Every small story there is: none to three units shipped, one edit, two looks with the file open or closed.

A story is an order of these events: T the person looks at the shelf and types, V saves, C the agent looks (the file open
elsewhere, or closed), S a unit is shipped. Every one is played, as a count and as a change, up and down. All those that
share the order of T, V and C are played at once, each by an item of its own: 1904 stories twice, in 17 worlds.

Shown for each: nothing is ever shown above what is there without a question; and once everything is answered, no edit
is lost: a change is exact, a count is exact but for units shipped while it may have been made, and never above.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations_with_replacement, product

import pytest

from agent import cycle as agent_cycle
from tests.scenarios.stage import Stage, perform

ORDERS = ("TVCC", "TCVC", "TCCV", "CTVC", "CTCV", "CCTV")
MOST = 3
"""Units shipped, at the most."""
APART = 40.0
"""Seconds between two events: they are not in doubt by the clock alone."""
STORIES = [
    (order, opened)
    for order in ORDERS
    for opened in product((False, True), repeat=2)
    if all(opened[at] for at in _while_typing(order))  # noqa: F821 - replaced below
] if False else []


@dataclass
class Small:
    """One story, told by one item."""

    sku: str
    counted: bool
    difference: int
    ships: tuple[int, ...]
    """The gaps between the common events in which a unit is shipped: 0 is before the first."""
    shelf: int
    orders: list[int] = field(default_factory=list)
    typed: int = 0
    saved: bool = False
