"""Which of the seller's shops, and which of its warehouses: asked for once.

One yes may cover several shops, and each call names its shop by a cipher. A shop with several warehouses keeps one of
them in sync; the quantities of the others are written back as they are (agent.channels.tiktok.push).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.channels.base import ChannelOut
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


class Shops:
    """The shops that the seller's yes covers."""

    def __init__(self, name: str, wanted: str) -> None:
        """`wanted`: a name or an id; "" where there is only one."""
        self._name, self._wanted = name, wanted.casefold()
        self._chosen: Shop | None = None

    async def chosen(self, ask: Reader, *, again: bool = False) -> Shop:
        """The one that is kept. Raises ChannelOut `access` where it must be chosen."""
        if again or self._chosen is None:
            data = await ask.get("authorization/202309/shops")
            self._chosen = self._choose([shop for row in ask.listed(data, "shops") if (shop := _shop(row))])
        return self._chosen

    def _choose(self, found: Sequence[Shop]) -> Shop:
        fitting = [each for each in found if self._wanted in ("", each.name.casefold(), each.id)]
        if len(fitting) == 1:
            return fitting[0]
        names = ", ".join(f"{each.name} ({each.id})" for each in found)
        which = "tiktok.no_such_shop" if self._wanted else "tiktok.several_shops" if found else "tiktok.no_shop"
        what = in_words(which, name=self._name, wanted=self._wanted, why=names)
        raise ChannelOut("access", what, in_words("tiktok.choose_shop", channel=self._name))


def _shop(row: Item) -> Shop | None:
    id_, cipher = number(row.get("id")), text(row.get("cipher"))
    if id_ is None or cipher is None:
        return None
    return Shop(id_, text(row.get("name")) or id_, text(row.get("region")) or "", cipher)


@dataclass(frozen=True)
class Place:
    """A warehouse of the seller's from which orders are sent."""

    id: str
    name: str
    status: str = "ENABLED"
    """RESTRICTED: holiday mode, or TikTok limits its orders. DISABLED: nothing in it is for sale."""


@dataclass(frozen=True)
class Places:
    """The warehouses of the shop: ours, and all of the seller's. What is in neither belongs to TikTok."""

    ours: Place
    all: frozenset[str]

    @property
    def alone(self) -> bool:
        return len(self.all) == 1


class Warehouses:
    """The shop's warehouses."""

    def __init__(self, name: str, wanted: str) -> None:
        """`wanted`: a name or an id; "" where there is only one."""
        self._name, self._wanted = name, wanted.casefold()
        self._known: Places | None = None

    async def found(self, ask: Reader) -> list[Place]:
        """Every warehouse that orders are sent from."""
        data = await ask.get("logistics/202309/warehouses")
        rows = ask.listed(data, "warehouses") if data else []
        sending = [row for row in rows if row.get("type") != "RETURN_WAREHOUSE"]
        return [
            Place(id_, text(row.get("name")) or id_, text(row.get("effect_status")) or "ENABLED")
            for row in sending
            if (id_ := number(row.get("id")))
        ]

    async def chosen(self, ask: Reader, *, again: bool = False) -> Places:
        """The one whose stock is kept, and the others. Raises ChannelOut `access` where it must be chosen."""
        known = None if again else self._known
        if known is None:
            found = await self.found(ask)
            self._known = None  # what was known is so no more, whatever is found
            known = self._known = self._choose(found)
        return known

    def _choose(self, found: Sequence[Place]) -> Places:
        fitting = [each for each in found if self._wanted in ("", each.name.casefold(), each.id)]
        if len(fitting) == 1:
            return Places(fitting[0], frozenset(each.id for each in found))
        names = ", ".join(f"{each.name} ({each.id})" for each in found)
        several = "tiktok.several_warehouses" if found else "tiktok.no_warehouse"
        which = "tiktok.no_such_warehouse" if self._wanted else several
        what = in_words(which, name=self._name, wanted=self._wanted, why=names)
        raise ChannelOut("access", what, in_words("tiktok.choose_warehouse", channel=self._name))
