"""Products as people put them up: with one SKU or several, in one warehouse or several, bundles, what TikTok keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from agent.practice.base import Clock, Linked
from agent.practice.tiktok.stock import TIKTOKS, Allocation, Product, Sku, Warehouse

MAIN = "7068517275539719942"


class Catalogue(Linked):
    """Products and SKUs by id. `warehouses`: id -> name, the first is the default one."""

    def __init__(self, clock: Clock, warehouses: Mapping[str, str] | None = None) -> None:
        super().__init__(clock)
        named = dict(warehouses or {MAIN: "Main warehouse"})
        self.warehouses = [Warehouse(id_, name, default=at == 0) for at, (id_, name) in enumerate(named.items())]
        self.products: dict[str, Product] = {}
        self.skus: dict[str, Sku] = {}
        self._next = 1_729_592_969_712_207_000

    def new_id(self) -> str:
        self._next += 1
        return str(self._next - 1)

    def add_simple(self, sku: str, title: str, quantity: Any, **more: Any) -> str:
        """A product with one SKU; quantity may be {warehouse: units}, None: TikTok keeps it. Gives the SKU's id."""
        return self.add_product(title, [{"sku": sku, "quantity": quantity, **more}])[1][0]

    def add_product(self, title: str, skus: Sequence[Mapping[str, Any]]) -> tuple[str, list[str]]:
        """A product with SKUs: {sku, options, quantity, ...}. Gives its id and theirs."""
        now = self.moment()
        product = Product(self.new_id(), title, now, now)
        self.products[product.id] = product
        for each in skus:
            made = self._sku(product, each)
            product.skus.append(made)
            self.skus[made.id] = made
        return product.id, [each.id for each in product.skus]

    def add_bundle(self, sku: str, title: str, parts: Mapping[str, int]) -> str:
        """A virtual bundle of other SKUs: its stock is what they give."""
        made = self.skus[self.add_simple(sku, title, 0)]
        made.parts = dict(parts)
        return made.id

    def _sku(self, product: Product, given: Mapping[str, Any]) -> Sku:
        quantity = given["quantity"]
        if isinstance(quantity, Mapping):
            stock = dict(quantity)
        else:
            stock = {TIKTOKS: 25} if quantity is None else {self.warehouses[0].id: quantity}
        made = Sku(self.new_id(), product, given.get("sku") or "", dict(given.get("options", {})), stock)
        made.barcode, made.price = given.get("barcode", ""), given.get("price", "9.90")
        return made

    def units(self, sku: Sku, warehouse: str) -> int:
        """What can be ordered of it there; of a bundle, what its parts give."""
        if not sku.parts:
            return sku.stock.get(warehouse, 0)
        return min(self.skus[part].stock.get(warehouse, 0) // count for part, count in sku.parts.items())

    # -- what people do ----------------------------------------------------------------------------------------------

    def quantity(self, sku: str) -> int | None:
        """What a buyer sees of the seller's own; None where TikTok keeps it or it is gone."""
        found = self.skus.get(sku)
        if found is None or set(found.stock) == {TIKTOKS}:
            return None
        return sum(self.units(found, place) for place in found.stock if place != TIKTOKS)

    def type_quantity(self, sku: str, units: int, warehouse: str | None = None) -> None:
        """Somebody types a number in the Seller Center."""
        found = self.skus[sku]
        found.stock[next(iter(found.stock)) if warehouse is None else warehouse] = units

    def rename_sku(self, sku: str, new: str) -> None:
        self.skus[sku].seller_sku = new
        self.touch(self.skus[sku].product)

    def keep_at_tiktok(self, sku: str) -> None:
        """From now on TikTok keeps and ships it."""
        found = self.skus[sku]
        found.stock = {TIKTOKS: sum(found.stock.values())}
        self.touch(found.product)

    def set_status(self, product: str, status: str) -> None:
        """ACTIVATE, SELLER_DEACTIVATED, PLATFORM_DEACTIVATED, FREEZE, DRAFT, PENDING, FAILED, DELETED."""
        self.products[product].status = status
        self.touch(self.products[product])

    def remove(self, sku: str) -> None:
        """Somebody deletes a SKU, and the product with its last one."""
        found = self.skus.pop(sku)
        found.product.skus.remove(found)
        if found.product.skus:
            self.touch(found.product)
        else:
            self.set_status(found.product.id, "DELETED")

    def allocate(self, sku: str, units: int, *, kind: str = "campaign", lasts: float = 86_400) -> Allocation:
        """Units of it are set aside for a campaign or a creator."""
        made = Allocation(kind, f"Summer {kind}", units, self.moment() + timedelta(seconds=lasts))
        self.skus[sku].allocations.append(made)
        return made

    def touch(self, product: Product) -> None:
        """A product's update_time moves when it is edited. Whether a change of stock moves it is not documented: here
        it does not, so that nobody can rely on it."""
        product.updated = self.moment()
