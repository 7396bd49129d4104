"""The one warehouse of the seller's own whose stock Stocksheet keeps. Takealot's own warehouses (DC) are never among
them: what lies there is Takealot's to count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.channels.answers import Look
from agent.channels.base import ChannelOut, Lane
from agent.channels.places import one_of, which_warehouse
from agent.channels.takealot.reader import Item, Reader
from agent.channels.values import records, text, whole
from agent.words import in_words

NONE = in_words("takealot.add_warehouse")


@dataclass(frozen=True)
class Warehouse:
    """One of the seller's."""

    id: int
    name: str


class Warehouses:
    """Those of one seller's account."""

    def __init__(self, reader: Reader, wanted: str) -> None:
        """`wanted`: a name or the number of one; "" where there is only one."""
        self._reader, self._wanted = reader, wanted
        self._chosen: Warehouse | None = None

    async def seller(self, lane: Lane, look: Look) -> Item:
        """The account as Takealot shows it."""
        return await self._reader.get("seller", {"expands": "warehouses"}, lane, look)

    def all_of(self, seller: Item) -> list[Warehouse]:
        """The warehouses that an account shows."""
        return [
            Warehouse(id_, text(each.get("name")) or str(id_))
            for each in records(seller.get("warehouses"))
            if (id_ := whole(each.get("seller_warehouse_id")))
        ]

    async def chosen(self, lane: Lane, look: Look) -> Warehouse:
        """The warehouse whose stock is kept. Raises ChannelOut `access` where it must be chosen."""
        return self._chosen or self.choose(self.all_of(await self.seller(lane, look)))

    def choose(self, found: Sequence[Warehouse]) -> Warehouse:
        """Of these. Raises ChannelOut `access` where a person must say which."""
        name, self._chosen = self._reader.name, one_of(found, self._wanted)
        if self._chosen is not None:
            return self._chosen
        if not found:
            raise ChannelOut("access", in_words("takealot.no_warehouse", name=name), NONE)
        raise which_warehouse(name, self._wanted, found, "warehouse")
