"""A stage whose northern shop is of any platform: what buyers and packers do there, in one language for all of them.

A further platform needs one file in `fronts`; every story of `test_order_stories.py` is then told of it, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from agent.channels import find
from agent.channels.http import Ports
from tests.scenarios.stage import Stage, scene
from tests.world.timeline import VirtualLoop


class Front(Protocol):
    """What people do in the shop. Units are listing units, lines are counted from 0.

    Made as `Front(stage, name)`, on the stage's clock. The stage itself asks the shop for `add_simple(sku, title,
    quantity)`, which gives the listing's number, and `quantity(number)`. Deeds that `can` leaves out are not asked for.
    """

    can: frozenset[str]
    """at order (unpaid orders take units), unpaid (they are shown, and take none), parcels, trash, drafts, other
    places, cancel shipped, parts (refunds and edits of single units), edits (an order can grow), undo,
    forgets (an order line of a deleted listing does not name it); whole orders (it comes back as a whole) and whole
    days, where it is only those; single units, where each is a line of its own."""
    shop: Any
    transport: Any
    """The way to the shop without a socket."""
    settings: dict[str, str]
    """What the channel's `connect` is given."""

    def books(self, lines: Sequence[tuple[int, int]], state: str = "paid") -> int:
        """An order; its number. `state`: paid, unpaid, waiting (taken from stock, money to come), draft."""

    def pays(self, order: int) -> None: ...
    def ships(self, order: int, units: int | None = None) -> None: ...
    def cancels(self, order: int, *, restock: bool = True) -> None: ...
    def refunds(self, order: int, line: int, units: int, *, restock: bool = True) -> None: ...
    def edits(self, order: int, line: int, units: int) -> None: ...
    def adds(self, order: int, listing: int, units: int) -> None: ...
    def undoes(self, order: int) -> None: ...
    def deletes(self, order: int) -> None: ...
    def unlists(self, listing: int) -> None: ...


FRONTS: dict[str, type[Any]] = {
    file.stem: import_module(f"tests.scenarios.fronts.{file.stem}").Front
    for file in sorted(Path(__file__).with_name("fronts").glob("*.py"))
}
"""Platform -> how its practice shop is used."""


class OrderStage(Stage):
    """North is of the platform, south a WooCommerce that shows what the agent makes of it."""

    def __init__(self, loop: VirtualLoop, platform: str) -> None:
        self.platform = platform
        self.order = 0
        """The last order that was booked."""
        super().__init__(loop)

    def _shop(self, name: str) -> Any:
        if name == "south":
            return super()._shop(name)
        self.front = FRONTS[self.platform](self, name)
        return self.front.shop

    def _channel(self, name: str, place: str | None) -> Any:
        if name == "south":
            return super()._channel(name, place)
        ports = Ports(self.clock, self.rng, self.front.transport)
        made = find(self.platform).connect(name, self.front.settings, ports)
        between = getattr(self.front, "between", None)
        return between(made) if between is not None else made

    async def opens(self, *skus: str, stocked: int = 10) -> None:
        """These items in both shops, live, each showing what is stocked."""
        for sku in skus:
            self.sells(sku, north=stocked, south=stocked)
            self.types(sku, stocked=stocked)
        await self.goes_live()
        await self.cycle()

    def books(self, *lines: tuple[str, int], state: str = "paid") -> int:
        """An order of (SKU, units)."""
        self.order = self.front.books([(self.ids["north", sku], units) for sku, units in lines], state)
        return self.order

    def both(self, sku: str = "MUG") -> tuple[int | None, int | None]:
        """What buyers see in the two shops."""
        return self.shows("north", sku), self.shows("south", sku)


def of(platform: str) -> Callable[..., Any]:
    """Makes tests of stories of this platform in the north: `story = of("shopee")`, then `@story()`, or with the codes
    that a story tells of."""
    return partial(scene, on=lambda loop: OrderStage(loop, platform))
