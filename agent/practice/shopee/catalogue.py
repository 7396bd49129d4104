"""Items as people put them up: with and without models, in one place or several, with campaigns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from agent.practice.base import Clock, Linked
from agent.practice.shopee.stock import Campaign, Item, Model

Key = str | int
"""What people call a thing to buy: 34001, or "34001-77" for a model."""


class Catalogue(Linked):
    """Items by id. `warehouses`: location -> name; "" alone where the shop has a single place."""

    def __init__(self, clock: Clock, warehouses: Mapping[str, str] | None = None) -> None:
        super().__init__(clock)
        self.warehouses = dict(warehouses or {"": ""})
        self.items: dict[int, Item] = {}
        self._next = 34_001

    def new_id(self) -> int:
        self._next += 1
        return self._next - 1

    def add_simple(self, sku: str, name: str, quantity: int | None, **more: Any) -> int:
        """An item without models; quantity None: Shopee keeps and ships it. Gives its id."""
        item = self._new(name, sku)
        self._model(item, 0, {"sku": sku, "quantity": quantity, **more})
        return item.id

    def add_product(self, name: str, models: Sequence[Mapping[str, Any]], sku: str = "") -> tuple[int, list[str]]:
        """An item with models: {sku, options, quantity}; quantity may be {location: units}. Gives ids and keys."""
        item = self._new(name, sku)
        for each in models:
            self._model(item, self.new_id(), each)
        return item.id, [model.key for model in item.models]

    def _new(self, name: str, sku: str) -> Item:
        now = self.moment()
        item = Item(self.new_id(), name, sku, now, now)
        self.items[item.id] = item
        return item

    def _model(self, item: Item, id_: int, given: Mapping[str, Any]) -> None:
        quantity = given["quantity"]
        first = next(iter(self.warehouses))
        stock = dict(quantity) if isinstance(quantity, Mapping) else {first: quantity or 0}
        model = Model(id_, item, given.get("sku") or "", dict(given.get("options", {})), stock)
        model.barcode, model.price = given.get("barcode", ""), given.get("price", 9.9)
        if quantity is None:
            model.by_shopee, model.at_shopee = True, 25
        item.models.append(model)

    def model(self, key: Key) -> Model:
        """The thing to buy of that name."""
        item, _, model = str(key).partition("-")
        return next(each for each in self.items[int(item)].models if each.id == int(model or 0))

    # -- what people do ----------------------------------------------------------------------------------------------

    def quantity(self, key: Key) -> int | None:
        """What a buyer sees of the seller's own; None where Shopee keeps it or it is gone."""
        item = self.items.get(int(str(key).partition("-")[0]))
        if item is None or not any(each.key == str(key) for each in item.models):
            return None
        model = self.model(key)
        return None if model.by_shopee else model.units

    def type_quantity(self, key: Key, units: int, location: str | None = None) -> None:
        """Somebody types a number in the Seller Centre."""
        model = self.model(key)
        model.stock[next(iter(model.stock)) if location is None else location] = units
        self.touch(model.item)

    def rename_sku(self, key: Key, sku: str) -> None:
        model = self.model(key)
        model.sku = sku
        if not model.id:
            model.item.sku = sku
        self.touch(model.item)

    def keep_at_shopee(self, key: Key) -> None:
        """From now on Shopee keeps and ships it."""
        model = self.model(key)
        model.by_shopee, model.at_shopee = True, model.units
        model.stock = dict.fromkeys(model.stock, 0)
        self.touch(model.item)

    def set_status(self, item_id: int, status: str) -> None:
        """NORMAL, UNLIST, BANNED, REVIEWING, SELLER_DELETE, SHOPEE_DELETE."""
        self.items[item_id].status = status
        self.touch(self.items[item_id])

    def remove(self, key: Key) -> None:
        """Somebody deletes an item, or one of its models."""
        model = self.model(key)
        if model.id and len(model.item.models) > 1:
            model.item.models.remove(model)
            self.touch(model.item)
        else:
            del self.items[model.item.id]

    def campaign(
        self, key: Key, reserved: int, *, begins: float = 0, lasts: float = 86_400, kind: str = "flash_sale"
    ) -> Campaign:
        """A promotion is agreed that keeps units for itself, in so many seconds from now and for so long."""
        now = self.moment()
        start = now + timedelta(seconds=begins)
        made = Campaign(self.new_id(), kind, start, start + timedelta(seconds=lasts), reserved)
        self.model(key).campaigns.append(made)
        return made

    def touch(self, item: Item) -> None:
        """An item's update_time moves with any change of it, its price or its stock (as documented)."""
        item.updated = self.moment()
