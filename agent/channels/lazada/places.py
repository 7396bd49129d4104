"""The one warehouse of a Lazada shop whose stock Stocksheet keeps.

Most shops have a single place, and must not name it when they set stock. Whether a shop has several is told by its list
of warehouses alone: a listing does not show those where it has nothing (the vendor's guide to inventory).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.channels.base import ChannelOut
from agent.channels.lazada.reader import Reader
from agent.channels.values import records, text
from agent.words import in_words

PATH = "seller/warehouse/get"
ASKED = {"addressTypes": '["warehouse"]'}
"""Without it, the answer may be wrong."""


@dataclass(frozen=True)
class Place:
    """A warehouse. `code`: what stock carries as `warehouseCode`."""

    code: str
    name: str


class Places:
    """The shop's warehouses, asked for once."""

    def __init__(self, name: str, wanted: str) -> None:
        """`wanted`: a name or a code; "" where there is only one."""
        self._name, self._wanted = name, wanted
        self._chosen: Place | None = None
        self._known = False

    def forget(self) -> None:
        """Something showed that the warehouses are others now."""
        self._known = False

    async def all(self, ask: Reader) -> list[Place]:
        """Every warehouse, also the only one. Raises CallFailed where none is told: no shop is without."""
        rows = records((await ask.ask(PATH, ASKED, under="result")).get("module"))
        places = {code: text(row.get("name")) or code for row in rows if (code := text(row.get("code")))}
        if not places:
            raise ask.unclear()
        return [Place(code, called) for code, called in places.items()]

    async def chosen(self, ask: Reader, *, again: bool = False) -> Place | None:
        """The one whose stock is kept; None where the shop has a single place. Raises ChannelOut `access` where it must
        be chosen."""
        if again or not self._known:
            self._chosen = self._choose(await self.all(ask))
            self._known = True
        return self._chosen

    def _choose(self, found: Sequence[Place]) -> Place | None:
        wanted = self._wanted.casefold()
        fitting = [each for each in found if not wanted or wanted in (each.name.casefold(), each.code.casefold())]
        if len(fitting) == 1:
            return fitting[0] if len(found) > 1 else None
        names = ", ".join(f"{each.name} ({each.code})" for each in found)
        sentence = "lazada.several_warehouses" if fitting else "lazada.no_warehouse_called"
        what = in_words(sentence, name=self._name, wanted=self._wanted, names=names)
        raise ChannelOut("access", what, in_words("lazada.choose_warehouse"))
