"""The one location of the shop whose stock Stocksheet keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.channels.base import ChannelOut
from agent.channels.places import Kept
from agent.channels.shopify.queries import LOCATIONS, number
from agent.channels.shopify.reader import Asking, Item
from agent.channels.values import record, text
from agent.words import in_words


@dataclass(frozen=True)
class Location:
    """A place where the shop stocks things."""

    id: str
    """Its whole id, gid://..."""
    name: str


class Locations(Kept[Asking, Location, Location]):
    """The shop's own locations; those of fulfilment services are theirs to count."""

    async def all(self, ask: Asking) -> list[Location]:
        """Every active location of the shop's own."""
        found = await ask.pages(LOCATIONS, "locations", {})
        return [
            Location(str(each.get("id")), text(each.get("name")) or "without a name")
            for each in found
            if number(each.get("id")) and each.get("isActive") is True and each.get("isFulfillmentService") is not True
        ]

    def _choose(self, found: Sequence[Location]) -> Location:
        wanted = self._wanted.casefold()
        fitting = [each for each in found if not wanted or wanted in (each.name.casefold(), number(each.id))]
        if len(fitting) == 1:
            return fitting[0]
        names = ", ".join(each.name for each in found) or "none"
        if wanted and not fitting:
            what = in_words("shopify.no_active_location_called", name=self._name, wanted=self._wanted, names=names)
        else:
            what = in_words("shopify.several_locations_not_said", name=self._name, names=names)
        raise ChannelOut("access", what, CHOOSE)

    def must_be_there(self, data: Item) -> None:
        """Raises ChannelOut where an answer shows that the chosen location is gone: it says nothing of levels then."""
        if record(data.get("location")).get("isActive") is True or not self._known:
            return
        self.forget()
        raise ChannelOut("access", in_words("shopify.closed_location", name=self._name, gone=self._chosen.name), CHOOSE)


CHOOSE = in_words("shopify.run_stocksheet_connect_for")
