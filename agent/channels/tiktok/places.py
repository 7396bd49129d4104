"""Which of the seller's shops, and which of its warehouses: asked for once.

One yes may cover several shops, and each call names its shop by a cipher. A shop with several warehouses keeps one of
them in sync; the quantities of the others are written back as they are (agent.channels.tiktok.push).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.channels.base import ChannelOut
from agent.channels.places import Kept, Place, named, one_of, which_warehouse
from agent.channels.tiktok.reader import Item, Reader, number
from agent.channels.values import text
from agent.words import in_words


@dataclass(frozen=True)
class Shop:
    """One of the seller's shops."""

    id: str
    name: str
    region: str
    cipher: str


class Shops(Kept[Reader, Shop, Shop]):
    """The shops that the seller's yes covers."""

    async def all(self, ask: Reader) -> list[Shop]:
        """Every one."""
        data = await ask.get("authorization/202309/shops")
        return [shop for row in ask.listed(data, "shops") if (shop := _shop(row))]

    def _choose(self, found: Sequence[Shop]) -> Shop:
        if one := one_of(found, self._wanted):
            return one
        which = "tiktok.no_such_shop" if self._wanted else "tiktok.several_shops" if found else "tiktok.no_shop"
        what = in_words(which, name=self._name, wanted=self._wanted, why=named(found))
        raise ChannelOut("access", what, in_words("tiktok.choose_shop", channel=self._name))


def _shop(row: Item) -> Shop | None:
    id_, cipher = number(row.get("id")), text(row.get("cipher"))
    if id_ is None or cipher is None:
        return None
    return Shop(id_, text(row.get("name")) or id_, text(row.get("region")) or "", cipher)


@dataclass(frozen=True)
class Warehouse(Place):
    """One of the seller's from which orders are sent."""

    status: str = "ENABLED"
    """RESTRICTED: holiday mode, or TikTok limits its orders. DISABLED: nothing in it is for sale."""


@dataclass(frozen=True)
class Places:
    """The warehouses of the shop: ours, and all of the seller's. What is in neither belongs to TikTok."""

    ours: Warehouse
    all: frozenset[str]

    @property
    def alone(self) -> bool:
        return len(self.all) == 1


class Warehouses(Kept[Reader, Warehouse, Places]):
    """The shop's warehouses: the one whose stock is kept, and the others."""

    async def all(self, ask: Reader) -> list[Warehouse]:
        """Every warehouse that orders are sent from."""
        data = await ask.get("logistics/202309/warehouses")
        rows = ask.listed(data, "warehouses") if data else []
        sending = [row for row in rows if row.get("type") != "RETURN_WAREHOUSE"]
        return [
            Warehouse(id_, text(row.get("name")) or id_, text(row.get("effect_status")) or "ENABLED")
            for row in sending
            if (id_ := number(row.get("id")))
        ]

    def _choose(self, found: Sequence[Warehouse]) -> Places:
        if one := one_of(found, self._wanted):
            return Places(one, frozenset(each.id for each in found))
        if not found:
            what = in_words("tiktok.no_warehouse", name=self._name)
            raise ChannelOut("access", what, in_words("tiktok.add_warehouse"))
        raise which_warehouse(self._name, self._wanted, found)
