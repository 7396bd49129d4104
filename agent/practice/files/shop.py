"""The shop: products, orders, what people do there, and the folder that its files go through."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from agent.practice.faults import Chances
from agent.practice.files.papers import Look, Refused
from agent.practice.late import Late

EXPORTS, ORDERS, IMPORTS = "from shop", "orders from shop", "to shop"
EPOCH_STEP = 1_000
"""Nanoseconds between two files of one moment."""


@dataclass(kw_only=True)
class Faults(Chances):
    """Besides those that all shops share."""

    imports: bool = True
    """Somebody carries the import files into the shop."""
    exports: bool = True
    """There are new exports."""
    ignores: set[int] = field(default_factory=set)
    """Products of which an import changes nothing, silently."""
    spoiled: set[int] = field(default_factory=set)
    """Products with nonsense where their quantity should be."""


@dataclass
class Habits:
    """What shops do differently."""

    look: Look = field(default_factory=Look)
    writes_for: float = 4.0
    """Seconds that an export is written to."""
    cancel_gives_back: bool = False
    exports_orders: bool = True
    tells_times: bool = True
    """Orders say the time of day, not only the day."""
    removes_imports: bool = True
    """An import file that was carried out is deleted."""


@dataclass
class Product:
    """One thing for sale. `quantity` None: not counted."""

    id: int
    sku: str
    title: str
    quantity: int | None
    options: str = ""
    parent: int | None = None
    price: int = 1250


@dataclass
class Sale:
    """A line of an order."""

    id: int
    product: int
    sku: str
    units: int
    refunded: int = 0


@dataclass
class Order:
    """A buyer's order."""

    id: int
    made: datetime
    state: str
    lines: list[Sale] = field(default_factory=list)
    shipped: datetime | None = None
    changed: datetime | None = None

    def copy(self) -> Order:
        return replace(self, lines=[replace(line) for line in self.lines])


class Shop:
    """One shop and its folder. Units leave a listing when they are ordered."""

    BUYER = ("Canary Buyer", "1 Canary Lane")

    def __init__(
        self, *, clock: Callable[[], datetime], rng: random.Random, folder: Path, name: str = "Corner"
    ) -> None:
        self.clock, self.rng, self.folder, self.name = clock, rng, folder, name
        self.faults, self.habits = Faults(), Habits()
        self.products: dict[int, Product] = {}
        self.orders: dict[int, Order] = {}
        self.taken: list[bytes] = []
        """Import files that it carried out."""
        self.refused: list[str] = []
        """Why it refused others."""
        self.unknown: list[str] = []
        """SKUs and ids of import files that it does not have."""
        self._late: Late[Order] = Late(clock, lambda: self.faults.order_visible_after)
        self._number, self._files = 1000, 0

    def new_id(self) -> int:
        self._number += 1
        return self._number

    # --- what people do

    def add_simple(
        self, sku: str, title: str, quantity: int | None, *, options: str = "", parent: int | None = None
    ) -> int:
        """A product; its id."""
        made = Product(self.new_id(), sku, title, quantity, options, parent)
        self.products[made.id] = made
        return made.id

    def add_product(self, title: str, variants: Sequence[tuple[str, str, int | None]]) -> list[int]:
        """A product in variants (SKU, options, quantity); their ids."""
        parent = self.new_id()
        return [self.add_simple(sku, title, units, options=said, parent=parent) for sku, said, units in variants]

    def quantity(self, product: int) -> int | None:
        """What a buyer sees."""
        return self.products[product].quantity

    def type_quantity(self, product: int, quantity: int | None) -> None:
        """Somebody types it in the shop's own admin."""
        self.products[product].quantity = quantity

    def remove(self, product: int) -> None:
        del self.products[product]

    def sell(self, product: int, units: int, state: str = "paid") -> int | None:
        """A buyer's order of one product; None where too few are shown."""
        there = self.products[product].quantity
        return None if there is not None and there < units else self.book_order([(product, units)], state).id

    def book_order(self, lines: Sequence[tuple[int, int]], state: str = "paid") -> Order:
        """An order of several (product, units)."""
        order = Order(self.new_id(), self.clock(), state)
        for product, units in lines:
            order.lines.append(Sale(self.new_id(), product, self.products[product].sku, units))
            self._move(product, -units)
        self.orders[order.id] = order
        self._touch(order)
        return order

    def set_state(self, id_: int, state: str) -> None:
        """Somebody sets the state of an order."""
        self.orders[id_].state = state
        self._touch(self.orders[id_])

    def ship(self, id_: int) -> None:
        if self.orders[id_].state != "cancelled":
            self.orders[id_].shipped = self.clock()
            self.set_state(id_, "shipped")

    def cancel(self, id_: int) -> None:
        if self.habits.cancel_gives_back and self.orders[id_].state != "cancelled":
            for line in self.orders[id_].lines:
                self._move(line.product, line.units)
        self.set_state(id_, "cancelled")

    def give_back(self, id_: int) -> None:
        """The whole order comes back, or is paid back before it was sent."""
        self.set_state(id_, "refunded")

    def delete_order(self, id_: int) -> None:
        del self.orders[id_]
        self._late.show(id_, None)

    def _move(self, product: int, units: int) -> None:
        found = self.products.get(product)
        if found is not None and found.quantity is not None:
            found.quantity += units

    def _touch(self, order: Order) -> None:
        order.changed = self.clock()
        self._late.show(order.id, order.copy())

    # --- the folder

    def turn(self) -> None:
        """Somebody, or a program, carries what lies there, and brings new exports."""
        if not self.folder.is_dir():
            return
        if self.faults.imports:
            self.imports()
        if self.faults.exports:
            self.exports()

    def exports(self) -> None:
        """The products and the orders as they stand now."""
        self._put(EXPORTS, "products", self.habits.look.written(self.product_rows()))
        if self.habits.exports_orders:
            self._put(ORDERS, "orders", self.habits.look.written(self.order_rows()))

    def product_rows(self) -> list[list[str | int]]:
        look = self.habits.look
        header = [
            *([look.id] if look.id else []),
            "Parent ID",
            look.sku,
            "Name",
            "Options",
            look.quantity,
            "Price",
            "Published",
        ]
        return [header, *(self._product(each) for each in self.products.values())]  # type: ignore[list-item]

    def _product(self, one: Product) -> list[str | int]:
        look = self.habits.look
        shown: str | int = "" if one.quantity is None else one.quantity
        shown = "<br/>none" if one.id in self.faults.spoiled else shown
        parent = "" if one.parent is None else str(one.parent)
        own: list[str | int] = [str(one.id)] if look.id else []
        return [*own, parent, one.sku, one.title, one.options, shown, look.money(one.price), "yes"]

    def order_rows(self) -> list[list[str | int]]:
        """One row a line; the buyer's name and address stand there as in any such export."""
        names = ["Order number", "Line ID", "Product ID", "SKU", "Quantity", "Status", "Order date", "Shipped at"]
        rows: list[list[str | int]] = [[*names, "Last modified", "Customer", "Street"]]
        for order in self._late.readable().values():
            times = [self._told(at) for at in (order.made, order.shipped, order.changed)]
            rows.extend(
                [str(order.id), str(line.id), str(line.product), line.sku, line.units, order.state, *times, *self.BUYER]
                for line in order.lines
            )
        return rows

    def _told(self, at: datetime | None) -> str:
        if at is None:
            return ""
        return f"{at:%Y-%m-%d %H:%M:%S.%f+00:00}" if self.habits.tells_times else f"{at:%Y-%m-%d}"

    def _put(self, folder: str, name: str, content: bytes) -> None:
        """A file appears as a whole, as from a program that writes beside and renames."""
        place = self.folder / folder
        place.mkdir(parents=True, exist_ok=True)
        target = place / f"{name}{self.habits.look.suffix}"
        part = place / f".{name}.part"
        part.write_bytes(content)
        self._files += 1
        at = self.clock() - timedelta(seconds=self.habits.writes_for)
        nanoseconds = int(at.timestamp()) * 10**9 + at.microsecond * 1000 + self._files * EPOCH_STEP
        os.utime(part, ns=(nanoseconds, nanoseconds))
        part.replace(target)

    def imports(self) -> None:
        """Carries out every import file that lies there, the oldest first."""
        for file in sorted((self.folder / IMPORTS).glob("*.*")):
            if file.is_file() and not file.name.startswith("."):
                self.take(file.read_bytes())
                if self.habits.removes_imports:
                    file.unlink()

    def take(self, content: bytes) -> None:
        """One import file. Rows that it does not know are passed over, as shops do."""
        try:
            rows = self.habits.look.read(content)
        except Refused as refused:
            self.refused.append(str(refused))
            return
        self.taken.append(content)
        for row in rows:
            self._set(row)

    def _set(self, row: dict[str, str]) -> None:
        look, units = self.habits.look, row[self.habits.look.quantity]
        if not units.isdecimal():
            self.refused.append(f"no quantity: {units}")
            return
        named = row.get(look.id or "", "") or None
        one = self.products.get(int(named)) if named else self._by_sku(row.get(look.sku, ""))
        if one is None or (look.sku in row and row[look.sku] != one.sku):
            self.unknown.append(str(row))
        elif one.quantity is not None and one.id not in self.faults.ignores:
            one.quantity = int(units)

    def _by_sku(self, sku: str) -> Product | None:
        return next((each for each in self.products.values() if each.sku == sku), None)
