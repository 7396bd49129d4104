"""WooCommerce's products and variations: finding them in few calls, and saying them in our words (LISTINGS)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from agent.channels.answers import Look
from agent.channels.base import Lane
from agent.channels.reads import Row
from agent.channels.values import moment, record, records, text, whole
from agent.channels.woocommerce.reader import API, Declined, Item, Params, Reader, children_of, id_of, parent_of
from agent.words import in_words

Found = tuple[list[Item], list[Item]]
"""Products (with the parents of the variations), and variations."""

PRODUCT_FIELDS = (
    "id,name,type,status,sku,global_unique_id,permalink,price,manage_stock,stock_quantity,stock_status,parent_id,"
    "variations,date_modified_gmt"
)
VARIATION_FIELDS = (
    "id,name,status,sku,global_unique_id,permalink,price,manage_stock,stock_quantity,stock_status,parent_id,attributes,"
    "date_modified_gmt"
)


class Catalogue:
    """Finds products with their variations."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._parents: dict[int, int] = {}
        """Variation -> product, as last read: saves the question what a listing's id is."""
        self._variations_in_one = True
        """The shop has GET variations (since WooCommerce 10.3)."""

    async def everything(self, lane: Lane, look: Look) -> Found:
        """All products and all variations."""
        products = await self._reader.all("products", {"_fields": PRODUCT_FIELDS, "status": "any"}, lane, look)
        return self._learn(products, await self._every_variation(products, lane, look))

    async def changed(self, since: datetime, lane: Lane, look: Look) -> Found:
        """Products changed since, and all variations of those: a sale of a variation moves its parent's date_modified
        (observed on WooCommerce 11.0.1)."""
        products = await self._reader.changed("products", {"_fields": PRODUCT_FIELDS}, since, lane, look)
        wanted = [child for product in products for child in children_of(product)]
        return self._learn(products, await self._variations(wanted, products, lane, look))

    async def _every_variation(self, products: list[Item], lane: Lane, look: Look) -> list[Item]:
        if not any(children_of(product) for product in products):
            return []
        if self._variations_in_one:
            try:
                return await self._reader.all("variations", {"_fields": VARIATION_FIELDS, "status": "any"}, lane, look)
            except Declined as declined:
                self._no_variations_route(declined)
        return await self._parent_by_parent(products, lane, look)

    async def _variations(self, ids: list[int], products: list[Item], lane: Lane, look: Look) -> list[Item]:
        """These variations, 100 a call; of a shop before 10.3, parent by parent."""
        if self._variations_in_one:
            try:
                return await self._reader.included("variations", ids, {"_fields": VARIATION_FIELDS}, lane, look)
            except Declined as declined:
                self._no_variations_route(declined)
        found = await self._parent_by_parent(products, lane, look, set(ids))
        lacking = set(ids) - {id_ for each in found if (id_ := id_of(each))}
        return found + [each for id_ in sorted(lacking) if (each := await self._one(id_, lane, look))]

    async def _parent_by_parent(
        self, products: list[Item], lane: Lane, look: Look, wanted: set[int] | None = None
    ) -> list[Item]:
        found: list[Item] = []
        for product in products:
            if (children := set(children_of(product))) and (wanted is None or children & wanted):
                path = f"products/{id_of(product)}/variations"
                rows = await self._reader.all(path, {"_fields": VARIATION_FIELDS, "status": "any"}, lane, look)
                found += [row | {"parent_id": id_of(product)} for row in rows]
        return [row for row in found if wanted is None or id_of(row) in wanted]

    async def _one(self, id_: int, lane: Lane, look: Look) -> Item | None:
        """A variation by its own id (observed 043: GET products/<variation> works, and names its parent)."""
        answer = await self._reader.http.request(
            "GET", f"{API}products/{id_}", params={"_fields": VARIATION_FIELDS}, lane=lane, idempotent=True
        )
        look.saw(answer)
        return record(answer.json) if answer.status == 200 and parent_of(record(answer.json)) else None

    def _no_variations_route(self, declined: Declined) -> None:
        if declined.code != "rest_no_route":
            raise declined
        self._variations_in_one = False

    async def these(self, only: Sequence[str], lane: Lane, look: Look) -> Found:
        """Just these, fresh, with the products their variations belong to: 100 a call."""
        ids = [id_ for each in dict.fromkeys(only) if (id_ := whole(each)) and id_ > 0]
        maybe_products = [id_ for id_ in ids if id_ not in self._parents]
        parents = {self._parents[id_] for id_ in ids if id_ in self._parents}
        fields: Params = {"_fields": PRODUCT_FIELDS}
        products = await self._reader.included("products", [*maybe_products, *sorted(parents)], fields, lane, look)
        known = {id_of(product) for product in products}
        variations = await self._variations([id_ for id_ in ids if id_ not in known], products, lane, look)
        more = {parent for each in variations if (parent := parent_of(each)) and parent not in known}
        products += await self._reader.included("products", sorted(more), fields, lane, look)
        return self._learn(products, variations)

    def _learn(self, products: list[Item], variations: list[Item]) -> Found:
        self._parents |= {id_: parent for each in variations if (id_ := id_of(each)) and (parent := parent_of(each))}
        return products, variations


NO_STOCK = {
    "grouped": in_words("woocommerce.groups_other_products"),
    "external": in_words("woocommerce.sold_another_site"),
}
KEPT = {"true": "own", "1": "own", "yes": "own", "parent": "parent"}


def listing_rows(
    channel: str, products: list[Item], variations: list[Item], currency: str | None, look: Look
) -> list[Row]:
    """LISTINGS rows."""
    rows: list[Row] = []
    parents = {id_: product for product in products if (id_ := id_of(product))}
    skipped: Counter[str] = Counter()
    for product in products:
        kind = text(product.get("type")) or "simple"
        if kind in NO_STOCK:
            skipped[kind] += 1
        elif id_of(product) is None or (
            kind.startswith("variable") and not isinstance(product.get("variations"), list)
        ):
            look.lacking(_nameless(product))
        elif not children_of(product) and not kind.startswith("variable"):
            rows.append(_listing(channel, product, None, currency, look))
    for variation in variations:
        if id_of(variation) is None or whole(variation.get("parent_id")) is None:
            look.lacking(_nameless(variation))
        elif (parent := parents.get(parent_of(variation) or 0)) is not None:
            rows.append(_listing(channel, variation, parent, currency, look))
    look.issues += [in_words("woocommerce.products_no_stock_their", count=count, no_stock=NO_STOCK[kind], kind=kind)
                    for kind, count in sorted(skipped.items())]  # fmt: skip
    return rows


def _listing(channel: str, thing: Item, parent: Item | None, currency: str | None, look: Look) -> Row:
    product = parent or thing
    kept, quantity, problem = stock_of(thing)
    title = text(product.get("name"))
    if problem:
        look.issues.append(f"{title or 'A product'} (listing {id_of(thing)}): {problem}")
    own = f"product/{id_of(thing)}" if parent is None else f"variation/{id_of(parent)}/{id_of(thing)}"
    active = all(each.get("status") == "publish" for each in (thing, product))
    return (
        channel,
        str(id_of(thing)),
        f"product/{id_of(product)}" if kept == "parent" else own,
        str(id_of(product)),
        title,
        _options(thing) if parent else None,
        text(thing.get("sku")),
        text(thing.get("global_unique_id")),
        text(thing.get("permalink")),
        text(thing.get("price")),
        currency,
        quantity,
        kept != "no",
        "active" if active else "inactive",
        "seller",
        moment(thing.get("date_modified_gmt")),
    )


def stock_of(thing: Item) -> tuple[str, int | None, str | None]:
    """Who keeps the quantity (own, parent, no), the quantity, and what is wrong with it. Negative ones are kept: they
    are units promised beyond the stock (observed -473)."""
    kept = KEPT.get(str(thing.get("manage_stock")).lower(), "no")
    said = thing.get("stock_quantity")
    quantity = whole(said)
    if kept == "no" or quantity is not None:
        return kept, quantity if kept != "no" else None, None
    if said is None and thing.get("stock_status") == "outofstock":
        return kept, 0, None  # counting was switched on without a quantity: the shop sells none (observed 077)
    shown = "nothing" if said is None else f'"{text(str(said)[:40])}"'
    return kept, None, in_words("woocommerce.stock_counted_but_quantity", shown=shown)


def _options(variation: Item) -> str | None:
    pairs = [
        f"{name}: {option}" if (name := text(each.get("name"))) else option
        for each in records(variation.get("attributes"))
        if (option := text(each.get("option")))
    ]
    return text(", ".join(pairs)) or text(variation.get("name"))


def _nameless(thing: Item) -> str:
    name = text(thing.get("name")) or "A product"
    return in_words("woocommerce.shop_shows_without_usable", name=name)
