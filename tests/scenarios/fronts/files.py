"""A shop reached by files: a program carries them at once; an order goes, ends and comes back as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, ClassVar

from agent.practice import files
from tests.channels.wire.files import Carried, folder_for
from tests.scenarios.stage import Stage


class Front:
    """See `order_stage.Front`."""

    can = frozenset({"at order", "whole orders", "whole days"})
    read_after = "11 s"
    """An order is as old as the file that first shows it."""
    states: ClassVar = {"paid": "paid", "unpaid": "pending", "waiting": "on hold"}
    every = 0.0
    orders = "yes"

    def __init__(self, stage: Stage, name: str) -> None:
        folder = folder_for(stage)
        self.shop = files.Shop(clock=stage.clock.now, rng=Random(name), name=name, folder=folder)
        self.transport = None
        self.settings = {"folder": str(folder), "orders": self.orders, "hours": "0.05"}

    def between(self, channel: Any) -> Any:
        """Somebody carries the files to and fro."""
        return Carried(channel, self.shop, self.every)

    def books(self, lines: Sequence[tuple[int, int]], state: str = "paid") -> int:
        return self.shop.book_order(lines, self.states[state]).id

    def pays(self, order: int) -> None:
        self.shop.set_state(order, "paid")

    def ships(self, order: int, units: int | None = None) -> None:
        self.shop.ship(order)

    def cancels(self, order: int, *, restock: bool = True) -> None:
        self.shop.habits.cancel_gives_back = restock
        self.shop.cancel(order)

    def comes_back(self, order: int) -> None:
        self.shop.give_back(order)

    def deletes(self, order: int) -> None:
        self.shop.delete_order(order)

    def unlists(self, listing: int) -> None:
        self.shop.remove(listing)
