"""The listings of the account, and what the seller does with them at eBay itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from agent.practice.base import Base, Clock
from agent.practice.ebay.stock import Key, Listing, Offer, Record, Variants, Variation

FIRST = 110_000_000_000
REVISIONS = 250


class Catalogue(Base):
    """Listings by their number, inventory items by their SKU, offers by their id."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.listings: dict[int, Listing] = {}
        self.records: dict[str, Record] = {}
        self.offers: dict[str, Offer] = {}
        self.out_of_stock_control = True
        self.usual_model = "trading"

    def moment(self) -> datetime:
        """Now, in whole milliseconds as eBay tells it."""
        now = self.clock()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    # -- listing -----------------------------------------------------------------------------------------------------

    def add_simple(
        self, sku: str | None, title: str, quantity: int | None, *, model: str | None = None, barcode: str | None = None
    ) -> int:
        """A listing without variations: its number. Quantity None: an auction. `model`: trading or inventory."""
        listing = self._new(title, "Chinese" if quantity is None else "FixedPriceItem")
        variation = Variation(sku, {}, 1 if quantity is None else quantity)
        listing.variations.append(variation)
        if (model or self.usual_model) == "inventory" and quantity is not None:
            self._offered(listing, variation, barcode)
        return listing.id

    def add_product(self, title: str, variants: Sequence[Variants], *, model: str | None = None) -> list[str]:
        """A listing with variations: the keys of each."""
        listing = self._new(title, "FixedPriceItem", varied=True)
        for each in variants:
            found: Any = each
            variation = Variation(found["sku"], dict(found["options"]), found["quantity"])
            listing.variations.append(variation)
            if (model or self.usual_model) == "inventory":
                self._offered(listing, variation, found.get("barcode"))
        return [f"{listing.id}/{place}" for place in range(len(listing.variations))]

    def _new(self, title: str, kind: str, *, varied: bool = False) -> Listing:
        listing = Listing(FIRST + len(self.listings) + 1, title, [], kind, varied=varied)
        self.listings[listing.id] = listing
        return listing

    def _offered(self, listing: Listing, variation: Variation, barcode: str | None) -> None:
        assert variation.sku is not None, "the Inventory API wants a SKU"
        variation.record = self.record(variation.sku, listing.title, variation.units, barcode)
        offer = Offer(f"{5_000_000_000 + len(self.offers)}", variation.sku, listing.id, variation.units)
        variation.offer = self.offers[offer.id] = offer

    def record(self, sku: str, title: str, quantity: int, barcode: str | None = None) -> Record:
        """An inventory item; by itself it is no listing."""
        return self.records.setdefault(sku, Record(sku, title, quantity, barcode))

    # -- looking -----------------------------------------------------------------------------------------------------

    def number(self, key: Key) -> int:
        """A listing's number, from the key of it or of one of its variations."""
        return int(str(key).partition("/")[0])

    def variation(self, key: Key) -> Variation:
        """What the key names."""
        return self.listings[self.number(key)].variations[int(str(key).partition("/")[2] or 0)]

    def quantity(self, key: Key) -> int | None:
        """What a buyer may buy; None of an auction."""
        listing = self.listings[self.number(key)]
        if listing.kind != "FixedPriceItem":
            return None
        return self.variation(key).available if listing.status == "Active" else 0

    def active(self) -> list[Listing]:
        """All that are for sale, or out of stock."""
        return [listing for listing in self.listings.values() if listing.status == "Active"]

    # -- deeds of the seller -----------------------------------------------------------------------------------------

    def type_quantity(self, key: Key, units: int) -> None:
        """Somebody types a quantity at eBay."""
        self.variation(key).set(units)

    def remove(self, key: Key) -> None:
        """The listing ends; a variation alone is taken out of it."""
        listing = self.listings[self.number(key)]
        if listing.varied and "/" in str(key):
            self.variation(key).gone = True
        if not listing.varied or not listing.shown:
            self.end(listing)

    def end(self, listing: Listing) -> None:
        """It is over, with its history; its offers are published no more."""
        listing.status = "Completed"
        for variation in listing.variations:
            if variation.offer is not None:
                variation.offer.listing = None

    def make_auction(self, key: Key) -> None:
        """Sold to the highest bidder from now on."""
        listing = self.listings[self.number(key)]
        listing.kind = "Chinese"
        for variation in listing.variations:
            if variation.offer is not None:
                variation.offer.format = "AUCTION"

    # -- changes -----------------------------------------------------------------------------------------------------

    def revised_too_often(self, listing: Listing) -> bool:
        """250 changes a calendar day."""
        midnight = self.moment().replace(hour=0, minute=0, second=0, microsecond=0)
        while listing.revisions and listing.revisions[0] < midnight:
            listing.revisions.popleft()
        return len(listing.revisions) >= REVISIONS

    def revise(self, listing: Listing, variation: Variation, units: int) -> None:
        """A quantity is set from outside; at 0 without out-of-stock control a listing ends."""
        listing.revisions.append(self.moment())
        variation.set(units)
        if not self.out_of_stock_control and not any(each.available for each in listing.variations):
            self.end(listing)

    def tomorrow(self) -> datetime:
        """When calls are counted anew."""
        return self.moment().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
