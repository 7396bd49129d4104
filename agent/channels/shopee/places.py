"""The one warehouse of a Shopee shop whose stock Stocksheet keeps.

Most shops have a single place, which has no name: they are not on Shopee's list of shops with several, and their stock
carries no `location_id`. That refusal counts, whatever else its answer holds (observed in the vendor's own sample).
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.channels.places import Kept, Place, one_of, which_warehouse
from agent.channels.shopee.errors import Declined
from agent.channels.shopee.reader import Reader
from agent.channels.values import record, records, text

ALONE = "multi-warehouse whitelist"


class Places(Kept[Reader, Place, Place | None]):
    """The shop's warehouses, by their location ids. None is kept where the shop has a single place."""

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

    def _choose(self, found: Sequence[Place]) -> Place | None:
        if found and one_of(found, self._wanted) is None:
            raise which_warehouse(self._name, self._wanted, found)
        return one_of(found, self._wanted)
