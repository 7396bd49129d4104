"""Shopee's items and their models: finding them in three steps, and saying them in our words (LISTINGS).

Ids of 100 items a call, their base in 50 a call, and of each item that has models one call more: there is no other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from agent.channels.http import TRY_AGAIN
from agent.channels.places import Place
from agent.channels.reads import Row, parts, same_page
from agent.channels.shopee.errors import Declined
from agent.channels.shopee.reader import Item, Params, Reader, number
from agent.channels.values import objects, record, records, text, whole
from agent.ports import Clock
from agent.words import in_words

PAGE, BASES = 100, 50
PASSES = 3
DAY = 86_400
FIRST = 1_420_070_400
"""Shopee began in 2015: no item is older."""
STATUSES = ("NORMAL", "UNLIST", "BANNED", "REVIEWING")
"""All but deleted ones: what is hidden now may be shown again, and is then the same listing."""
SITES = {
    "SG": ("shopee.sg", "SGD"), "MY": ("shopee.com.my", "MYR"), "TH": ("shopee.co.th", "THB"),
    "PH": ("shopee.ph", "PHP"), "VN": ("shopee.vn", "VND"), "ID": ("shopee.co.id", "IDR"), "TW": ("shopee.tw", "TWD"),
    "BR": ("shopee.com.br", "BRL"), "MX": ("shopee.com.mx", "MXN"), "CO": ("shopee.com.co", "COP"),
    "CL": ("shopee.cl", "CLP"), "PL": ("shopee.pl", "PLN"), "ES": ("shopee.es", "EUR"),
}  # fmt: skip
"""Region -> its site, and its currency: Shopee tells neither a listing's page nor the shop's currency."""


@dataclass(frozen=True)
class Shop:
    """What every row has."""

    channel: str
    id: str
    site: str | None
    place: Place | None


class Catalogue:
    """Finds items with their models."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def everything(self, ask: Reader) -> list[Item]:
        """All items, with their models."""
        return await self._whole(await self._ids(ask, None), ask)

    async def changed(self, since: datetime, ask: Reader) -> list[Item]:
        """Items changed since: Shopee moves an item's time with its price and its stock."""
        return await self._whole(await self._ids(ask, (int(since.timestamp()), self._end(ask, since))), ask)

    async def these(self, only: Sequence[str], ask: Reader) -> list[Item]:
        """Those that these listings belong to."""
        ids = {found[0] for each in only if (found := parse(each))}
        return await self._whole(sorted(ids), ask)

    async def count(self, ask: Reader) -> int:
        """How many items are for sale."""
        found = await ask.ask("product/get_item_list", {"offset": 0, "page_size": 1, "item_status": ["NORMAL"]})
        return whole(found.get("total_count")) or 0

    async def _whole(self, ids: Sequence[int], ask: Reader) -> list[Item]:
        items: list[Item] = []
        for some in parts(ids, BASES):
            wanted: Params = {"item_id_list": ",".join(map(str, some))}
            found = records(await ask.listed("product/get_item_base_info", wanted, "item_list"))
            known = {number(each.get("item_id")) for each in found if text(each.get("item_status"))}
            if lacks := len(set(some) - known):  # deleted in this moment, or left out: the next read shows which
                ask.look.lacking(in_words("shopee.shows_nothing_of", name=ask.name, lacks=lacks))
            items += [each for each in found if each.get("item_status") in STATUSES]
        return [await self._with_models(each, ask) for each in items]

    async def _with_models(self, item: Item, ask: Reader) -> Item:
        if item.get("has_model") is not True or _is_kit(item):
            return item
        try:
            found = await ask.ask("product/get_model_list", {"item_id": number(item.get("item_id")) or 0})
        except Declined as declined:
            if declined.meant.kind == "gone":
                return {**item, "models": []}
            raise
        models = objects(found.get("model"))
        if not models or not all(number(each.get("model_id")) for each in models):
            title = text(item.get("item_name")) or in_words("shopee.an_item")
            ask.look.lacking(in_words("shopee.shows_no_models", title=title))
        return {**item, "models": found.get("model"), "tiers": found.get("tier_variation")}

    async def _ids(self, ask: Reader, between: tuple[int, int] | None) -> list[int]:
        """Of all items, or of those changed between two times. What changes meanwhile moves the pages under our reading
        place; a total that is not reached shows it, and all is read again (I16)."""
        found: dict[int, None] = {}
        for _ in range(PASSES):
            try:
                total = await self._pages(ask, between, found)
            except Declined as declined:
                if declined.meant.kind != "far":
                    raise
                return await self._halves(ask, between or (FIRST, self._end(ask)))
            if len(found) >= total:
                return list(found)
        ask.look.lacking(in_words("shopee.shows_fewer", name=ask.name, total=total, shown=str(len(found))))
        return list(found)

    async def _halves(self, ask: Reader, between: tuple[int, int]) -> list[int]:
        """A list too long for its offsets, in slices by time; the newest last, where what changes meanwhile goes."""
        begin, end = between
        middle = (begin + min(end, self._end(ask) - DAY)) // 2
        if middle <= begin:
            ask.look.lacking(in_words("shopee.too_many_at_once", name=ask.name))
            return []
        older = await self._ids(ask, (begin, middle))
        return list(dict.fromkeys([*older, *await self._ids(ask, (middle, end))]))

    def _end(self, ask: Reader, since: datetime | None = None) -> int:
        """Well after now, by whatever clock: what changes in this moment is in the newest slice."""
        known = [self._clock.now(), *filter(None, (ask.look.ended, since))]
        return int(max(known).timestamp()) + DAY

    async def _pages(self, ask: Reader, between: tuple[int, int] | None, found: dict[int, None]) -> int:
        """Adds what is there; gives how many Shopee counts."""
        times = {} if between is None else {"update_time_from": between[0], "update_time_to": between[1]}
        offset = 0
        while True:
            page: Params = {"offset": offset, "page_size": PAGE, **times, "item_status": STATUSES}
            told = await ask.ask("product/get_item_list", page)
            if (total := whole(told.get("total_count"))) is None:
                raise ask.unclear()
            found |= {id_: None for row in records(told.get("item")) if (id_ := number(row.get("item_id")))}
            further = whole(told.get("next_offset")) or 0
            if told.get("has_next_page") is not True:
                return total
            if further <= offset:
                raise same_page(ask.name, TRY_AGAIN)
            offset = further


def parse(listing: str) -> tuple[int, int] | None:
    """Item and model of a listing's id; model 0 of an item without models. None: it is no such id."""
    found = re.fullmatch(r"([1-9]\d{0,18})(?:-([1-9]\d{0,18}))?", listing)
    return (int(found[1]), int(found[2] or 0)) if found else None


def listing_id(item: object, model: object) -> str | None:
    """34001 for an item without models, 34001-77 for a model of it."""
    item_id, model_id = number(item), number(model) or 0
    if not item_id:
        return None
    return f"{item_id}-{model_id}" if model_id else str(item_id)


def listing_rows(shop: Shop, items: Sequence[Item], ask: Reader) -> list[Row]:
    """LISTINGS rows. Kits have no stock of their own: Shopee counts their parts, which are listings themselves."""
    kits = [item for item in items if _is_kit(item)]
    if kits:
        ask.look.issues.append(in_words("shopee.kits", count=len(kits)))
    rows = []
    for item in items:
        if not _is_kit(item):
            several = item.get("has_model") is True
            each = (
                [model for model in records(item.get("models")) if number(model.get("model_id"))] if several else [item]
            )
            rows += [row for thing in each if (row := _row(shop, item, thing, ask)) is not None]
    return rows


def _row(shop: Shop, item: Item, thing: Item, ask: Reader) -> Row | None:
    title = text(item.get("item_name"))
    listing = listing_id(item.get("item_id"), thing.get("model_id"))
    if listing is None:
        ask.look.lacking(in_words("shopee.without_number", title=title or in_words("shopee.an_item")))
        return None
    stock = stock_of(thing, shop.place)
    if stock.managed and stock.units is None:
        named = title or in_words("shopee.an_item")
        ask.look.issues.append(in_words("shopee.stock_cannot_be_read", title=named, listing=listing))
    item_id, updated = str(number(item.get("item_id"))), whole(item.get("update_time"))
    price = next(iter(records(thing.get("price_info"))), {})
    barcode = text(thing.get("gtin_code"))
    active = item.get("item_status") == "NORMAL" and thing.get("model_status") != "MODEL_UNAVAILABLE" and stock.on_sale
    return (
        shop.channel,
        listing,
        cell_of(listing, stock.location),
        item_id,
        title,
        _options(item, thing),
        text(thing.get("model_sku")) or text(item.get("item_sku")),
        None if barcode is None or not barcode.strip("0") else barcode,
        f"https://{shop.site}/product/{shop.id}/{item_id}" if shop.site else None,
        _amount(price.get("current_price")),
        text(price.get("currency")),
        stock.units if stock.managed else None,
        stock.managed,
        "active" if active else "inactive",
        "seller" if stock.managed or not stock.theirs else "marketplace",
        datetime.fromtimestamp(updated, UTC) if updated else None,
    )


def cell_of(listing: str, location: str | None) -> str:
    """Where a quantity is kept: the listing, and the warehouse where its stock has one."""
    return f"{listing}@{location}" if location else listing


@dataclass(frozen=True)
class Stock:
    """What an item or a model has at our place. `managed` false: nothing of it is the seller's to set there."""

    units: int | None = None
    location: str | None = None
    managed: bool = True
    on_sale: bool = True
    theirs: bool = False
    reserved: int = 0
    """What campaigns have locked of it, here and elsewhere."""


def stock_of(thing: Item, place: Place | None) -> Stock:
    """Of an item without models, or of a model. `stock` counts the units that buyers may still order, with those that
    campaigns have locked; ordered ones are off it."""
    info = record(thing.get("stock_info_v2"))
    reserved = max(0, whole(record(info.get("summary_info")).get("total_reserved_stock")) or 0)
    if thing.get("is_fulfillment_by_shopee") is True:
        return Stock(managed=False, theirs=True)
    own = records(info.get("seller_stock"))
    located = [each for each in own if text(each.get("location_id"))]
    if located and place is not None:
        own = [each for each in located if each.get("location_id") == place.id]
        if not own:
            return Stock(managed=False)  # it is not kept at our warehouse
    if len(own) != 1:
        return Stock(reserved=reserved)
    location = text(own[0].get("location_id"))
    return Stock(
        whole(own[0].get("stock")), location, on_sale=own[0].get("if_saleable") is not False, reserved=reserved
    )


def _options(item: Item, thing: Item) -> str | None:
    """`Colour: Red, Size: S`, by the model's places in the item's tiers."""
    pairs = []
    places = thing.get("tier_index")
    for tier, at in zip(records(item.get("tiers")), places if isinstance(places, list) else [], strict=False):
        options = records(tier.get("option_list"))
        chosen = text(options[at].get("option")) if isinstance(at, int) and 0 <= at < len(options) else None
        if chosen:
            name = text(tier.get("name"))
            pairs.append(f"{name}: {chosen}" if name else chosen)
    return text(", ".join(pairs))


def _amount(value: object) -> str | None:
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else text(value)


def _is_kit(item: Item) -> bool:
    return record(item.get("tag")).get("kit") is True
