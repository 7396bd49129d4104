"""What a shop sells and where it lies: adding, finding and changing it as a person in Shopify's admin would."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from agent.practice.base import Base, Clock
from agent.practice.shopify.stock import Item, Level, Location, Product, Variant

Given = Mapping[str, Any]

# Ids are longer than 32 bits in a real shop, and one kind's ids say nothing of another's.
_FIRST = {
    "Product": 10220854182194,
    "ProductVariant": 51364592877874,
    "InventoryItem": 53469430055218,
    "Location": 106318430514,
    "Order": 8837986943282,
    "LineItem": 22334455667788,
    "Refund": 1090519040306,
    "RefundLineItem": 700000000306,
    "FulfillmentOrder": 9876549042482,
    "FulfillmentOrderLineItem": 20202020202020,
    "Fulfillment": 6543210123456,
    "FulfillmentLineItem": 16161616161616,
    "BulkOperation": 7933223797042,
    "InventoryAdjustmentGroup": 54640716251442,
}
_STEP = 32768
_FIRST_LEVEL = 143273001266


class Catalogue(Base):
    """Products, inventory items and locations by id."""

    # Shopify documents that a sale's stock movement counts as an update of the *product*; whether it moves the
    # variant's updatedAt is not documented and was not recorded. Tests may set it to False.
    stock_touches_variant = True

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.products: dict[int, Product] = {}
        self.variants: dict[int, Variant] = {}
        self.items: dict[int, Item] = {}
        self.locations: dict[int, Location] = {}
        self._last = dict(_FIRST)
        self._owners: dict[str, set[int]] = {}

    def new_id(self, kind: str) -> int:
        self._last[kind] += _STEP
        return self._last[kind] - _STEP

    # -- places ------------------------------------------------------------------------------------------------------

    def add_location(
        self, name: str, *, active: bool = True, online: bool = True, fulfillment_service: bool = False
    ) -> int:
        """A place with stock; the first one is where stock goes when nothing else is said."""
        now = self.moment()
        number = _FIRST_LEVEL + _STEP * len(self.locations)
        location = Location(self.new_id("Location"), number, name, now, now, active, online, fulfillment_service)
        location.is_primary = not self.locations
        self.locations[location.id] = location
        return location.id

    def close_location(self, location_id: int, closed: bool = True) -> None:
        """Nothing is stocked at, or sent from, a closed location; its quantities stay written down."""
        location = self.locations[location_id]
        location.is_active, location.updated_at = not closed, self.moment()
        location.deactivated_at = self.moment() if closed else None

    @property
    def main_location(self) -> int:
        """The id of the location that was there first."""
        return next(iter(self.locations))

    # -- products ----------------------------------------------------------------------------------------------------

    def add_simple(self, sku: str | None, title: str, quantity: int | Mapping[int, int] | None, **more: Any) -> int:
        """A product with its one default variant: the variant's id. See `add_product` for quantity and the rest."""
        of_product = {name: more.pop(name) for name in ("status", "vendor", "product_type", "tags") if name in more}
        _, (variant,) = self.add_product(title, [{"sku": sku, "quantity": quantity, **more}], **of_product)
        return variant

    def add_product(
        self,
        title: str,
        variants: Iterable[Given],
        *,
        status: str = "ACTIVE",
        vendor: str = "",
        product_type: str = "",
        tags: Iterable[str] = (),
    ) -> tuple[int, list[int]]:
        """A product: its id and its variants' ids.

        A variant is {sku, quantity, options, barcode, price, policy, bundle, shares}. `quantity`: units at the main
        location, {location id: units}, or None where nobody tracks it. `shares` is the id of a variant whose inventory
        item it shares.
        """
        now = self.moment()
        product = Product(self.new_id("Product"), title, _handle(title), now, now, status, vendor, product_type)
        product.tags = list(tags)
        self.products[product.id] = product
        return product.id, [self.add_variant(product.id, given) for given in variants]

    def add_variant(self, product_id: int, given: Given) -> int:
        """One more variant of a product: its id."""
        now, product = self.moment(), self.products[product_id]
        shared = given.get("shares")
        item = self.variants[shared].inventory_item if shared else self._new_item(given.get("quantity"))
        options = dict(given.get("options") or {"Title": "Default Title"})
        variant = Variant(self.new_id("ProductVariant"), product, item, None, options, now, now)
        variant.barcode, variant.price = given.get("barcode"), Decimal(str(given.get("price", "9.90")))
        variant.inventory_policy = given.get("policy", "DENY")
        variant.requires_components = bool(given.get("bundle"))
        self.variants[variant.id] = variant
        product.variants.append(variant)
        item.variants.append(variant)
        self._set_sku(variant, given.get("sku"))
        return variant.id

    def _new_item(self, quantity: int | Mapping[int, int] | None) -> Item:
        now = self.moment()
        item = Item(self.new_id("InventoryItem"), now, now, tracked=quantity is not None)
        self.items[item.id] = item
        lies = quantity if isinstance(quantity, Mapping) else {self.main_location: quantity or 0}
        for location_id, units in lies.items():
            self.stock_at(item, self.locations[location_id]).counted["available"] = units
        return item

    def stock_at(self, item: Item, location: Location, active: bool = True) -> Level:
        """The item's level at the location, made where there is none yet."""
        level = item.levels.get(location.id)
        if level is None:
            now = self.moment()
            level = item.levels[location.id] = Level(item, location, now, now, active, {}, now)
        level.is_active = level.is_active or active
        return level

    def unstock(self, variant_id: int, location_id: int) -> None:
        """A person unticks a location; the quantities stay for the day it is ticked again."""
        level = self.variants[variant_id].inventory_item.levels[location_id]
        level.is_active, level.updated_at = False, self.moment()

    # -- finding -----------------------------------------------------------------------------------------------------

    def owners(self, sku: str) -> list[Variant]:
        """Variants with that SKU, any case."""
        return [self.variants[owner] for owner in sorted(self._owners.get(sku.strip().lower(), ()))]

    def level(self, variant_id: int, location_id: int | None = None) -> Level | None:
        """Where a variant's stock at a location is written down; None where it was never stocked there."""
        item = self.variants[variant_id].inventory_item
        return item.levels.get(location_id or self.main_location)

    def quantity(self, variant_id: int, location_id: int | None = None, name: str = "available") -> int | None:
        """Units at the location (the main one where none is named); None where it is not stocked."""
        level = self.level(variant_id, location_id)
        return level.quantity(name) if level is not None else None

    # -- changing ----------------------------------------------------------------------------------------------------

    def type_quantity(self, variant_id: int, quantity: int, location_id: int | None = None) -> None:
        """A person types what is available in the admin."""
        item = self.variants[variant_id].inventory_item
        level = self.stock_at(item, self.locations[location_id or self.main_location])
        self.move(level, "available", quantity - level.quantity("available"))

    def type_on_hand(self, variant_id: int, quantity: int, location_id: int | None = None) -> None:
        """A person counts what lies there and types it; what is available follows."""
        item = self.variants[variant_id].inventory_item
        level = self.stock_at(item, self.locations[location_id or self.main_location])
        self.move(level, "available", quantity - level.quantity("on_hand"))

    def move(self, level: Level, name: str, difference: int) -> None:
        """Change one counted quantity; nothing is touched where nothing changes."""
        if not difference:
            return
        level.counted[name] = level.counted.get(name, 0) + difference
        level.updated_at = self.moment()
        if name == "available":
            level.available_at = level.updated_at
        for variant in level.item.variants:
            variant.product.updated_at = level.updated_at
            if self.stock_touches_variant:
                variant.updated_at = level.updated_at

    def rename_sku(self, variant_id: int, sku: str | None) -> None:
        self._set_sku(self.variants[variant_id], sku)
        self.touch(self.variants[variant_id])

    def set_status(self, product_id: int, status: str) -> None:
        """ACTIVE, ARCHIVED, DRAFT or UNLISTED. Whether the variants' updatedAt moves as well is not documented: no."""
        self.products[product_id].status = status
        self.products[product_id].updated_at = self.moment()

    def set_tracked(self, variant_id: int, tracked: bool) -> None:
        item = self.variants[variant_id].inventory_item
        item.tracked, item.updated_at = tracked, self.moment()
        for variant in item.variants:
            self.touch(variant)

    def touch(self, variant: Variant) -> None:
        variant.updated_at = variant.product.updated_at = self.moment()

    def delete_variant(self, variant_id: int) -> None:
        """Gone for good; a product without variants goes too."""
        variant = self.variants[variant_id]
        self._forget(variant)
        variant.product.variants.remove(variant)
        variant.product.updated_at = self.moment()
        if not variant.product.variants:
            del self.products[variant.product.id]

    def delete_product(self, product_id: int) -> None:
        """Gone for good, with its variants."""
        for variant in self.products.pop(product_id).variants:
            self._forget(variant)

    def _forget(self, variant: Variant) -> None:
        self._set_sku(variant, None)
        del self.variants[variant.id]
        item = variant.inventory_item
        if len(item.variants) > 1:
            item.variants.remove(variant)
        else:
            del self.items[item.id]

    def _set_sku(self, variant: Variant, sku: str | None) -> None:
        self._owners.get((variant.sku or "").strip().lower(), set()).discard(variant.id)
        variant.sku = sku
        if sku:
            self._owners.setdefault(sku.strip().lower(), set()).add(variant.id)


def _handle(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
