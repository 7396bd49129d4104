"""A stage whose northern shop is of any platform: what buyers and packers do there, in one language for all of them.

A further platform needs one class here; every story of `test_order_stories.py` is then told of it, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, ClassVar, Protocol

from agent.channels import find
from agent.channels.http import Ports
from agent.practice import amazon, shopee, shopify, takealot, woocommerce
from agent.practice.woocommerce.orders import Order as WooOrder
from tests.scenarios.stage import Stage
from tests.world.timeline import VirtualLoop


class Front(Protocol):
    """What people do in the shop. Units are listing units, lines are counted from 0."""

    can: frozenset[str]
    """at order (unpaid orders take units), unpaid (they are shown), parcels, trash, drafts, other places, cancel
    shipped, parts (refunds and edits of single units), edits (an order can grow), undo, forgets (an order line of a
    deleted listing does not name it); whole orders and whole days, where it is only those."""
    shop: Any

    def books(self, lines: Sequence[tuple[int, int]], state: str = "paid") -> int: ...
    def pays(self, order: int) -> None: ...
    def ships(self, order: int, units: int | None = None) -> None: ...
    def cancels(self, order: int, *, restock: bool = True) -> None: ...
    def refunds(self, order: int, line: int, units: int, *, restock: bool = True) -> None: ...
    def edits(self, order: int, line: int, units: int) -> None: ...
    def adds(self, order: int, listing: int, units: int) -> None: ...
    def undoes(self, order: int) -> None: ...
    def deletes(self, order: int) -> None: ...
    def unlists(self, listing: int) -> None: ...


class Woo:
    """WooCommerce: one parcel an order, a bin, drafts; the state is what a person sets it to."""

    can = frozenset({"unpaid", "trash", "drafts", "cancel shipped", "parts", "undo", "edits"})
    states: ClassVar = {"paid": "processing", "unpaid": "pending", "waiting": "on-hold", "draft": "checkout-draft"}

    def __init__(self, stage: Stage, name: str) -> None:
        self.shop = woocommerce.Shop(clock=stage.clock.now, rng=Random(name), name=name, sleep=stage.clock.sleep)
        self.transport = woocommerce.transport(self.shop)
        self.settings = {
            "url": f"https://{name}.example.com", "consumer_key": "ck_practice", "consumer_secret": "cs_practice",
        }  # fmt: skip

    def _order(self, order: int) -> WooOrder:
        return self.shop.orders[order]

    def books(self, lines: Sequence[tuple[int, int]], state: str = "paid") -> int:
        return self.shop.book_order(lines, self.states[state]).id

    def pays(self, order: int) -> None:
        self.shop.set_status(order, "processing")

    def ships(self, order: int, units: int | None = None) -> None:
        self.shop.set_status(order, "completed")

    def cancels(self, order: int, *, restock: bool = True) -> None:
        self.shop.set_status(order, "cancelled")

    def refunds(self, order: int, line: int, units: int, *, restock: bool = True) -> None:
        self.shop.refund(order, {self._order(order).lines[line].id: units}, restock)

    def edits(self, order: int, line: int, units: int) -> None:
        self.shop.edit_order(order, {self._order(order).lines[line].id: units})

    def adds(self, order: int, listing: int, units: int) -> None:
        self.shop.edit_order(order, add=[(listing, units)])

    def undoes(self, order: int) -> None:
        self.shop.set_status(order, "processing")

    def deletes(self, order: int) -> None:
        self.shop.delete_order(order)

    def throws_away(self, order: int) -> None:
        self.shop.delete_order(order, force=False)

    def unlists(self, listing: int) -> None:
        self.shop.delete_product(listing)


class Shopify:
    """Shopify: takes units at the order, sends in parcels, from several places."""

    can = frozenset({"at order", "parcels", "other places", "parts", "undo", "edits", "forgets"})
    states: ClassVar = {"paid": "PAID", "unpaid": "PENDING", "waiting": "AUTHORIZED"}

    def __init__(self, stage: Stage, name: str) -> None:
        self.shop = shopify.Shop(clock=stage.clock.now, rng=Random(name), name=name, sleep=stage.clock.sleep)
        self.transport = shopify.transport(self.shop)
        self.settings = {"url": f"https://{name}.myshopify.com", "access_token": "shpat_practice"}

    def _line(self, order: int, line: int) -> int:
        return self.shop.orders[order].lines[line].id

    def books(self, lines: Sequence[tuple[int, int]], state: str = "paid") -> int:
        return self.shop.book_order(lines, self.states[state]).id

    def pays(self, order: int) -> None:
        self.shop.pay(order)

    def ships(self, order: int, units: int | None = None) -> None:
        self.shop.fulfil(order, None if units is None else {self._line(order, 0): units})

    def cancels(self, order: int, *, restock: bool = True) -> None:
        self.shop.cancel(order, restock)

    def refunds(self, order: int, line: int, units: int, *, restock: bool = True) -> None:
        self.shop.refund(order, {self._line(order, line): units}, restock)

    def edits(self, order: int, line: int, units: int) -> None:
        self.shop.edit_order(order, {self._line(order, line): units})

    def adds(self, order: int, listing: int, units: int) -> None:
        self.shop.edit_order(order, add=[(listing, units)])

    def undoes(self, order: int) -> None:
        self.shop.undo_fulfilment(order)

    def deletes(self, order: int) -> None:
        self.shop.delete_order(order)

    def unlists(self, listing: int) -> None:
        self.shop.delete_variant(listing)


class Takealot:
    """Takealot: shows paid orders only, whole days at a look; an order goes, ends and comes back as a whole."""

    can = frozenset({"whole orders", "whole days"})
    states: ClassVar = {"paid": "new_lead_time_order", "waiting": "preparing_for_customer"}

    def __init__(self, stage: Stage, name: str) -> None:
        self.shop = takealot.Shop(clock=stage.clock.now, rng=Random(name), name=name, sleep=stage.clock.sleep)
        self.transport = takealot.transport(self.shop)
        self.settings = {"api_key": "practice-key"}

    def books(self, lines: Sequence[tuple[int, int]], state: str = "paid") -> int:
        return self.shop.book_order(lines, self.states[state]).id

    def pays(self, order: int) -> None:
        self.shop.set_status(order, "preparing_for_customer")

    def ships(self, order: int, units: int | None = None) -> None:
        if all(sale.status != "cancelled_by_customer" for sale in self.shop.orders[order].sales):
            self.shop.ship(order)

    def cancels(self, order: int, *, restock: bool = True) -> None:
        self.shop.cancel(order)

    def comes_back(self, order: int) -> None:
        self.shop.give_back(order)

    def deletes(self, order: int) -> None:
        self.shop.delete_order(order)

    def unlists(self, listing: int) -> None:
        self.shop.remove(listing)


class Shopee:
    """Shopee: takes units at the order, splits into parcels, gives up units before they are sent; orders never grow."""

    can = frozenset({"at order", "parcels", "parts", "undo"})
    states: ClassVar = {"paid": "READY_TO_SHIP", "unpaid": "UNPAID", "waiting": "PENDING"}

    def __init__(self, stage: Stage, name: str) -> None:
        self.shop = shopee.Shop(clock=stage.clock.now, rng=Random(name), name=name, sleep=stage.clock.sleep)
        self.transport = shopee.transport(self.shop)
        granted = f"https://localhost/?code={self.shop.authorise()}&shop_id={self.shop.shop_id}"
        self.settings = {
            "partner_id": str(self.shop.partner_id), "partner_key": self.shop.partner_key, "granted": granted,
        }  # fmt: skip

    def books(self, lines: Sequence[tuple[int, int]], state: str = "paid") -> Any:
        return self.shop.book_order(lines, self.states[state]).sn

    def pays(self, order: Any) -> None:
        self.shop.pay(order)

    def ships(self, order: Any, units: int | None = None) -> None:
        self.shop.arrange(order)
        self.shop.ship(order, units)

    def cancels(self, order: Any, *, restock: bool = True) -> None:
        self.shop.cancel(order)

    def refunds(self, order: Any, line: int, units: int, *, restock: bool = True) -> None:
        if self.shop.orders[order].picked_up:
            self.shop.send_back(order, line, units)
        else:
            self.shop.cancel_units(order, line, units)

    def edits(self, order: Any, line: int, units: int) -> None:
        """Only fewer."""
        self.shop.cancel_units(order, line, self.shop.orders[order].lines[line].active - units)

    def undoes(self, order: Any) -> None:
        self.shop.fail_pickup(order)

    def deletes(self, order: Any) -> None:
        self.shop.forget_order(order)

    def unlists(self, listing: Any) -> None:
        self.shop.remove(listing)


class Amazon:
    """Amazon: takes units while the payment is pending, splits into parcels; what is shipped stays shipped, orders
    never change, and what came back stands nowhere."""

    can = frozenset({"at order", "parcels"})
    states: ClassVar = {"paid": "UNSHIPPED", "unpaid": "PENDING", "waiting": "PENDING"}

    def __init__(self, stage: Stage, name: str) -> None:
        busy = {"searchOrders": (5.0, 40), "getOrder": (5.0, 40)}  # so many looks in no time are no busy seller's
        self.shop = amazon.Shop(
            clock=stage.clock.now, rng=Random(name), name=name, sleep=stage.clock.sleep, limits=busy
        )
        self.shop.behind = 0.0
        self.transport = amazon.transport(self.shop)
        self.settings = {
            "country": "US", "seller_id": self.shop.seller_id, "client_id": self.shop.client_id,
            "client_secret": self.shop.client_secret, "refresh_token": self.shop.refresh_token,
        }  # fmt: skip

    def books(self, lines: Sequence[tuple[Any, int]], state: str = "paid") -> Any:
        return self.shop.book_order(lines, self.states[state]).id

    def pays(self, order: Any) -> None:
        self.shop.pay(order)

    def ships(self, order: Any, units: int | None = None) -> None:
        self.shop.ship(order, units)

    def cancels(self, order: Any, *, restock: bool = True) -> None:
        self.shop.cancel(order, "BUYER" if restock else "MERCHANT")

    def deletes(self, order: Any) -> None:
        self.shop.forget_order(order)

    def unlists(self, listing: Any) -> None:
        self.shop.remove(listing)


FRONTS: dict[str, type[Any]] = {
    "woocommerce": Woo, "shopify": Shopify, "takealot": Takealot, "shopee": Shopee, "amazon": Amazon,
}  # fmt: skip
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
        return find(self.platform).connect(name, self.front.settings, ports)

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
