"""Amazon's orders (Orders API 2026-01-01): which changed, which are open, and what each line means (ORDER_LINES).

A search shows whole orders with their items, 100 a page, and only what changed more than two minutes ago. It may be
asked about once in three minutes. Nothing about buyers is asked for (R8), so that no role for it is needed. What Amazon
ships itself is not asked for at all; an order of it that is asked for by number is marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from agent.channels.amazon.errors import Declined
from agent.channels.amazon.reader import Item, Params, Reader
from agent.channels.reads import Row, lacks_lines, numbered, same_page
from agent.channels.values import moment, objects, record, records, text, whole
from agent.frames import UNTOLD
from agent.ports import Clock
from agent.words import in_words

PATH = "orders/2026-01-01/orders"
PAGE = 100
OLDEST = timedelta(days=729)
"""Amazon shows two years."""
DATA = "FULFILLMENT,CANCELLATION,PACKAGES"
"""Parcels tell when something was shipped: an order's own time moves with anything."""
OPEN = ("PENDING_AVAILABILITY", "PENDING", "UNSHIPPED", "PARTIALLY_SHIPPED")
SENT, GIVEN_UP = "SHIPPED", ("CANCELLED", "UNFULFILLABLE")


class OrderBook:
    """Finds orders."""

    def __init__(self, clock: Clock, home: str) -> None:
        self._clock = clock
        self.countries: tuple[str, ...] = (home,)
        """Ids of the marketplaces whose sales come off the same stock."""

    async def changed(self, since: datetime | None, ask: Reader) -> list[Item]:
        """Orders changed since; None: all open ones, as far back as Amazon shows any."""
        asked: dict[str, str | int] = {
            "marketplaceIds": ",".join(self.countries), "fulfilledBy": "MERCHANT", "includedData": DATA,
            "maxResultsPerPage": PAGE,
        }  # fmt: skip
        if since is None:
            begin = self._clock.now() - OLDEST
            asked |= {"createdAfter": _said(begin), "fulfillmentStatuses": ",".join(OPEN)}
        else:
            asked["lastUpdatedAfter"] = _said(since)
        return await self._pages(asked, ask)

    async def _pages(self, asked: Params, ask: Reader) -> list[Item]:
        found: dict[str, Item] = {}
        seen: set[str] = set()
        page = await self._page(asked, ask)
        while True:
            found |= numbered(records(page.get("orders")), "orderId", ask.look)
            token = record(page.get("pagination")).get("nextToken")
            if not isinstance(token, str) or not token:
                return list(found.values())
            if token in seen:
                raise same_page(ask.name, in_words("http.nothing_do_stocksheet_tries"))
            seen.add(token)
            page = await self._page({**asked, "paginationToken": token}, ask)

    async def _page(self, asked: Params, ask: Reader) -> Item:
        page = await ask.get("orders", PATH, asked)
        if objects(page.get("orders")) is None:
            raise ask.unclear()
        return page

    async def by_number(self, numbers: Sequence[str], ask: Reader) -> list[Item]:
        """These orders, one a call; what Amazon does not have any more is left out."""
        found = []
        for number in numbers:
            if not (number.isascii() and number.replace("-", "").isalnum()):
                continue
            try:
                answer = await ask.get("order", f"{PATH}/{number}", {"includedData": DATA})
            except Declined as declined:
                if declined.meant.kind != "gone":
                    raise
                continue
            if not isinstance(answer.get("order"), dict):
                raise ask.unclear()
            found.append(record(answer.get("order")))
        return found


def _said(at: datetime) -> str:
    """From the second itself: Amazon tells whole ones."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


# --- lines ------------------------------------------------------------------------------------------------------------


def order_rows(order: Item, ask: Reader) -> list[Row]:
    """ORDER_LINES of one order."""
    items = records(order.get("orderItems"))
    sent = _sent(order)
    rows = [row for item in items if (row := _row(order, item, sent, ask.name)) is not None]
    lacks_lines(text(order.get("orderId")), order.get("orderItems"), rows, ask.look)
    return rows


def _sent(order: Item) -> dict[str | None, tuple[int, datetime | None]]:
    """Item of the order -> units in parcels, and when the first of them left."""
    found: dict[str | None, tuple[int, datetime | None]] = {}
    for parcel in records(order.get("packages")):
        left = moment(parcel.get("shipTime"))
        for each in records(parcel.get("packageItems")) if left else []:
            units, first = found.get(id_ := text(each.get("orderItemId")), (0, None))
            found[id_] = (units + max(0, whole(each.get("quantity")) or 0), min(filter(None, (first, left))))
    return found


def _row(order: Item, item: Item, sent: dict[str | None, tuple[int, datetime | None]], channel: str) -> Row | None:
    line, ordered = text(item.get("orderItemId")), whole(item.get("quantityOrdered"))
    product, about = record(item.get("product")), record(item.get("fulfillment"))
    if line is None or ordered is None or ordered < 0:
        return None
    state = text(record(order.get("fulfillment")).get("fulfillmentStatus")) or ""
    made, left = moment(order.get("createdTime")), sent.get(line, (0, None))[1]
    open_, shipped = _units(
        ordered, about, state, given_up=bool(record(item.get("cancellation")).get("cancellationExecution"))
    )
    sku = product.get("sellerSku")
    return (
        channel,
        text(order.get("orderId")),
        line,
        sku if isinstance(sku, str) and sku else None,
        text(sku),
        ordered,
        open_,
        shipped,
        0,
        open_ > 0,
        state,
        made,
        None,
        (left or UNTOLD) if shipped else None,
        moment(order.get("lastUpdatedTime")),
        "marketplace" if record(order.get("fulfillment")).get("fulfilledBy") == "AMAZON" else "seller",
    )


def _units(ordered: int, about: Item, state: str, *, given_up: bool) -> tuple[int, int]:
    """Still to be sent, and sent. What is not said of a line follows from the order's state; a state that nobody knows
    keeps its units (it may still be sent)."""
    done, left = whole(about.get("quantityFulfilled")), whole(about.get("quantityUnfulfilled"))
    if done is None:
        done = ordered if state == SENT and not given_up else 0
    shipped = min(max(done, 0), ordered)
    if given_up or state == SENT or state in GIVEN_UP:
        return 0, shipped
    return min(max(ordered - shipped if left is None else left, 0), ordered - shipped), shipped
