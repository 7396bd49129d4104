"""Lazada's items and their SKUs: finding them, and saying them in our words (LISTINGS).

Items come with their SKUs, 50 a call. No more than 10,000 can be skipped in one list: longer ones are read in slices by
the time at which items were put up, which never changes. Whether a sale moves an item's time of change is not
documented, so nothing relies on it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agent.channels.lazada.errors import Declined
from agent.channels.lazada.reader import Item, Reader, number
from agent.channels.places import Place
from agent.channels.reads import Row, parts, same_page
from agent.channels.values import objects, record, records, text, whole
from agent.ports import Clock
from agent.words import in_words

PAGE, NAMES = 50, 50
FARTHEST = 10_000
"""The most items that can be skipped."""
PASSES = 3
FIRST = datetime(2012, 1, 1, tzinfo=UTC)
"""Lazada began in this year: no item is older."""
LONG_NAME = 40
"""Longer seller SKUs are not asked for by name: an address must not grow too long."""


@dataclass(frozen=True)
class Shop:
    """What every row has."""

    channel: str
    currency: str
    place: Place | None


class Catalogue:
    """Finds items with their SKUs, and remembers what each SKU is called and belongs to."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._page = PAGE
        self.names: dict[str, str] = {}
        """Listing -> its seller SKU: what a refusal calls it."""
        self.items: dict[int, int] = {}
        """SKU id -> item id: an order may name the SKU alone."""

    async def everything(self, ask: Reader) -> list[Item]:
        """All items but deleted ones."""
        found = await self._between(ask, None)
        return self._noted([each for each in found.values() if not _is_deleted(each)])

    async def these(self, only: Sequence[str], ask: Reader) -> list[Item]:
        """Those that these listings belong to: by their names, 50 a call; one by one where a name does not find it."""
        wanted = [listing for listing in dict.fromkeys(only) if parse(listing)]
        found = await self._by_name(wanted, ask)
        shown = {listing for item in found.values() for listing, _ in listings_of(item)}
        for id_ in dict.fromkeys(parsed[0] for each in wanted if each not in shown and (parsed := parse(each))):
            if (item := await self._alone(id_, ask)) is not None:
                found[id_] = item
        return self._noted([each for each in found.values() if not _is_deleted(each)])

    async def count(self, ask: Reader) -> int:
        """How many items are for sale."""
        found = await ask.ask("products/get", {"filter": "live", "limit": 1, "offset": 0})
        return whole(found.get("total_products")) or 0

    def _noted(self, items: list[Item]) -> list[Item]:
        for item in items:
            for listing, sku in listings_of(item):
                self.names[listing] = text(sku.get("SellerSku")) or ""
                self.items[number(sku.get("SkuId")) or 0] = item_id(item) or 0
        return items

    async def _alone(self, id_: int, ask: Reader) -> Item | None:
        try:
            return await ask.ask("product/item/get", {"item_id": id_})
        except Declined as declined:
            if declined.meant.kind != "gone":
                raise
            return None

    async def _by_name(self, wanted: Sequence[str], ask: Reader) -> dict[int, Item]:
        names = sorted({name for each in wanted if 0 < len(name := self.names.get(each, "")) <= LONG_NAME})
        found: dict[int, Item] = {}
        for some in parts(names, NAMES):
            asked = {"sku_seller_list": json.dumps(some, ensure_ascii=False)}
            await self._pages(ask, asked, found)
        return found

    async def _between(self, ask: Reader, span: tuple[datetime, datetime] | None) -> dict[int, Item]:
        """Of all items, or of those put up between two times. What is taken down meanwhile moves the pages under our
        reading place; a total that changes or is not reached shows it, and all is read again (I16)."""
        times = {} if span is None else {"create_after": _asked(span[0]), "create_before": _asked(span[1])}
        found: dict[int, Item] = {}
        for _ in range(PASSES):
            total, steady = await self._pages(ask, times, found)
            if total > FARTHEST:
                return await self._halves(ask, span or (FIRST, self._end(ask)))
            if steady and len(found) >= total:
                return found
        ask.look.lacking(in_words("lazada.shows_fewer", name=ask.name, total=total, shown=len(found)))
        return found

    async def _halves(self, ask: Reader, span: tuple[datetime, datetime]) -> dict[int, Item]:
        begin, end = span
        middle = (begin + (end - begin) / 2).replace(microsecond=0)
        if middle <= begin:
            ask.look.lacking(in_words("lazada.too_many_at_once", name=ask.name))
            return {}
        older = await self._between(ask, (begin, middle))
        return older | await self._between(ask, (middle, end))

    def _end(self, ask: Reader) -> datetime:
        """Well after now, by whatever clock."""
        return max(filter(None, (self._clock.now(), ask.look.ended))) + timedelta(days=1)

    async def _pages(self, ask: Reader, asked: dict[str, str], found: dict[int, Item]) -> tuple[int, bool]:
        """Adds what is there; gives how many items Lazada counts, and whether it counted as many at every page. Nothing
        is read of what is too long."""
        offset, totals = 0, set()
        while True:
            page = await self._one_page(ask, {**asked, "offset": str(offset)})
            total, rows = whole(page.get("total_products")), page.get("products")
            if total is None or (total and not isinstance(rows, list)):
                raise ask.unclear()
            totals.add(total)
            if total > FARTHEST:
                return total, True
            items = records(rows)
            found |= {id_: item for item in items if (id_ := item_id(item))}
            offset += len(items)
            if offset >= total:
                return total, len(totals) == 1
            if not items:
                raise same_page(ask.name, in_words("http.nothing_do_stocksheet_tries"))

    async def _one_page(self, ask: Reader, asked: dict[str, str]) -> Item:
        """Items with many SKUs make a page too slow: then fewer a call, from now on (the vendor's advice)."""
        while True:
            try:
                return await ask.ask("products/get", {"filter": "all", "limit": self._page, **asked})
            except Declined as declined:
                if declined.meant.kind != "slow" or self._page == 1:
                    raise
                self._page = max(1, self._page // 2)


def _asked(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def parse(listing: str) -> tuple[int, int] | None:
    """Item and SKU of a listing's id. None: it is no such id."""
    found = re.fullmatch(r"([1-9]\d{0,18})-([1-9]\d{0,18})", listing)
    return (int(found[1]), int(found[2])) if found else None


def item_id(item: Item) -> int | None:
    """It has two names in the vendor's samples."""
    return number(item.get("item_id")) or number(item.get("itemId"))


def _is_deleted(item: Item) -> bool:
    return (text(item.get("status")) or "").lower() == "deleted"


def listings_of(item: Item) -> Iterator[tuple[str, Item]]:
    """(listing, SKU), also of those that Lazada has suspended."""
    for sku in records(item.get("skus")) + records(item.get("suspendedSkus")):
        if (id_ := number(sku.get("SkuId"))) and (of := item_id(item)):
            yield f"{of}-{id_}", sku


def _is_active(item: Item, sku: Item) -> bool:
    words = (text(item.get("status")), text(sku.get("Status")))
    return sku in records(item.get("skus")) and all((word or "").lower() == "active" for word in words)


def listing_rows(shop: Shop, items: Sequence[Item], ask: Reader) -> list[Row]:
    """LISTINGS rows."""
    rows: dict[str, Row] = {}
    for item in items:
        known: dict[str, Item] = {}
        for listing, sku in listings_of(item):
            known.setdefault(listing, sku)  # one that is suspended, and still among the SKUs, stands once
        if objects(item.get("skus")) is None or len(known) < len(records(item.get("skus"))):
            ask.look.lacking(in_words("lazada.sku_without_number", title=_title(item)))
        rows |= {listing: _row(shop, item, listing, sku, ask) for listing, sku in known.items()}
    return list(rows.values())


def _row(shop: Shop, item: Item, listing: str, sku: Item, ask: Reader) -> Row:
    stock = stock_of(sku, shop.place)
    if stock.managed and stock.units is None:
        ask.look.issues.append(in_words("lazada.stock_cannot_be_read", title=_title(item), listing=listing))
    updated = whole(item.get("updated_time")) or whole(item.get("updatedTime"))
    return (
        shop.channel,
        listing,
        cell_of(listing, shop.place),
        str(item_id(item)),
        text(record(item.get("attributes")).get("name")),
        _options(item, sku),
        text(sku.get("SellerSku")),
        None,
        text(sku.get("Url")),
        _amount(sku),
        shop.currency,
        stock.units if stock.managed else None,
        stock.managed,
        "active" if _is_active(item, sku) else "inactive",
        "seller" if stock.managed else "marketplace",
        datetime.fromtimestamp(updated / 1000, UTC) if updated and 0 < updated < 2**43 else None,
    )


def _title(item: Item) -> str:
    return text(record(item.get("attributes")).get("name")) or in_words("lazada.an_item")


def cell_of(listing: str, place: Place | None) -> str:
    """Where a quantity is kept: the listing, and the warehouse where the shop has several."""
    return f"{listing}@{place.id}" if place else listing


@dataclass(frozen=True)
class Stock:
    """What a SKU has at our place. `managed` false: nothing of it is the seller's to set."""

    units: int | None = None
    managed: bool = True
    elsewhere: int = 0
    """What buyers may order of it at other places of the seller."""


def stock_of(sku: Item, place: Place | None) -> Stock:
    """`sellableQuantity` is what buyers may still order, with what campaigns have locked; ordered units, paid or not,
    are off it. A warehouse where there is nothing is not shown: it is 0 where the SKU's total proves it (I11)."""
    own, theirs = sku.get("multiWarehouseInventories"), records(sku.get("fblWarehouseInventories"))
    if not isinstance(own, list):
        return Stock(managed=not theirs)
    if not own and theirs:
        return Stock(managed=False)
    here = [each for each in records(own) if place is None or each.get("warehouseCode") == place.id]
    others = [each for each in records(own) if each not in here]
    elsewhere = sum(whole(each.get("sellableQuantity")) or 0 for each in others)
    if len(here) == 1:
        return Stock(whole(here[0].get("sellableQuantity")), elsewhere=elsewhere)
    at_lazada = sum(whole(each.get("sellableQuantity")) or 0 for each in theirs)
    nothing = not here and whole(sku.get("Available")) == elsewhere + at_lazada
    return Stock(0 if nothing else None, elsewhere=elsewhere)


def reserved_of(sku: Item, now: datetime, zone: int) -> int:
    """What campaigns that are not over have locked. Their times are in the country's own; one that cannot be read
    counts."""
    here = (now + timedelta(hours=zone)).strftime("%Y-%m-%d %H:%M:%S")
    running = [
        each for each in records(sku.get("channelInventories"))
        if not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", ends := text(each.get("endTime")) or "") or ends >= here
    ]  # fmt: skip
    return sum(max(0, whole(each.get("sellableQuantity")) or 0) for each in running)


def _options(item: Item, sku: Item) -> str | None:
    """`Colour: Red, Size: S`: of the SKU's own list, or by the names that the item gives to its variations."""
    variations = records(list(record(item.get("variation")).values()))
    labels = {name: text(each.get("label")) or name for each in variations if (name := text(each.get("name")))}
    given = record(sku.get("saleProp")) or {name: sku.get(name) for name in labels}
    chosen = {labels.get(name, name): said for name, value in given.items() if (said := text(value))}
    return text(", ".join(f"{label}: {said}" for label, said in chosen.items()))


def _amount(sku: Item) -> str | None:
    special = sku.get("special_price")
    price = special if isinstance(special, int | float) and special else sku.get("price")
    return f"{price:g}" if isinstance(price, int | float) and not isinstance(price, bool) else text(price)
