"""eBay's listings of both models, said in our words (LISTINGS).

All of them, whoever made them, stand in GetMyeBaySelling, 200 a call, with what a buyer may buy. Which of them belong
to the Inventory API is told by their SKUs: those that getInventoryItems names, 200 a call, are set there, all others by
the Trading API. Whether a SKU of that name really belongs to this very listing is proven by its offer, before it is
first set (agent.channels.ebay.push).

A variation has no number on eBay: it is its options, so that its id is made of them, and a new SKU does not change it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agent.channels.ebay.errors import Declined
from agent.channels.ebay.reader import INVENTORY, PASSES, Item, Reader
from agent.channels.ebay.trading import Value, many, many_records
from agent.channels.reads import Row
from agent.channels.values import record, records, text, whole
from agent.words import in_words

PAGE = 200
FEW = 20
"""So many single listings are read one by one even where all of them are fewer calls: GetItem is said to be current."""
FIXED = frozenset({"FixedPriceItem", "StoresFixedPrice"})
_FIELDS = (
    "ItemID", "Title", "SKU", "ListingType", "Quantity", "QuantityAvailable", "ListingDetails.ViewItemURL",
    "SellingStatus.CurrentPrice", "SellingStatus.QuantitySold", "SellingStatus.ListingStatus", "Variations",
)  # fmt: skip
"""What is asked for: nothing about buyers (R8)."""


@dataclass(frozen=True)
class Record:
    """What the Inventory API has of a SKU."""

    barcode: str | None
    spread: bool
    """Its stock is divided among several warehouses at eBay."""


@dataclass
class Catalogue:
    """Finds listings, and remembers what it takes to set their quantities."""

    records: dict[str, Record] | None = None
    """SKU -> what the Inventory API has; None: not read yet."""
    pages: int = 1
    """Of the last full read: what the next one will cost."""
    by_sku: dict[tuple[str, str], str | None] = field(default_factory=dict)
    """(item, SKU) -> listing; None where several have it."""
    known: set[str] = field(default_factory=set)

    async def everything(self, ask: Reader) -> list[Item]:
        """All active listings."""
        self.records = await _records(ask)
        items = await self._active(ask)
        self.by_sku, self.known = {}, set()
        self._learn(items)
        return items

    async def these(self, only: Sequence[str], ask: Reader) -> list[Item]:
        """Those that these ids belong to, one call each; by whole pages where that is far fewer calls."""
        if self.records is None:
            self.records = await _records(ask)
        wanted = items_of(only)
        if len(wanted) > max(FEW, self.pages):
            found = [item for item in await self._active(ask) if item.get("ItemID") in wanted]
        else:
            found = [item for id_ in sorted(wanted) if (item := await _item(id_, ask)) is not None]
        self._learn(found)
        return found

    def cost(self, only: Sequence[str] | None) -> int:
        """About how many calls of the Trading API a read will take."""
        return self.pages if only is None else min(len(items_of(only)), max(FEW, self.pages))

    async def count(self, ask: Reader) -> int:
        """How many there are."""
        found = await ask.ask("GetMyeBaySelling", _page(1, 1))
        return _total(found) or 0

    async def _active(self, ask: Reader) -> list[Item]:
        """A listing that ends meanwhile moves the pages under our reading place; a total that is not reached shows it,
        and all is read again (I16)."""
        items: dict[str, Item] = {}
        total = 0
        for _ in range(PASSES):
            total, number, pages = 0, 1, 1
            while number <= pages:
                told = await ask.ask("GetMyeBaySelling", _page(number, PAGE))
                total, pages = _total(told) or 0, _pages(told)
                items |= {str(each["ItemID"]): each for each in _listed(told) if each.get("ItemID")}
                number += 1
            self.pages = max(1, pages)
            if len(items) >= total:
                return list(items.values())
        ask.look.lacking(in_words("ebay.counts_more", name=ask.name, total=total, shown=len(items)))
        return list(items.values())

    def _learn(self, items: Iterable[Item]) -> None:
        for item in items:
            for thing, listing in things(item):
                self.known.add(listing)
                if sku := sku_of(thing):
                    key = (str(item["ItemID"]), sku)
                    self.by_sku[key] = None if self.by_sku.get(key, listing) != listing else listing

    def listing_of(self, item: str, options: Mapping[str, str], sku: str | None) -> str | None:
        """Of an order line: by its options; by its SKU, where they are told otherwise than in the listing or not told.
        None: a variation, but nothing says which."""
        listing = listing_id(item, options)
        if listing in self.known:
            return listing
        by_sku = self.by_sku.get((item, sku)) if sku else None
        varied = any(each.startswith(f"{item}-") for each in self.known) if not options else False
        return by_sku or (None if varied else listing)

    def rows(self, channel: str, items: Sequence[Item], ask: Reader) -> list[Row]:
        """LISTINGS rows."""
        rows = []
        for item in items:
            taken = [sku for thing, _ in things(item) if (sku := sku_of(thing))]
            rows += [self._row(channel, item, sold, taken, ask) for sold in things(item)]
        return rows

    def _row(self, channel: str, item: Item, sold: tuple[Item, str], taken: Sequence[str], ask: Reader) -> Row:
        thing, listing = sold
        title, sku = text(item.get("Title")), sku_of(thing)
        record_ = (self.records or {}).get(sku or "")
        fixed = item.get("ListingType") in FIXED or item.get("ListingType") is None
        unsettable = None if not fixed else _unsettable(thing is not item, sku, taken, record_)
        units = available(thing) if fixed else None
        if unsettable is not None:
            ask.look.issues.append(in_words(unsettable, title=title, listing=listing, sku=sku))
        elif fixed and units is None:
            ask.look.issues.append(in_words("ebay.quantity_unreadable", title=title, listing=listing))
        managed = fixed and unsettable is None
        price, currency = _price(thing, item)
        id_ = str(item["ItemID"])
        return (
            channel,
            listing,
            cell_of(id_, sku, variation=thing is not item, inventory=record_ is not None),
            id_,
            title,
            text(", ".join(f"{name}: {value}" for name, value in options_of(thing).items())),
            text(sku),
            record_.barcode if record_ else None,
            text(record(item.get("ListingDetails")).get("ViewItemURL")) or f"https://www.ebay.com/itm/{id_}",
            price,
            currency,
            units if managed else None,
            managed,
            "active",
            "seller",
            None,
        )


def cell_of(item: str, sku: str | None, *, variation: bool, inventory: bool) -> str:
    """Where a quantity is kept, with all that it takes to set it: of a listing without variations that is not of the
    Inventory API, its number alone."""
    return f"{'i' if inventory else 't'}/{item}/{sku or '' if inventory or variation else ''}"


def _unsettable(variation: bool, sku: str | None, taken: Sequence[str], record_: Record | None) -> str | None:
    """Why no quantity can be set, as a sentence's name: a variation is addressed by its SKU alone."""
    if variation and sku is None:
        return "ebay.variation_without_sku"
    if variation and taken.count(sku or "") > 1:
        return "ebay.sku_twice"
    return "ebay.several_warehouses" if record_ is not None and record_.spread else None


def things(item: Item) -> list[tuple[Item, str]]:
    """What is sold under one number: its variations, or itself; with the ids of the listings."""
    found = many_records(record(item.get("Variations")).get("Variation"))
    id_ = str(item["ItemID"])
    return [(each, listing_id(id_, options_of(each))) for each in found] or [(item, id_)]


def listing_id(item: str, options: Mapping[str, str]) -> str:
    """110000000001 of a single listing; of a variation with a short print of its options, in whatever order."""
    if not options:
        return item
    said = "\n".join(sorted(f"{' '.join(n.split()).casefold()}={' '.join(v.split()).casefold()}"
                            for n, v in options.items()))  # fmt: skip
    return f"{item}-{hashlib.sha256(said.encode()).hexdigest()[:10]}"


def options_of(thing: Item) -> dict[str, str]:
    """Name -> value of a variation."""
    pairs = many_records(record(thing.get("VariationSpecifics")).get("NameValueList"))
    named = {text(each.get("Name")): text(next(iter(many(each.get("Value"))), None)) for each in pairs}
    return {name: value for name, value in named.items() if name and value}


def items_of(listings: Sequence[str]) -> set[str]:
    """The numbers that these listings stand under."""
    return {number for listing in listings if (number := listing.partition("-")[0]).isdecimal()}


def sku_of(thing: Item) -> str | None:
    """As eBay has it, to the last blank: quantities are addressed by it."""
    found = thing.get("SKU")
    return found if isinstance(found, str) and found else None


def available(thing: Item) -> int | None:
    """What a buyer may buy. `Quantity` counts what was sold, too, and `QuantityAvailable` stands only in the list."""
    if (units := whole(thing.get("QuantityAvailable"))) is not None:
        return units
    total, sold = whole(thing.get("Quantity")), whole(record(thing.get("SellingStatus")).get("QuantitySold"))
    return max(0, total - sold) if total is not None and sold is not None else None


def _price(thing: Item, item: Item) -> tuple[str | None, str | None]:
    for holder, name in ((thing, "StartPrice"), (record(item.get("SellingStatus")), "CurrentPrice")):
        if said := text(holder.get(name)):
            return said, text(holder.get(f"{name}@currencyID"))
    return None, None


# --- questions --------------------------------------------------------------------------------------------------------


def _page(number: int, size: int) -> dict[str, Value]:
    wanted = [f"ActiveList.ItemArray.Item.{name}" for name in _FIELDS]
    return {
        "OutputSelector": [*wanted, "ActiveList.PaginationResult"],
        "ActiveList": {"Include": "true", "Pagination": {"EntriesPerPage": size, "PageNumber": number}},
    }


def _listed(told: Item) -> list[Item]:
    return many_records(record(record(told.get("ActiveList")).get("ItemArray")).get("Item"))


def _total(told: Item) -> int | None:
    return whole(record(record(told.get("ActiveList")).get("PaginationResult")).get("TotalNumberOfEntries"))


def _pages(told: Item) -> int:
    return whole(record(record(told.get("ActiveList")).get("PaginationResult")).get("TotalNumberOfPages")) or 0


async def _item(id_: str, ask: Reader) -> Item | None:
    """One listing as it stands now; None where it has ended or there is none."""
    try:
        told = await ask.ask("GetItem", {"OutputSelector": [f"Item.{name}" for name in _FIELDS], "ItemID": id_})
    except Declined as declined:
        if declined.meant.kind == "gone":
            return None
        raise
    item = record(told.get("Item"))
    if item.get("ItemID") != id_:
        raise ask.unclear()
    return item if record(item.get("SellingStatus")).get("ListingStatus") == "Active" else None


async def _records(ask: Reader) -> dict[str, Record]:
    """All SKUs of the Inventory API; none for a seller who never used it. A page's number is what `offset` counts."""
    found: dict[str, Record] = {}
    total = 0
    for _ in range(PASSES):
        total, number = 0, 0
        while True:
            told = await ask.get(f"{INVENTORY}inventory_item", {"limit": PAGE, "offset": number})
            total, here = whole(told.get("total")) or 0, records(told.get("inventoryItems"))
            found |= {sku: _record(each) for each in here if isinstance(sku := each.get("sku"), str)}
            number += 1
            if not here or not told.get("next"):
                break
        if len(found) >= total:
            return found
    ask.look.lacking(in_words("ebay.counts_more", name=ask.name, total=total, shown=len(found)))
    return found


def _record(told: Item) -> Record:
    product = record(told.get("product"))
    codes = [text(code) for kind in ("ean", "upc", "isbn") for code in many(product.get(kind))]
    places = records(record(record(told.get("availability")).get("shipToLocationAvailability")).get(
        "availabilityDistributions"))  # fmt: skip
    return Record(next((code for code in codes if code and code[:1].isdigit()), None), bool(places))
