"""The one warehouse of a Lazada shop whose stock Stocksheet keeps.

Most shops have a single place, and must not name it when they set stock. Whether a shop has several is told by its list
of warehouses alone: a listing does not show those where it has nothing (the vendor's guide to inventory).
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.channels.lazada.reader import Reader
from agent.channels.places import Kept, Place, one_of, which_warehouse
from agent.channels.values import records, text

PATH = "seller/warehouse/get"
ASKED = {"addressTypes": '["warehouse"]'}
"""Without it, the answer may be wrong."""


class Places(Kept[Reader, Place, Place | None]):
    """The shop's warehouses, by their codes. None is kept where there is a single one."""

    async def all(self, ask: Reader) -> list[Place]:
        """Every warehouse, also the only one. Raises CallFailed where none is told: no shop is without."""
        rows = records((await ask.ask(PATH, ASKED, under="result")).get("module"))
        places = {code: text(row.get("name")) or code for row in rows if (code := text(row.get("code")))}
        if not places:
            raise ask.unclear()
        return [Place(code, called) for code, called in places.items()]

    def _choose(self, found: Sequence[Place]) -> Place | None:
        if (one := one_of(found, self._wanted)) is None:
            raise which_warehouse(self._name, self._wanted, found)
        return one if len(found) > 1 else None
