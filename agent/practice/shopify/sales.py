"""Orders as people make, send, cancel, return and edit them, and Shopify's own bookkeeping of their units.

An order moves its units from available to committed at once, paid or not, and what is on hand stays; sending them takes
them from committed, and so from on hand. What is cancelled or returned with a restock is available again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from agent.practice.base import Clock
from agent.practice.late import Late
from agent.practice.shopify.catalogue import Catalogue
from agent.practice.shopify.faults import Faults
from agent.practice.shopify.orders import (
    Fulfillment,
    FulfillmentLine,
    FulfillmentOrder,
    Line,
    Order,
    Refund,
    RefundLine,
    SentLine,
)
from agent.practice.shopify.stock import Level, Variant

Lines = Iterable[tuple[int, int]]
_FIRST_NUMBER = 1001


class Sales(Catalogue):
    """What people do with the orders of a shop."""

    archives_sent_orders = True  # Shopify's default: paid and sent is closed

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.faults = Faults()
        self.orders: dict[int, Order] = {}
        self.late: Late[Order] = Late(clock, lambda: self.faults.order_visible_after)

    # -- buyers ------------------------------------------------------------------------------------------------------

    def sell(self, variant_id: int, quantity: int, financial: str = "PAID", *, test: bool = False) -> int | None:
        """A buyer orders one thing; None where the storefront refuses, because too few are shown."""
        return self.place_order([(variant_id, quantity)], financial, test=test)

    def place_order(self, lines: Lines, financial: str = "PAID", *, test: bool = False) -> int | None:
        """A buyer orders several things, all or nothing: the order's id."""
        wanted = list(lines)
        return self.book_order(wanted, financial, test=test).id if self._can_sell(wanted) else None

    def _can_sell(self, lines: list[tuple[int, int]]) -> bool:
        """Per inventory item, so that two variants share it."""
        need: dict[int, int] = {}
        for variant_id, quantity in lines:
            variant = self.variants[variant_id]
            if not variant.product.is_shown:
                return False
            if variant.inventory_item.tracked and variant.inventory_policy == "DENY":
                need[variant.inventory_item.id] = need.get(variant.inventory_item.id, 0) + quantity
        return all(sum(level.quantity("available") for level in self._online(each)) >= n for each, n in need.items())

    def _online(self, item_id: int) -> list[Level]:
        """Where an item can be sent from for the online shop, in the order of the locations."""
        levels = self.items[item_id].levels
        places = [each for each in self.locations.values() if each.is_active and each.fulfills_online_orders]
        return [levels[each.id] for each in places if each.id in levels and levels[each.id].is_active]

    # -- orders ------------------------------------------------------------------------------------------------------

    def book_order(
        self, lines: Lines, financial: str = "PAID", *, location_id: int | None = None, test: bool = False
    ) -> Order:
        """Write an order down without asking whether there is stock, as a till or the admin does."""
        now = self.moment()
        order = Order(self.new_id("Order"), _FIRST_NUMBER + len(self.orders), financial, now, now, [], test=test)
        self.orders[order.id] = order
        for variant_id, quantity in lines:
            self._add_line(order, self.variants[variant_id], quantity, location_id)
        self._changed(order)
        return order

    def _add_line(self, order: Order, variant: Variant, quantity: int, location_id: int | None) -> Line:
        item, title = variant.inventory_item, variant.title
        shown = None if title == "Default Title" else title
        line = Line(
            self.new_id("LineItem"), variant.id, item.id, variant.sku, variant.product.title, shown, 0, item.tracked
        )
        order.lines.append(line)
        self._order_more(order, line, quantity, location_id or self._sends(item.id, quantity))
        return line

    def _sends(self, item_id: int, quantity: int) -> int:
        """The location that is asked to send: the first that has enough, else the first that stocks it at all."""
        places = self._online(item_id)
        enough = (level for level in places if level.quantity("available") >= quantity)
        found = next(enough, places[0] if places else None)
        return found.location.id if found is not None else self.main_location

    def _order_more(self, order: Order, line: Line, quantity: int, location_id: int) -> None:
        line.quantity += quantity
        self._commit(line, location_id, quantity)
        self._wait(order, line, quantity, location_id)

    def _wait(self, order: Order, line: Line, quantity: int, location_id: int) -> None:
        """So many units of the line are to be sent from there."""
        waiting = next((each for each in order.fulfillment_orders if self._takes(each, location_id)), None)
        if waiting is None:
            now = self.moment()
            waiting = FulfillmentOrder(self.new_id("FulfillmentOrder"), order.id, location_id, now, now, [])
            order.fulfillment_orders.append(waiting)
        have = next((each for each in waiting.lines if each.line is line), None)
        if have is None:
            have = FulfillmentLine(self.new_id("FulfillmentOrderLineItem"), line, 0, 0)
            waiting.lines.append(have)
        have.total_quantity += quantity
        have.remaining_quantity += quantity

    @staticmethod
    def _takes(waiting: FulfillmentOrder, location_id: int) -> bool:
        return waiting.is_open and waiting.location_id == location_id

    def pay(self, order_id: int, financial: str = "PAID") -> None:
        """Paid, authorized, pending, voided: no stock moves."""
        self.orders[order_id].financial = financial
        self._changed(self.orders[order_id])

    def fulfil(self, order_id: int, quantities: Mapping[int, int] | None = None) -> None:
        """Send {line id: units}, or everything that waits and is not held."""
        order = self.orders[order_id]
        wanted = dict(quantities or {line.id: line.unfulfilled_quantity for line in order.lines})
        for waiting in order.fulfillment_orders:
            if waiting.is_open and waiting.status != "ON_HOLD":
                self._send(order, waiting, wanted)
        self._changed(order)

    def _send(self, order: Order, waiting: FulfillmentOrder, wanted: dict[int, int]) -> None:
        sent = []
        for each in waiting.lines:
            units = min(wanted.get(each.line.id, 0), each.remaining_quantity)
            if units:
                wanted[each.line.id] -= units
                each.remaining_quantity -= units
                each.line.fulfilled += units
                self._uncommit(each.line, waiting.location_id, units, back=False)
                sent.append(SentLine(self.new_id("FulfillmentLineItem"), each.line, units))
        if sent:
            now = waiting.updated_at = self.moment()
            waiting.status = "IN_PROGRESS"
            order.fulfillments.append(
                Fulfillment(self.new_id("Fulfillment"), order.id, waiting.location_id, now, tuple(sent))
            )

    def undo_fulfilment(self, order_id: int) -> None:
        """Cancel the last fulfilment: its units wait to be sent again, from the same place."""
        order = self.orders[order_id]
        sent = next(each for each in reversed(order.fulfillments) if each.status == "SUCCESS")
        order.fulfillments[order.fulfillments.index(sent)] = replace(sent, status="CANCELLED")
        order.closed_at = None
        for one in sent.lines:
            one.line.fulfilled -= one.quantity
            self._shift(one.line, sent.location_id, "committed", one.quantity)
            self._wait(order, one.line, one.quantity, sent.location_id)
        self._changed(order)

    def cancel(self, order_id: int, restock: bool = True, reason: str = "CUSTOMER") -> None:
        """Cancel what was not sent. Shopify writes a refund that takes the units off the lines."""
        order = self.orders[order_id]
        order.cancelled_at, order.cancel_reason, order.closed_at = self.moment(), reason, self.moment()
        left = {line.id: line.unfulfilled_quantity for line in order.lines if line.unfulfilled_quantity}
        order.financial = "VOIDED" if order.financial in {"PENDING", "AUTHORIZED"} else order.financial
        if left:
            self.refund(order_id, left, restock)
        else:
            self._changed(order)

    def refund(
        self, order_id: int, quantities: Mapping[int, int], restock: bool = True, kind: str | None = None
    ) -> int:
        """Give back units of these lines; the refund's id.

        Units that were not sent are cancelled first, then sent ones returned; `kind` RETURN takes sent ones only, and
        CANCEL those not sent. Whether NO_RESTOCK of units not sent takes them from committed was not recorded; here it
        does, as cancelling without a restock does.
        """
        order = self.orders[order_id]
        lines = [
            each
            for line_id, units in quantities.items()
            for each in self._give_back(order, line_id, units, kind, restock)
        ]
        refund = Refund(self.new_id("Refund"), order.id, self.moment(), tuple(lines))
        order.refunds.append(refund)
        if order.financial in {"PAID", "PARTIALLY_PAID", "PARTIALLY_REFUNDED"}:
            order.financial = "PARTIALLY_REFUNDED" if any(each.current_quantity for each in order.lines) else "REFUNDED"
        self._changed(order)
        return refund.id

    def _give_back(self, order: Order, line_id: int, units: int, kind: str | None, restock: bool) -> list[RefundLine]:
        line = order.line(line_id)
        unsent = 0 if kind == "RETURN" else min(units, line.unfulfilled_quantity)
        sent = 0 if kind == "CANCEL" else min(units - unsent, line.fulfilled - line.returned)
        given = []
        if unsent:
            place = self._take_off(order, line, unsent, restock)
            given.append(self._refund_line(line, unsent, "CANCEL" if restock else "NO_RESTOCK", place))
        if sent:
            place = next(
                each.location_id for each in order.fulfillment_orders for one in each.lines if one.line is line
            )
            line.removed, line.returned = line.removed + sent, line.returned + sent
            self._give(line, place, sent if restock else 0)
            given.append(self._refund_line(line, sent, "RETURN" if restock else "NO_RESTOCK", place))
        return given

    def _refund_line(self, line: Line, units: int, restock_type: str, place: int) -> RefundLine:
        where = None if restock_type == "NO_RESTOCK" else place
        return RefundLine(self.new_id("RefundLineItem"), line, units, restock_type, where)

    def _take_off(self, order: Order, line: Line, units: int, restock: bool) -> int:
        """Take unsent units off a line and off what waits to be sent: the last location they were to come from."""
        line.removed += units
        place = self.main_location
        for waiting, each in _open_lines(order):
            taken = min(units, each.remaining_quantity) if each.line is line else 0
            if taken:
                units, place = units - taken, waiting.location_id
                each.remaining_quantity -= taken
                each.total_quantity -= taken
                self._uncommit(line, place, taken, back=restock)
        return place

    def edit_order(
        self, order_id: int, quantities: Mapping[int, int] | None = None, add: Lines = (), restock: bool = True
    ) -> None:
        """Edit an order: {line id: new number of units}, and further variants. Fewer units leave no refund behind."""
        order = self.orders[order_id]
        for line_id, wanted in (quantities or {}).items():
            line = order.line(line_id)
            difference = wanted - line.current_quantity
            if difference < 0:
                self._take_off(order, line, min(-difference, line.unfulfilled_quantity), restock)
            elif difference:
                self._order_more(order, line, difference, self._sends(line.item_id, difference))
        for variant_id, quantity in add:
            self._add_line(order, self.variants[variant_id], quantity, None)
        order.edited = True
        self._changed(order)

    def hold(self, order_id: int, held: bool = True) -> None:
        """Hold what waits to be sent, or let it go again."""
        self.waiting_becomes(order_id, "ON_HOLD" if held else "OPEN")

    def waiting_becomes(self, order_id: int, status: str) -> None:
        """What waits to be sent is OPEN, IN_PROGRESS, SCHEDULED, ON_HOLD, or INCOMPLETE: a service gave it back."""
        for waiting in self.orders[order_id].fulfillment_orders:
            if waiting.is_open:
                waiting.status, waiting.updated_at = status, self.moment()
        self._changed(self.orders[order_id])

    def send_from(self, order_id: int, location_id: int) -> None:
        """Move what waits to another location; its committed units go with it."""
        for waiting, each in _open_lines(self.orders[order_id]):
            self._uncommit(each.line, waiting.location_id, each.remaining_quantity, back=True)
            self._commit(each.line, location_id, each.remaining_quantity)
        for waiting in self.orders[order_id].fulfillment_orders:
            if waiting.is_open:
                waiting.location_id = location_id
        self._changed(self.orders[order_id])

    def delete_order(self, order_id: int) -> None:
        """Gone for good; stock is left alone."""
        del self.orders[order_id]
        self.late.show(order_id, None)

    # -- units -------------------------------------------------------------------------------------------------------

    def _commit(self, line: Line, location_id: int, units: int) -> None:
        self._give(line, location_id, -units)
        self._shift(line, location_id, "committed", units)

    def _uncommit(self, line: Line, location_id: int, units: int, *, back: bool) -> None:
        self._shift(line, location_id, "committed", -units)
        self._give(line, location_id, units if back else 0)

    def _give(self, line: Line, location_id: int, units: int) -> None:
        self._shift(line, location_id, "available", units)

    def _shift(self, line: Line, location_id: int, name: str, units: int) -> None:
        """Nothing is counted for a line whose item was not tracked when it was ordered, or is gone."""
        item = self.items.get(line.item_id)
        if item is not None and line.tracked:
            self.move(self.stock_at(item, self.locations[location_id], active=False), name, units)

    def _changed(self, order: Order) -> None:
        now = order.updated_at = self.moment()
        for waiting in order.fulfillment_orders:
            if waiting.is_open and not waiting.remaining:  # a cancelled one too, as recorded
                waiting.status, waiting.updated_at = "CLOSED", now
        done = all(not line.unfulfilled_quantity for line in order.lines)
        if self.archives_sent_orders and done and order.financial == "PAID":
            order.closed_at = order.closed_at or now
        self.late.show(order.id, order.copy())


def _open_lines(order: Order) -> list[tuple[FulfillmentOrder, FulfillmentLine]]:
    return [(waiting, each) for waiting in order.fulfillment_orders if waiting.is_open for each in waiting.lines]
