"""TikTok Shop's products and their SKUs: finding them, and saying them in our words (LISTINGS).

100 products a call come with all their SKUs and quantities; what a call leaves out (the options' names, the barcode)
stands in the product's own page, which is asked for once, and only where it is needed: of products with several SKUs,
and of those without a seller SKU. Afterwards known SKUs are read afresh 600 a call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent.channels.reads import Row, parts
from agent.channels.tiktok.errors import WHOLE, Declined
from agent.channels.tiktok.places import Places
from agent.channels.tiktok.reader import Item, Reader, moment, number
from agent.channels.values import objects, record, records, text, whole
from agent.words import in_words

SEARCH = "product/202502/products/search"
INVENTORY = "product/202309/inventory/search"
BY_SKU, COUNTED = 10, 600
PASSES = 3
LEFT_OUT = ("DELETED", "DRAFT")
"""Neither was ever seen by a buyer, or will be again."""


@dataclass(frozen=True)
class Named:
    """What only the product's own page says of a SKU."""

    options: str | None
    barcode: str | None


class Catalogue:
    """Finds products with their SKUs; remembers what they are, never how many there are."""

    def __init__(self) -> None:
        self._products: dict[str, Item] = {}
        """SKU -> its product, as it was last seen."""
        self._names: dict[str, dict[str, Named]] = {}
        """Product -> its SKUs, as its own page names them."""

    async def everything(self, ask: Reader) -> list[Item]:
        """All products. What is edited meanwhile moves the pages under our reading place; a total that is not reached
        shows it, and all is read again (I16)."""
        found: dict[str, Item] = {}
        for _ in range(PASSES):
            total = await self._pages(ask, {"status": "ALL"}, found)
            if len(found) >= total:
                break
        else:
            what = in_words("tiktok.counts_but_showed", name=ask.name, total=total, found=len(found))
            ask.look.lacking(what)
        self._products.clear()
        return self._seen(found.values())

    async def changed(self, since: int, ask: Reader) -> list[Item]:
        """Products edited since. A change of stock alone may not show (CAN.notes)."""
        found: dict[str, Item] = {}
        await self._pages(ask, {"status": "ALL", "update_time_ge": since}, found)
        return self._seen(found.values())

    async def these(self, only: Sequence[str], ask: Reader) -> list[Item]:
        """Those that these SKUs belong to, with fresh quantities."""
        skus = [each for each in dict.fromkeys(only) if number(each)]
        found: dict[str, Item] = {}
        for some in parts([each for each in skus if each not in self._products], BY_SKU):
            await self._pages(ask, {"sku_ids": list(some)}, found)
        fresh = await counted([each for each in skus if each in self._products], ask)
        known = {id_: self._products[id_] for id_ in fresh}
        return [*self._seen(found.values()), *(_with(known[id_], fresh[id_]) for id_ in fresh)]

    async def count(self, ask: Reader) -> int:
        """How many products are for sale."""
        told = await ask.search(SEARCH, {"status": "ACTIVATE"}, {"page_size": 1})
        return whole(told.get("total_count")) or 0

    def _seen(self, found: Iterable[Item]) -> list[Item]:
        products = [each for each in found if each.get("status") not in LEFT_OUT]
        self._products |= {id_: each for each in products for sku in _skus(each) if (id_ := number(sku.get("id")))}
        return products

    async def _pages(self, ask: Reader, asked: Item, found: dict[str, Item]) -> int:
        """Adds what is there; gives how many TikTok Shop counts."""
        token, total = "", 0
        while True:
            data, further = await ask.page(SEARCH, asked, {}, token)
            total = max(total, whole(data.get("total_count")) or 0)
            for at, product in enumerate(ask.listed(data, "products")):
                if objects(product.get("skus")) is None:
                    title = text(product.get("title")) or number(product.get("id"))
                    ask.look.lacking(in_words("tiktok.skus_cannot_read", title=title))
                found[number(product.get("id")) or f"{token} {at}"] = product
            if not further:
                return total
            token = further

    async def names(self, products: Sequence[Item], ask: Reader) -> dict[str, Named]:
        """SKU -> what its product's page says of it, where that is needed."""
        told: dict[str, Named] = {}
        for product in products:
            id_, skus = number(product.get("id")), _skus(product)
            if id_ is None:
                continue
            known, plain = self._names.get(id_), len(skus) == 1 and text(skus[0].get("seller_sku"))
            if not plain and not {number(sku.get("id")) for sku in skus} <= (known or {}).keys():
                known = self._names[id_] = await self._page_of(id_, skus, ask)
            told |= known or {}
        return told

    async def _page_of(self, product: str, skus: Sequence[Item], ask: Reader) -> dict[str, Named]:
        blank = {id_: Named(None, None) for sku in skus if (id_ := number(sku.get("id")))}
        try:
            data = await ask.get(f"product/202309/products/{product}")
        except Declined as declined:
            if declined.meant.kind not in WHOLE:
                raise
            return blank  # deleted in this moment: the next read shows it
        return blank | {id_: _named(sku) for sku in _skus(data) if (id_ := number(sku.get("id")))}


async def counted(skus: Sequence[str], ask: Reader) -> dict[str, Item]:
    """SKU -> what TikTok Shop says of its inventory; what is not there any more is left out."""
    found: dict[str, Item] = {}
    for some in parts(skus, COUNTED):
        data = await ask.search(INVENTORY, {"sku_ids": list(some)})
        rows = [sku for product in ask.listed(data, "inventory") for sku in records(product.get("skus"))]
        found |= {id_: sku for sku in rows if (id_ := number(sku.get("id"))) and id_ in some}
    return found


def _with(product: Item, fresh: Item) -> Item:
    """A product with one of its SKUs, counted afresh."""
    id_ = number(fresh.get("id"))
    inventory = [
        {"warehouse_id": each.get("warehouse_id"), "quantity": each.get("available_quantity")}
        for each in records(fresh.get("warehouse_inventory"))
    ]
    skus = [{**sku, "inventory": inventory} for sku in _skus(product) if number(sku.get("id")) == id_]
    return {**product, "skus": skus}


def _skus(product: Item) -> list[Item]:
    return records(product.get("skus"))


def _named(sku: Item) -> Named:
    pairs = []
    for each in records(sku.get("sales_attributes")):
        name, value = text(each.get("name")), text(each.get("value_name"))
        if value:
            pairs.append(f"{name}: {value}" if name else value)
    return Named(text(", ".join(pairs)), text(record(sku.get("identifier_code")).get("code")))


# --- rows -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """What every row needs."""

    channel: str
    region: str
    places: Places
    names: Mapping[str, Named]


def listing_rows(source: Source, products: Sequence[Item], ask: Reader) -> list[Row]:
    """LISTINGS rows: one a SKU."""
    made = [_row(source, product, sku, ask) for product in products for sku in _skus(product)]
    return [row for row in made if row is not None]


def _row(source: Source, product: Item, sku: Item, ask: Reader) -> Row | None:
    title = text(product.get("title"))
    listing, product_id = number(sku.get("id")), number(product.get("id"))
    if listing is None or product_id is None:
        ask.look.lacking(in_words("tiktok.without_usable_number", title=title))
        return None
    places = source.places
    stock = stock_of(sku, places)
    if stock.managed and stock.units is None:
        ask.look.issues.append(in_words("tiktok.stock_cannot_be_read", title=title, listing=listing))
    named = source.names.get(listing, Named(None, None))
    price = record(sku.get("price"))
    active = product.get("status") == "ACTIVATE" and record(sku.get("status_info")).get("status") != "DEACTIVATED"
    return (
        source.channel,
        listing,
        f"{product_id}/{listing}@{places.ours.id}" if stock.managed else f"{product_id}/{listing}",
        product_id,
        title,
        named.options,
        text(sku.get("seller_sku")),
        named.barcode,
        f"https://shop.tiktok.com/view/product/{product_id}?region={source.region}",
        text(price.get("sale_price")) or text(price.get("tax_exclusive_price")),
        text(price.get("currency")),
        stock.units if stock.managed else None,
        stock.managed,
        "active" if active else "inactive",
        "marketplace" if stock.theirs else "seller",
        moment(product.get("update_time")),
    )


@dataclass(frozen=True)
class Stock:
    """What a SKU has at our place. `managed` false: nothing of it is ours to set."""

    units: int | None = None
    managed: bool = True
    theirs: bool = False


def stock_of(sku: Item, places: Places) -> Stock:
    """Units that buyers may still order, by warehouse; ordered ones are off them. A warehouse that is not among the
    seller's is TikTok's own."""
    rows = records(sku.get("inventory"))
    own = {number(row.get("warehouse_id")) or places.ours.id: whole(row.get("quantity")) for row in rows}
    if not rows:
        return Stock()
    if not own.keys() & places.all:
        return Stock(managed=False, theirs=True)
    if places.ours.id not in own:
        return Stock(managed=False)  # it is not kept at our warehouse
    return Stock(own[places.ours.id])
