"""Amazon's offers: finding them, and saying them in our words (LISTINGS).

A search tells up to 20 offers a call and can be paged up to 1,000. Beyond that a report tells which SKUs there are, and
the searches ask for them by name. Quantities are never taken from the report: it may be hours old.
`fulfillmentAvailability` is what buyers may have; `attributes.fulfillment_availability` only what was submitted.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from agent.channels.amazon.reader import Item, Reader, sku_of
from agent.channels.amazon.reports import every_sku
from agent.channels.answers import CallFailed
from agent.channels.reads import Row, same_page
from agent.channels.values import moment, record, records, text, whole
from agent.words import in_words

FARTHEST = 1000
"""A search cannot be paged further (vendor's model)."""
PASSES = 3
EACH = timedelta(hours=24)
"""So often all SKUs are asked for anew, with their barcodes."""
WARM = "summaries,fulfillmentAvailability,offers,relationships"
COLD = f"{WARM},attributes"
"""With all that was ever said of the product: much, and only for its barcode."""
OWN = "DEFAULT"
BARCODE = "externally_assigned_product_identifier"


class Catalogue:
    """Finds offers, and remembers which SKUs there are and their barcodes."""

    def __init__(self) -> None:
        self._barcodes: dict[str, str | None] = {}
        """Of every SKU that is known."""
        self._listed_at: datetime | None = None

    async def everything(self, ask: Reader) -> list[Item]:
        """All offers: ceil(N / 20) calls; beyond 1,000, once a day, those of a report besides."""
        first = await self._page(ask, None)
        total = whole(first.get("numberOfResults"))
        if total is None:
            raise ask.unclear()
        self._fits(ask)
        if total <= FARTHEST:
            return await self._paged(ask, first)
        found = {sku_of(item): item for item in records(first.get("items"))}
        await self._know(found, ask)
        rest = [sku for sku in self._barcodes if sku not in found]
        found |= await ask.by_sku(rest, WARM)
        self._keep(found.values())
        self._barcodes = {sku: self._barcodes.get(sku) for sku in found}
        return list(found.values())

    def _fits(self, ask: Reader) -> None:
        """What was listed a day ago is listed anew."""
        if self._listed_at is not None and ask.look.ended is not None and ask.look.ended - self._listed_at > EACH:
            self._listed_at, self._barcodes = None, {}

    async def _know(self, newest: Collection[str], ask: Reader) -> None:
        """Which SKUs there are. The newest stand first in a search: where none of them is known, more than those are
        new."""
        if self._listed_at is not None and any(sku in self._barcodes for sku in newest):
            self._barcodes |= {sku: None for sku in newest if sku not in self._barcodes}
            return
        try:
            self._barcodes |= await every_sku(ask)
            self._listed_at = ask.look.ended
        except CallFailed as failed:
            ask.look.lacking(in_words("amazon.no_report", name=ask.name, why=failed.what))
            told = await self._paged(ask, await self._page(ask, None), whole_list=False)
            self._barcodes |= {sku_of(item): None for item in told}

    async def _page(self, ask: Reader, token: str | None) -> Item:
        included = WARM if self._barcodes else COLD
        asked = {"includedData": included, "sortBy": "createdDate", "sortOrder": "DESC"}
        return await ask.search({**asked, "pageToken": token} if token else asked)

    async def _paged(self, ask: Reader, page: Item, *, whole_list: bool = True) -> list[Item]:
        """Page by page. What is put up or deleted meanwhile moves the pages under our reading place; a total that
        changes, or is not reached, shows it, and all is read again (I16)."""
        for _ in range(PASSES):
            items, totals = await self._once(ask, page)
            found = {sku: item for item in items if (sku := sku_of(item))}
            nameless = sum(not sku_of(item) for item in items)
            if not whole_list or totals == {len(found) + nameless}:
                break
            page = await self._page(ask, None)
        else:
            ask.look.lacking(in_words("amazon.counts", name=ask.name, total=max(totals), count=len(found)))
        if nameless:
            ask.look.lacking(in_words("amazon.nameless", name=ask.name, count=nameless))
        self._keep(found.values())
        self._listed_at = self._listed_at or ask.look.ended
        return list(found.values())

    async def _once(self, ask: Reader, page: Item) -> tuple[list[Item], set[int]]:
        """From this first page to the last: what is there, and how many there are said to be."""
        items, totals = records(page.get("items")), {whole(page.get("numberOfResults")) or 0}
        seen: set[str] = set()
        while isinstance(token := record(page.get("pagination")).get("nextToken"), str) and token:
            if token in seen:
                raise same_page(ask.name, in_words("http.nothing_do_stocksheet_tries"))
            seen.add(token)
            page = await self._page(ask, token)
            items += records(page.get("items"))
            totals.add(whole(page.get("numberOfResults")) or 0)
        return items, totals

    async def these(self, skus: Sequence[str], ask: Reader) -> dict[str, Item]:
        """Just these, fresh, by their SKU."""
        wanted = [sku for sku in dict.fromkeys(skus) if sku.strip()]
        found = await ask.by_sku(wanted, WARM if all(sku in self._barcodes for sku in wanted) else COLD)
        self._keep(found.values())
        return found

    async def count(self, ask: Reader) -> int:
        """How many there are, parents of families among them."""
        page = await ask.search({"pageSize": 1})
        return whole(page.get("numberOfResults")) or 0

    def _keep(self, items: Collection[Item]) -> None:
        for item in items:
            if "attributes" in item:
                self._barcodes[sku_of(item)] = _barcode(item)
            else:
                self._barcodes.setdefault(sku_of(item), None)

    def rows(self, items: Sequence[Item], ask: Reader) -> list[Row]:
        """LISTINGS rows. The parent of a family is no offer: nobody can buy it."""
        kept = [item for item in items if not is_parent(item)]
        unsaid = [item for item in kept if keeper_of(item) == "unsaid"]
        if unsaid:
            example = f"{_summary(item=unsaid[0]).get('itemName') or ''} ({sku_of(unsaid[0])})"
            ask.look.issues.append(in_words("amazon.unsaid", count=len(unsaid), example=example.strip()))
        return [_row(item, self._barcodes.get(sku_of(item)), ask) for item in kept]


def is_parent(item: Item) -> bool:
    """Of a family of variants (a box that holds other offers has children too, and can be bought)."""
    return any(each.get("type") == "VARIATION" and each.get("childSkus") for each in _relations(item))


def keeper_of(item: Item) -> str:
    """Who keeps its stock: `seller`, `amazon` (FBA), `elsewhere` (places of the seller's own, counted apart), or
    `unsaid`. Only what is the seller's alone may be set: a second entry beside Amazon's can turn the offer over."""
    codes = [text(each.get("fulfillmentChannelCode")) or "" for each in records(item.get("fulfillmentAvailability"))]
    if any(code.startswith("AMAZON") for code in codes):
        return "amazon"
    if codes == [OWN]:
        return "seller"
    return "elsewhere" if any(codes) else "unsaid"


def product_type(item: Item) -> str:
    """What a patch of it must name; PRODUCT is taken for any."""
    return text(_summary(item).get("productType")) or "PRODUCT"


def quantity_of(item: Item) -> int | None:
    """What buyers may have of the seller's own; None where that is not said."""
    return next((_units(each) for each in records(item.get("fulfillmentAvailability"))
                 if each.get("fulfillmentChannelCode") == OWN), None)  # fmt: skip


def _units(entry: Item) -> int | None:
    units = whole(entry.get("quantity"))
    return units if units is not None and units >= 0 else None


def _row(item: Item, barcode: str | None, ask: Reader) -> Row:
    sku, about, keeper = sku_of(item), _summary(item), keeper_of(item)
    title, asin = text(about.get("itemName")), text(about.get("asin"))
    units = quantity_of(item) if keeper == "seller" else None
    if keeper == "seller" and units is None:
        ask.look.issues.append(in_words("amazon.no_number", title=title or "", sku=sku))
    price = next(
        (record(each.get("price")) for each in records(item.get("offers")) if each.get("offerType") == "B2C"), {}
    )
    parents = next((each.get("parentSkus") for each in _relations(item) if each.get("type") == "VARIATION"), None)
    parent = text(parents[0]) if isinstance(parents, list) and parents else None
    return (
        ask.name,
        sku,
        sku,
        parent or asin or sku,
        title,
        None,
        text(sku),
        barcode,
        f"https://www.{ask.seller.market.domain}/dp/{asin}" if asin else None,
        text(price.get("amount")),
        text(price.get("currencyCode")),
        units,
        keeper == "seller",
        "active" if _on_sale(about, units) else "inactive",
        "marketplace" if keeper == "amazon" else "seller",
        moment(about.get("lastUpdatedDate")),
    )


def _on_sale(about: Item, units: int | None) -> bool:
    """What is sold out cannot be bought, and is still on sale."""
    status = about.get("status")
    shown = status if isinstance(status, list) else []
    return "BUYABLE" in shown or (units == 0 and "DISCOVERABLE" in shown)


def _summary(item: Item) -> Item:
    return next(iter(records(item.get("summaries"))), {})


def _relations(item: Item) -> list[Item]:
    return [each for market in records(item.get("relationships")) for each in records(market.get("relationships"))]


def _barcode(item: Item) -> str | None:
    codes = records(record(item.get("attributes")).get(BARCODE))
    return next((text(each.get("value")) for each in codes if text(each.get("value"))), None)
