"""The products of a shop: adding, finding and changing them as a person in the shop's admin would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from agent.practice.base import Base, Clock
from agent.practice.woocommerce.stock import Product


class Catalogue(Base):
    """Products by id. Ids are shared with orders and refunds, as WordPress shares them."""

    def __init__(self, clock: Clock, first_id: int = 11) -> None:
        super().__init__(clock)
        self.products: dict[int, Product] = {}
        self._owners: dict[str, set[int]] = {}
        self._next_id = first_id

    def moment(self) -> datetime:
        """Now, UTC without a zone, in whole seconds as a shop stores it."""
        return self.clock().astimezone(UTC).replace(tzinfo=None, microsecond=0)

    def new_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def add_simple(
        self,
        sku: str,
        name: str,
        quantity: int | None,
        *,
        price: str = "9.90",
        barcode: str = "",
        status: str = "publish",
        backorders: str = "no",
    ) -> int:
        """A simple product; quantity None: its stock is not managed. SKUs are not checked, as an import would not."""
        product = self._new("simple", sku, name, quantity)
        product.price, product.barcode, product.status, product.backorders = price, barcode, status, backorders
        product.settle()
        return product.id

    def add_variable(
        self, sku: str, name: str, variations: Iterable[Mapping[str, Any]], parent_quantity: int | None = None
    ) -> tuple[int, list[int]]:
        """A variable product. A variation is {sku, options, quantity}; quantity "parent" leaves it to the parent."""
        parent = self._new("variable", sku, name, parent_quantity)
        return parent.id, [self._add_variation(parent, each) for each in variations]

    def _add_variation(self, parent: Product, given: Mapping[str, Any]) -> int:
        quantity = None if given["quantity"] == "parent" else given["quantity"]
        child = self._new("variation", given["sku"], parent.name, quantity)
        child.options, child.parent = dict(given.get("options", {})), parent
        child.price, child.barcode = given.get("price", parent.price), given.get("barcode", "")
        parent.children.append(child)
        return child.id

    def _new(self, kind: str, sku: str, name: str, quantity: int | None) -> Product:
        now = self.moment()
        product = Product(self.new_id(), kind, "", name, now, now, manage=quantity is not None, quantity=quantity)
        self.products[product.id] = product
        self.set_sku(product, sku)
        product.settle()
        return product

    def set_sku(self, product: Product, sku: str) -> None:
        self._owners.get(_plain(product.sku), set()).discard(product.id)
        product.sku = sku
        if sku:
            self._owners.setdefault(_plain(sku), set()).add(product.id)

    def owners(self, sku: str) -> list[Product]:
        """Products and variations with that SKU, any case; the trashed too."""
        return [self.products[owner] for owner in sorted(self._owners.get(_plain(sku), ()))]

    def touch(self, product: Product) -> None:
        """Every save moves date_modified, of a variation its parent's as well (observed on WooCommerce 11.0.1)."""
        product.modified = self.moment()
        if product.parent is not None:
            product.parent.modified = product.modified

    def shift(self, product_id: int, difference: int) -> bool:
        """Move the counted quantity by a sale or a return; False where nobody counts."""
        product = self.products.get(product_id)
        counted = product.counted if product is not None else None
        if counted is None:
            return False
        counted.quantity = (counted.quantity or 0) + difference
        counted.settle()
        self.touch(counted)
        return True

    def quantity(self, product_id: int) -> int | None:
        """What a buyer may see; None where stock is not managed."""
        return self.products[product_id].shown_quantity

    def type_quantity(self, product_id: int, quantity: int) -> None:
        """A person types a quantity in the admin; for a parent-managed variation, at its parent."""
        product = self.products[product_id].counted or self.products[product_id]
        product.manage, product.quantity = True, quantity
        product.settle()
        self.touch(product)

    def rename_sku(self, product_id: int, sku: str) -> None:
        self.set_sku(self.products[product_id], sku)
        self.touch(self.products[product_id])

    def trash(self, product_id: int) -> None:
        """To the bin; its variations go with it."""
        product = self.products[product_id]
        for each in (product, *product.children):
            each.status = "trash"
        self.touch(product)

    def delete_product(self, product_id: int) -> None:
        """Gone for good, with its variations."""
        product = self.products[product_id]
        if product.parent is not None:
            product.parent.children.remove(product)
        for each in (product, *product.children):
            self.set_sku(each, "")
            del self.products[each.id]


def _plain(sku: str) -> str:
    return sku.strip().lower()
