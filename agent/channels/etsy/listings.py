"""Etsy's listings with their inventories: all of them state by state, or just some; said in our words (LISTINGS).

100 a call, with `includes=Inventory`. Drafts and expired listings are on no shelf: they are not read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from agent.channels.etsy.errors import Declined
from agent.channels.etsy.hidden import Hidden
from agent.channels.etsy.inventory import Product, key_of, products
from agent.channels.etsy.reader import PAGE, Item, Params, Reader
from agent.channels.reads import Row, parts
from agent.channels.values import record, records, text, whole
from agent.words import in_words

STATES = ("active", "inactive", "sold_out")
"""In this order: what is sold out or taken off meanwhile is read in one of those that follow."""
OFF = ("inactive", "edit")
"""`edit` is what Etsy has also called it (vendor's issue 473)."""
PASSES = 3
_ID = re.compile(r"([1-9]\d{0,18})(/.*)?", re.DOTALL)


@dataclass(frozen=True)
class Known:
    """What the last read knew of one product, for order lines that do not name it well."""

    listing: str
    product: int | None
    sku: str | None


class Catalogue:
    """Finds listings. `known`: of each listing, its products as last read."""

    def __init__(self, hidden: Hidden) -> None:
        self._hidden = hidden
        self.known: dict[int, list[Known]] = {}

    async def everything(self, shop: int, ask: Reader) -> list[Item]:
        """All listings. A page is a number: what is deleted meanwhile moves the pages under our reading place; a count
        that is not reached shows it, and all is read again (I16)."""
        found: dict[int, Item] = {}
        for _ in range(PASSES):
            complete, calls, found = True, 0, {}
            for state in STATES:
                rows, told = await self._state(shop, state, ask)
                complete, calls = complete and len(rows) >= told, calls + len(rows) // PAGE + 1
                found |= rows
            ask.day.was_read(calls)
            if complete:
                return list(found.values())
        ask.look.lacking(in_words("etsy.showed_fewer", name=ask.name))
        return list(found.values())

    async def _state(self, shop: int, state: str, ask: Reader) -> tuple[dict[int, Item], int]:
        """Those of one state by their numbers, and the most that Etsy counted of them (one that is deleted meanwhile
        may have been read)."""
        found: dict[int, Item] = {}
        offset, nameless, most = 0, 0, 0
        while True:
            asked: Params = {"state": state, "limit": PAGE, "offset": offset, "includes": "Inventory"}
            rows, count = await ask.listed(f"shops/{shop}/listings", asked)
            if (total := whole(count)) is None:
                raise ask.unclear()
            named = {id_: row for row in rows if (id_ := whole(row.get("listing_id")))}
            if len(named) < len(rows):
                nameless += len(rows) - len(named)
                ask.look.lacking(in_words("etsy.without_number", name=ask.name, count=len(rows) - len(named)))
            found |= named
            offset, most = offset + PAGE, max(most, total)
            if len(rows) < PAGE or offset >= total:
                return found, most - nameless

    async def these(self, ids: Sequence[int], ask: Reader) -> dict[int, Item]:
        """Those that are still there. Raises CallFailed."""
        found: dict[int, Item] = {}
        for some in parts(list(dict.fromkeys(ids)), PAGE):
            found |= await self._batch(some, ask)
        return found

    async def _batch(self, ids: Sequence[int], ask: Reader) -> dict[int, Item]:
        """One that is not there refuses the whole call: halves find it."""
        try:
            rows, _ = await ask.listed("listings/batch/inventory", {"listing_ids": ",".join(map(str, ids))})
        except Declined as declined:
            if declined.status != 404:
                raise
            if len(ids) == 1:
                return await self._alone(ids[0], ask)
            half = len(ids) // 2
            return await self._batch(ids[:half], ask) | await self._batch(ids[half:], ask)
        found = {id_: row for row in rows if (id_ := whole(row.get("listing_id")))}
        for id_ in ids:
            if id_ not in found or text(found[id_].get("state")) is None:
                alone = await self._alone(id_, ask)
                found |= {id_: {**alone[id_], **found.get(id_, {})}} if alone else {}
                if not alone:
                    found.pop(id_, None)
        return found

    async def _alone(self, id_: int, ask: Reader) -> dict[int, Item]:
        """Proof that it is gone (I11); one that is there, without its inventory."""
        try:
            return {id_: await ask.ask(f"listings/{id_}")}
        except Declined as declined:
            if declined.status != 404:
                raise
            return {}

    def rows(self, channel: str, listings: Sequence[Item], ask: Reader) -> list[Row]:
        """LISTINGS rows."""
        return [row for listing in listings for row in self._rows(channel, listing, ask)]

    def _rows(self, channel: str, listing: Item, ask: Reader) -> list[Row]:
        id_ = whole(listing.get("listing_id")) or 0
        if state_of(listing) == "active":
            self._hidden.seen_active(id_)
        found = products(id_, record(listing.get("inventory")))
        self.known[id_] = [Known(each.listing, each.id, each.sku) for each in found]
        if not found:
            return [self._bare(channel, id_, listing, ask)]
        return [self._row(channel, id_, listing, each, ask) for each in found]

    def _row(self, channel: str, id_: int, listing: Item, product: Product, ask: Reader) -> Row:
        counted = is_counted(listing)
        units = product.quantity if self.counts(listing, id_) else 0
        if counted and units is None:
            said = in_words("etsy.quantity_cannot_read", title=text(listing.get("title")), listing=product.listing)
            ask.look.issues.append(said)
        on_sale = state_of(listing) == "active" and product.enabled
        return (
            channel,
            product.listing,
            product.cell,
            str(id_),
            text(listing.get("title")),
            product.options,
            product.sku,
            None,
            text(listing.get("url")),
            product.price,
            product.currency,
            units if counted else None,
            counted,
            "active" if on_sale else "inactive",
            "seller",
            moment(listing.get("updated_timestamp") or listing.get("last_modified_timestamp")),
        )

    def _bare(self, channel: str, id_: int, listing: Item, ask: Reader) -> Row:
        """A listing that has no inventory record: it can be seen, and not set."""
        skus = listing.get("skus")
        one = text(skus[0]) if isinstance(skus, list) and len(skus) == 1 else None
        units = whole(listing.get("quantity")) if listing.get("has_variations") is not True else None
        bare = Product(str(id_), str(id_), None, one, None, units, True, None, None)
        return self._row(channel, id_, listing, bare, ask)

    def counts(self, listing: Item, id_: int) -> bool:
        """Whether the stored quantities are those that count: not of one that is sold out, or was taken off at 0."""
        state = state_of(listing)
        return state != "sold_out" and not (state in OFF and self._hidden.who(id_) is not None)

    def listing_of(self, sold: Item) -> str | None:
        """The listing that an order line is of: by the texts of its values, then by the product's number, by what was
        shown to the buyer, by its SKU. None where none of them says it."""
        id_ = whole(sold.get("listing_id"))
        if not id_:
            return None
        known = self.known.get(id_)
        named = _named(id_, sold)
        if known is None:
            return named[0] if named else str(id_)
        listings = [each.listing for each in known]
        product, sku = whole(sold.get("product_id")), text(sold.get("sku"))
        by_number = [each.listing for each in known if product is not None and each.product == product]
        by_sku = [each.listing for each in known if sku and each.sku == sku]
        found = [each for each in named if each in listings] or by_number or (by_sku if len(by_sku) == 1 else [])
        if found:
            return found[0]
        return named[0] if named else str(id_) if listings == [str(id_)] else None


def _named(id_: int, sold: Item) -> list[str]:
    """Without the personalisation that a buyer typed (it has no value's number)."""
    data = [each for each in records(sold.get("product_data")) if each.get("values")]
    shown = [
        {"property_id": each.get("property_id"), "values": [each.get("formatted_value")]}
        for each in records(sold.get("variations"))
        if each.get("value_id")
    ]
    return [f"{id_}{key_of(each)}" for each in (data, shown) if each]


def state_of(listing: Item) -> str:
    return text(listing.get("state")) or ""


def is_counted(listing: Item) -> bool:
    """What is downloaded has no stock."""
    return listing.get("listing_type") != "download"


def number_of(listing: str) -> int | None:
    """Etsy's number of a listing's or a cell's id; None: it is no such id."""
    found = _ID.fullmatch(listing)
    return int(found[1]) if found else None


def moment(value: object) -> datetime | None:
    """Etsy's times: seconds since 1970."""
    seconds = whole(value)
    return datetime.fromtimestamp(seconds, UTC) if seconds and 0 < seconds < 2**33 else None
