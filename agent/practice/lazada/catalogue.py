"""Items as people put them up: with one SKU or several, in one warehouse or more, with campaigns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from agent.practice.base import Clock, Linked
from agent.practice.lazada.stock import Campaign, Item, Shelf, Sku

DEFAULT = "dropshipping"
"""The code of the warehouse that every seller has."""
FBL = "OMS-LAZADA-FBL"


class Catalogue(Linked):
    """Items by id. `warehouses`: code -> name."""

    def __init__(self, clock: Clock, warehouses: Mapping[str, str] | None = None) -> None:
        super().__init__(clock)
        self.warehouses = dict(warehouses or {DEFAULT: "Home"})
        self.items: dict[int, Item] = {}
        self._next = 2_146_785_001

    def new_id(self) -> int:
        self._next += 1
        return self._next - 1

    def add_simple(self, sku: str, name: str, quantity: Any, **more: Any) -> str:
        """An item with one SKU; quantity may be {warehouse: units}, None: Lazada keeps and ships it. Gives its key."""
        return self.add_product(name, [{"sku": sku, "quantity": quantity, **more}])[0]

    def add_product(self, name: str, skus: Sequence[Mapping[str, Any]]) -> list[str]:
        """An item with SKUs: {sku, options, quantity}. Gives their keys."""
        now = self.moment()
        item = Item(self.new_id(), name, now, now)
        self.items[item.id] = item
        for given in skus:
            item.skus.append(self._sku(item, given))
        return [sku.key for sku in item.skus]

    def _sku(self, item: Item, given: Mapping[str, Any]) -> Sku:
        quantity = given["quantity"]
        places = quantity if isinstance(quantity, Mapping) else {next(iter(self.warehouses)): quantity or 0}
        shelves = {code: Shelf(places.get(code, 0)) for code in self.warehouses}
        made = Sku(self.new_id(), item, given.get("sku") or "", dict(given.get("options", {})), shelves)
        made.price = given.get("price", 9.9)
        if quantity is None:
            made.fbl, made.shelves = 25, {}
        return made

    def sku(self, key: str) -> Sku:
        """The thing to buy of that key. Raises KeyError, StopIteration where it is gone."""
        item, _, id_ = key.partition("-")
        return next(each for each in self.items[int(item)].skus if each.id == int(id_))

    # -- what people do ----------------------------------------------------------------------------------------------

    def quantity(self, key: str) -> int | None:
        """What a buyer may order of the seller's own; None where Lazada keeps it or it is gone."""
        item = self.items.get(int(key.partition("-")[0]))
        found = next((each for each in item.skus if each.key == key), None) if item else None
        return found.sellable if found and found.shelves else None

    def type_quantity(self, key: str, units: int, warehouse: str | None = None) -> None:
        """Somebody types a number in the Seller Center."""
        shelves = self.sku(key).shelves
        shelves[next(iter(shelves)) if warehouse is None else warehouse].sellable = units

    def rename_sku(self, key: str, sku: str) -> None:
        self.sku(key).seller_sku = sku
        self.touch(self.sku(key).item)

    def keep_at_lazada(self, key: str) -> None:
        """From now on Lazada keeps and ships it."""
        sku = self.sku(key)
        sku.fbl, sku.shelves = sku.sellable, {}

    def set_status(self, key: str, status: str) -> None:
        """Of the whole item: Active, InActive, Deleted, Suspended ..."""
        self.sku(key).item.status = status
        self.touch(self.sku(key).item)

    def remove(self, key: str) -> None:
        """Somebody deletes an item, or one of its SKUs."""
        sku = self.sku(key)
        sku.item.skus.remove(sku)
        if not sku.item.skus:
            del self.items[sku.item.id]

    def campaign(self, key: str, locked: int, *, begins: float = 0, lasts: float = 86_400) -> Campaign:
        """The seller takes part in a campaign that keeps units for itself."""
        start = self.moment() + timedelta(seconds=begins)
        made = Campaign(f"c{self.new_id()}", start, start + timedelta(seconds=lasts), locked)
        self.sku(key).campaigns.append(made)
        return made

    def touch(self, item: Item) -> None:
        """An item's time of change moves with what its page says; not with a sale or a quantity, as far as anybody
        has documented."""
        item.updated = self.moment()
