"""The shop as the world sees it: people buy, pay, cancel and return, and an owner works in the admin."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from agent.practice.base import Clock
from agent.practice.late import Late
from agent.practice.wire import Response
from agent.practice.woocommerce.catalogue import Catalogue
from agent.practice.woocommerce.faults import Faults
from agent.practice.woocommerce.orders import GIVES_STOCK_BACK, TAKES_STOCK, Line, Order, Refund, RefundLine
from agent.practice.woocommerce.stock import Product

HOLD_STOCK = timedelta(minutes=60)  # WooCommerce's default: a pending checkout keeps its units this long


@dataclass(frozen=True, slots=True)
class Key:
    """An API key; permissions are read, write or read_write."""

    key: str
    secret: str
    permissions: str = "read_write"


class Shop(Catalogue):
    """One shop in memory. Time comes from `clock` only, chance from `rng` only."""

    def __init__(
        self,
        *,
        clock: Clock,
        rng: random.Random,
        name: str = "Practice shop",
        consumer_key: str = "ck_practice",
        consumer_secret: str = "cs_practice",  # noqa: S107 - made up
        utc_offset_minutes: int = 0,
        shop_version: str = "11.0.1",
        currency: str = "EUR",
        country: str = "RO",
        require_https_for_basic: bool = False,
        wordpress: str = "7.0.4",
        local: bool = False,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(clock)
        self.rng, self.name, self.sleep = rng, name, sleep
        self.offset = timedelta(minutes=utc_offset_minutes)
        self.shop_version, self.currency, self.country = shop_version, currency, country
        self.require_https_for_basic = require_https_for_basic
        self.keys = {consumer_key: Key(consumer_key, consumer_secret)}
        self.options = {"manage_stock": "yes", "hide_out_of_stock_items": "no", "hold_stock_minutes": "60"}
        self.wordpress, self.shows_version = wordpress, True
        self.local = local  # WP_ENVIRONMENT_TYPE: application passwords work over plain http, too
        self.user = "anna"  # who is signed in at the browser
        self.application_passwords: dict[str, set[str]] = {}
        self.page_nonce = ""  # of the form that was shown last
        self.faults = Faults()
        self.nonces: set[tuple[str, str]] = set()  # OAuth 1.0a
        self.cached: dict[str, tuple[datetime, Response]] = {}  # what a caching plug-in remembers
        self.orders: dict[int, Order] = {}
        self.late: Late[Order] = Late(clock, lambda: self.faults.order_visible_after)
        self._unpaid: set[int] = set()  # pending orders
        self._next_item = 1

    @property
    def version(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.shop_version.split("."))

    def add_key(self, key: str, secret: str, permissions: str = "read_write") -> None:
        self.keys[key] = Key(key, secret, permissions)

    # -- buyers ------------------------------------------------------------------------------------------------------

    def sell(self, product_id: int, quantity: int, status: str = "processing") -> int | None:
        """A buyer orders one thing; None where the storefront refuses, because too few are shown."""
        return self.place_order([(product_id, quantity)], status)

    def place_order(self, lines: Iterable[tuple[int, int]], status: str = "processing") -> int | None:
        """A buyer orders several things, all or nothing."""
        wanted = list(lines)
        if not self._can_sell(wanted):
            return None
        return self.book_order(wanted, status).id

    def _can_sell(self, lines: list[tuple[int, int]]) -> bool:
        """Per counted quantity, so that two variations of one parent share it; pending checkouts keep their units."""
        need: dict[int, int] = {}
        for product_id, quantity in lines:
            product = self.products[product_id]
            if not product.buyable or (product.counted is None and product.shown_status == "outofstock"):
                return False
            if product.counted is not None and product.shown_backorders == "no":
                need[product.counted.id] = need.get(product.counted.id, 0) + quantity
        return all((self.products[each].quantity or 0) - self._held(each) >= units for each, units in need.items())

    def _held(self, counted_id: int) -> int:
        since = self.moment() - HOLD_STOCK
        unpaid = (self.orders[order_id] for order_id in self._unpaid)
        held = (order for order in unpaid if order.via == "checkout" and order.created > since)
        return sum(line.quantity for order in held for line in order.lines if self._counts_at(line, counted_id))

    def _counts_at(self, line: Line, counted_id: int) -> bool:
        product = self.products.get(line.listing)
        return product is not None and product.counted is self.products[counted_id]

    # -- orders ------------------------------------------------------------------------------------------------------

    def book_order(self, lines: Iterable[tuple[int, int]], status: str, via: str = "checkout") -> Order:
        """Write an order down without asking whether there is stock, as the REST API and the admin do."""
        now = self.moment()
        key = f"wc_order_{self.rng.getrandbits(64):016x}"
        booked = [self._line(self.products[product_id], quantity) for product_id, quantity in lines]
        order = Order(self.new_id(), key, "checkout-draft", now, now, booked, via)
        self.orders[order.id] = order
        self.set_status(order.id, status)
        return order

    def _line(self, product: Product, quantity: int) -> Line:
        parent = product.parent
        return Line(
            self.new_item_id(),
            (parent or product).id,
            product.id if parent else 0,
            product.shown_sku,
            product.title,
            parent.name if parent else None,
            product.barcode,
            dict(product.options),
            quantity,
            Decimal(product.price or "0"),
        )

    def new_item_id(self) -> int:
        self._next_item += 1
        return self._next_item - 1

    def set_status(self, order_id: int, status: str) -> None:
        """Pay, hold, ship (completed), cancel, fail or refund, with the effect on stock that was observed."""
        order = self.orders[order_id]
        order.status = status
        if status in TAKES_STOCK:
            self._take(order)
        elif status in GIVES_STOCK_BACK:
            self._give_back(order)
        elif status == "refunded" and order.refunded < order.total:
            self._write_refund(order, (), order.total - order.refunded, "Order fully refunded.")
        self._stamp(order)
        self._changed(order)

    def _stamp(self, order: Order) -> None:
        if order.status in {"processing", "completed"}:
            order.paid = order.paid or self.moment()
        if order.status == "completed":
            order.completed = order.completed or self.moment()

    def _take(self, order: Order) -> None:
        for line in order.lines:
            if not line.reduced and not line.restocked and self.shift(line.listing, -line.quantity):
                line.reduced = line.quantity

    def _give_back(self, order: Order) -> None:
        for line in order.lines:
            if line.reduced:
                self.shift(line.listing, line.reduced)
            line.reduced = line.restocked = 0

    def refund(
        self,
        order_id: int,
        quantities: Mapping[int, int],
        restock: bool = True,
        *,
        reason: str = "",
        amount: Decimal | None = None,
        totals: Mapping[int, Decimal] | None = None,
    ) -> int:
        """Give back units of these lines; the lines keep their quantity. Returns the refund's id."""
        order = self.orders[order_id]
        chosen = [line for line in order.lines if line.id in quantities]
        lines = tuple(self._refund_line(line, quantities[line.id], totals or {}) for line in chosen)
        if restock:
            for each in lines:
                self._restock(each.line, each.quantity)
        worth = sum((each.total for each in lines), Decimal(0)) if amount is None else amount
        refund = self._write_refund(order, lines, worth, reason)
        if refund.full:
            order.status = "refunded"
        self._changed(order)
        return refund.id

    def edit_order(
        self,
        order_id: int,
        quantities: Mapping[int, int] | None = None,
        add: Iterable[tuple[int, int]] = (),
        *,
        stock_follows: bool = True,
    ) -> None:
        """Somebody edits an order in the admin: {line id: new number of units}, 0 takes the line out; and further
        lines. Where the order has taken its units, stock follows each change (wc_maybe_adjust_line_item_product_stock);
        a plug-in that writes the line itself leaves it alone (`stock_follows`).
        """
        order = self.orders[order_id]
        for line in [each for each in order.lines if each.id in (quantities or {})]:
            units = (quantities or {})[line.id]
            if stock_follows and line.reduced and self.shift(line.listing, line.reduced - units):
                line.reduced = units
            line.quantity = units
            if not units:
                order.lines.remove(line)
        order.lines += [self._line(self.products[product_id], quantity) for product_id, quantity in add]
        if order.status in TAKES_STOCK:
            self._take(order)
        self._changed(order)

    def _refund_line(self, line: Line, quantity: int, totals: Mapping[int, Decimal]) -> RefundLine:
        return RefundLine(self.new_item_id(), line, quantity, totals.get(line.id, line.price * quantity))

    def _restock(self, line: Line, quantity: int) -> None:
        back = min(quantity, line.reduced)
        if back and self.shift(line.listing, back):
            line.reduced, line.restocked = line.reduced - back, line.restocked + back

    def _write_refund(self, order: Order, lines: tuple[RefundLine, ...], amount: Decimal, reason: str) -> Refund:
        full = order.refunded + amount >= order.total
        refund = Refund(self.new_id(), order.id, self.moment(), amount, reason, full, lines)
        order.refunds.insert(0, refund)
        return refund

    def delete_order(self, order_id: int, force: bool = True) -> None:
        """To the bin, or with force gone for good; stock is not given back (observed on WooCommerce 11.0.1)."""
        if force:
            del self.orders[order_id]
            self._unpaid.discard(order_id)
            self.late.show(order_id, None)
        else:
            self.orders[order_id].status = "trash"
            self._changed(self.orders[order_id])

    def _changed(self, order: Order) -> None:
        order.modified = self.moment()
        (self._unpaid.add if order.status == "pending" else self._unpaid.discard)(order.id)
        self.late.show(order.id, order.copy())
