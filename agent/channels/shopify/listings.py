"""Shopify's variants: finding them in few calls, and saying them in our words (LISTINGS).

A stock cell is an inventory item at the chosen location; several variants may share one item. A variant that is not
stocked there shows 0 of it: it is stocked there when a raise is really wanted (push).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agent.channels.answers import CallFailed, Look
from agent.channels.reads import CELL, Row, parts
from agent.channels.shopify.bulk import bulk_read
from agent.channels.shopify.locations import Location, Locations
from agent.channels.shopify.queries import (
    CHANGED_PRODUCTS,
    COUNT,
    IDS,
    LEVELS,
    VARIANTS,
    VARIANTS_BY_ID,
    gid,
    number,
)
from agent.channels.shopify.reader import Asking, Item
from agent.channels.values import moment, record, records, text, whole
from agent.ports import Clock
from agent.words import in_words

BULK_FROM = 5_000
"""Variants from which a complete read goes by a bulk operation: 20 pages take longer than its waiting."""
SEEN_LATE = timedelta(seconds=20)
"""Shopify's search may see a change so much later."""
PRODUCTS = 100
"""Products whose variants are asked for at once."""


@dataclass(frozen=True)
class Shop:
    """What listings need to know of their shop."""

    channel: str
    address: str
    currency: str | None


class Catalogue:
    """Finds variants, at the chosen location."""

    def __init__(self, locations: Locations, clock: Clock) -> None:
        self._locations = locations
        self._clock = clock
        self.unstocked: set[str] = set()
        """Stock cells that the last read found not stocked at the location."""

    async def count(self, ask: Asking) -> int | None:
        """How many variants there are."""
        data = await ask.data(COUNT, {})
        return whole(record(data.get("productVariantsCount")).get("count"))

    async def everything(self, ask: Asking) -> list[Item]:
        """All variants: page by page, or of a big shop by one bulk operation."""
        here = await self._locations.chosen(ask, again=True)
        if (await self.count(ask) or 0) >= BULK_FROM:
            try:
                return await self._in_bulk(here, ask)
            except CallFailed as failed:
                if failed.kind != "host":
                    raise  # else: the pages show whether the host is out
        return await self._pages(None, here, ask)

    async def _in_bulk(self, here: Location, ask: Asking) -> list[Item]:
        found = await bulk_read(ask, here.id, self._clock)
        await self._locations.chosen(ask, again=True)  # a location that was closed meanwhile has no levels
        return found

    async def _pages(self, query: str | None, here: Location, ask: Asking) -> list[Item]:
        asked = {"query": query, "location": here.id}
        return await ask.pages(VARIANTS, "productVariants", asked, self._locations.must_be_there)

    async def changed(self, since: datetime, ask: Asking) -> list[Item]:
        """The variants of all products changed since: Shopify counts a change of stock as one of its product (vendor
        documentation of Product.updatedAt), and says so neither of the variant nor of the inventory item."""
        here = await self._locations.chosen(ask)
        begin = (since - SEEN_LATE).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        products = await ask.pages(CHANGED_PRODUCTS, "products", {"query": f"updated_at:>='{begin}'"})
        ids = [id_ for product in products if (id_ := number(product.get("id")))]
        found: list[Item] = []
        for some in parts(ids, PRODUCTS):
            found += await self._pages(f"product_ids:{','.join(some)}", here, ask)
        return found

    async def these(self, only: Sequence[str], ask: Asking) -> list[Item]:
        """Just these variants, fresh."""
        here = await self._locations.chosen(ask)
        ids = [gid("ProductVariant", id_) for id_ in only if id_.isascii() and id_.isdigit()]
        return await ask.these(VARIANTS_BY_ID, ids, IDS, {"location": here.id}, self._locations.must_be_there)

    async def levels(self, items: Sequence[str], ask: Asking) -> dict[str, Item]:
        """Inventory items with their level at the location, by number."""
        here = await self._locations.chosen(ask)
        ids = [gid("InventoryItem", id_) for id_ in items]
        found = await ask.these(LEVELS, ids, IDS, {"location": here.id}, self._locations.must_be_there)
        return {id_: each for each in found if (id_ := number(each.get("id")))}

    async def rows(self, variants: list[Item], shop: Shop, ask: Asking) -> list[Row]:
        """LISTINGS rows."""
        here, look = await self._locations.chosen(ask), ask.look
        rows: list[Row] = []
        elsewhere: list[str] = []
        bundles = [variant for variant in variants if variant.get("requiresComponents") is True]
        for variant in variants:
            if variant.get("requiresComponents") is True:
                continue
            if (row := _listing(variant, here, shop, look)) is None:
                look.lacking(in_words("shopify.shopify_shows_without_usable", variant=_name(variant)))
            else:
                self._stocked(str(row[CELL]), variant, elsewhere)
                rows.append(row)
        look.issues += _notes(len(bundles), elsewhere, here)
        return rows

    def _stocked(self, cell: str, variant: Item, elsewhere: list[str]) -> None:
        item = record(variant.get("inventoryItem"))
        if item.get("tracked") is not True or level_of(item) is not None:
            self.unstocked.discard(cell)
            return
        self.unstocked.add(cell)
        if (whole(variant.get("inventoryQuantity")) or 0) > 0:
            elsewhere.append(_name(variant))


NAMED = 3
"""So many examples stand in a sentence."""


def _notes(bundles: int, elsewhere: Sequence[str], here: Location) -> Iterable[str]:
    if bundles:
        yield in_words("shopify.variants_bundles_whose_stock", bundles=bundles)
    if elsewhere:
        names = ", ".join(elsewhere[:NAMED]) + (" ..." if len(elsewhere) > NAMED else "")
        yield (in_words("shopify.variants_stock_at_another", count=len(elsewhere), here=here.name, names=names))


def _listing(variant: Item, here: Location, shop: Shop, look: Look) -> Row | None:
    item, product = record(variant.get("inventoryItem")), record(variant.get("product"))
    ids = [number(each.get("id")) for each in (variant, item, product)]
    if None in ids:
        return None
    id_, item_id, product_id = map(str, ids)
    managed = item.get("tracked") is True
    quantity, problem = quantity_of(item) if managed else (None, None)
    if problem:
        look.issues.append(f"{_name(variant)} (listing {id_}): {problem}")
    shown = text(product.get("onlineStoreUrl"))
    return (
        shop.channel,
        id_,
        cell_of(item_id, here),
        product_id,
        text(product.get("title")),
        _options(variant),
        text(variant.get("sku")),
        text(variant.get("barcode")),
        f"{shown}?variant={id_}" if shown else f"{shop.address}/admin/products/{product_id}/variants/{id_}",
        text(variant.get("price")),
        shop.currency,
        quantity,
        managed,
        "active" if product.get("status") in ("ACTIVE", "UNLISTED") else "inactive",
        "seller",
        moment(variant.get("updatedAt")),
    )


def cell_of(item: str, here: Location) -> str:
    """The stock cell of an inventory item at a location."""
    return f"item/{item}/location/{number(here.id)}"


def level_of(item: Item) -> Item | None:
    """Its level at the location; None where it is not stocked there."""
    level = record(item.get("inventoryLevel"))
    return level if level and level.get("isActive") is True else None


def quantity_of(item: Item) -> tuple[int | None, str | None]:
    """What can be sold of it at the location, and what is wrong with that. Negative: more is sold than there was."""
    level = level_of(item)
    told = item.get("inventoryLevel")
    if level is None and (told is None or isinstance(record(told).get("isActive"), bool)):
        return 0, None
    level = level or {}
    said = next(
        (each.get("quantity") for each in records(level.get("quantities")) if each.get("name") == AVAILABLE), None
    )
    quantity = whole(said)
    shown = "nothing" if said is None else f'"{text(str(said)[:40])}"'
    problem = in_words("shopify.stock_counted_but_quantity", shown=shown)
    return quantity, problem if quantity is None else None


AVAILABLE = "available"


def _options(variant: Item) -> str | None:
    pairs = [
        f"{text(each.get('name'))}: {text(each.get('value'))}"
        for each in records(variant.get("selectedOptions"))
        if (each.get("name"), each.get("value")) != ("Title", "Default Title")
    ]
    title = text(variant.get("title"))
    return text(", ".join(pairs)) or (title if title != "Default Title" else None)


def _name(variant: Item) -> str:
    return text(record(variant.get("product")).get("title")) or text(variant.get("sku")) or "A variant"
