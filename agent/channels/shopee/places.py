"""The one warehouse of a Shopee shop whose stock Stocksheet keeps.

Most shops have a single place, which has no name: they are not on Shopee's list of shops with several, and their stock
carries no `location_id`. That refusal counts, whatever else its answer holds (observed in the vendor's own sample).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.channels.base import ChannelOut
from agent.channels.shopee.errors import Declined
from agent.channels.shopee.reader import Reader
from agent.channels.values import record, records, text
from agent.words import in_words

ALONE = "multi-warehouse whitelist"
CHOOSE = in_words("shopee.choose_warehouse")


@dataclass(frozen=True)
class Place:
    """A warehouse. `id`: what stock carries as `location_id`."""

    id: str
    name: str


class Places:
    """The shop's warehouses, asked for once."""

    def __init__(self, name: str, wanted: str) -> None:
        """`wanted`: a name or a location id; "" where there is only one."""
        self._name, self._wanted = name, wanted
        self._chosen: Place | None = None
        self._known = False

    def forget(self) -> None:
        """Something showed that the warehouses are others now."""
        self._known = False

    async def all(self, ask: Reader) -> list[Place]:
        """Every pick-up warehouse; none where the shop has a single place."""
        try:
            answer = await ask.answer("shop/get_warehouse_detail", {"warehouse_type": 1})
        except Declined as declined:
            if ALONE in declined.meant.message.lower() or "legal warehouse" in declined.meant.message.lower():
                return []
            raise
        rows = records(record(answer.json).get("response"))
        places = {id_: text(row.get("warehouse_name")) or id_ for row in rows if (id_ := text(row.get("location_id")))}
        return [Place(id_, called) for id_, called in places.items()]

    async def chosen(self, ask: Reader, *, again: bool = False) -> Place | None:
        """The one whose stock is kept; None where the shop has a single place. Raises ChannelOut `access` where it must
        be chosen."""
        if again or not self._known:
            self._chosen = self._choose(await self.all(ask))
            self._known = True
        return self._chosen

    def _choose(self, found: Sequence[Place]) -> Place | None:
        wanted = self._wanted.casefold()
        fitting = [each for each in found if not wanted or wanted in (each.name.casefold(), each.id.casefold())]
        if len(fitting) == 1 or not found:
            return fitting[0] if fitting else None
        names = ", ".join(f"{each.name} ({each.id})" for each in found)
        if wanted and not fitting:
            what = in_words("shopee.no_warehouse_called", name=self._name, wanted=self._wanted, names=names)
        else:
            what = in_words("shopee.several_warehouses", name=self._name, names=names)
        raise ChannelOut("access", what, CHOOSE)
