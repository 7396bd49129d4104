"""Takealot's offers, in our words (LISTINGS): one row an offer, its quantity that of the seller's chosen warehouse.

Stock at Takealot's own warehouses and on the way there is told apart: it is never pushed and never counted as ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from agent.channels.answers import Look
from agent.channels.base import Lane
from agent.channels.reads import Row, parts
from agent.channels.takealot.reader import Item, Params, Reader
from agent.channels.takealot.warehouses import Warehouse
from agent.channels.values import moment, records, text, whole
from agent.words import in_words

EXPANDS = ("seller_warehouse_stock", "takealot_warehouse_stock")
AT_ONCE = 100
"""Offers asked for by their numbers in one call: an address must not be too long."""
ENDED = ("disabled_by_seller", "disabled_by_takealot")
ON_THE_WAY_FOR = timedelta(hours=24)
"""For so long units that set out for a warehouse of Takealot's may explain units that are missing."""


class Catalogue:
    """Finds offers, and remembers what was on the way to Takealot."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._on_the_way: dict[str, int] = {}
        self._set_out: dict[str, tuple[int, datetime]] = {}

    async def everything(self, lane: Lane, look: Look) -> list[Item]:
        """All offers: 1,000 a call."""
        return await self._reader.all("offers", {"expands": EXPANDS}, lane, look)

    async def these(self, only: Sequence[str], lane: Lane, look: Look) -> list[Item]:
        """Just these, fresh; one that is gone is left out by Takealot."""
        found: list[Item] = []
        for some in parts(sorted({each for each in only if each.isascii() and each.isdecimal()}), AT_ONCE):
            params: Params = {"expands": EXPANDS, "offer_id__in": some}
            found += await self._reader.all("offers", params, lane, look)
        return found

    async def count(self, look: Look) -> int | None:
        """How many offers there are."""
        page = await self._reader.get("offers", {"limit": 1, "include_count": "true"}, "audit", look)
        return whole(page.get("count"))

    def rows(self, channel: str, offers: Sequence[Item], place: Warehouse, look: Look) -> list[Row]:
        """LISTINGS rows."""
        rows = []
        for offer in offers:
            if id_of(offer) is None:
                look.lacking(in_words("takealot.without_number", title=_title(offer)))
            else:
                rows.append(_listing(channel, offer, place, look))
        return rows

    def set_out(self, offers: Sequence[Item], now: datetime) -> dict[str, int]:
        """Listing -> units that set out for a warehouse of Takealot's within the last day, as far as reads showed it
        (REQUIREMENTS S3-12)."""
        for offer in offers:
            id_, on_way = str(id_of(offer)), _units(offer, "stock_on_way")
            before = self._on_the_way.get(id_, on_way)
            self._on_the_way[id_] = on_way
            if on_way > before:
                units, at = self._set_out.get(id_, (0, now))
                self._set_out[id_] = ((units if now - at <= ON_THE_WAY_FOR else 0) + on_way - before, now)
        self._set_out = {id_: each for id_, each in self._set_out.items() if now - each[1] <= ON_THE_WAY_FOR}
        return {id_: units for id_, (units, _) in self._set_out.items()}


def id_of(offer: Item) -> int | None:
    found = whole(offer.get("offer_id"))
    return found if found and found > 0 else None


def _units(offer: Item, name: str) -> int:
    """Units at Takealot's own warehouses (`quantity_available`), or on the way there (`stock_on_way`)."""
    return sum(whole(each.get(name)) or 0 for each in records(offer.get("takealot_warehouse_stock")))


def _listing(channel: str, offer: Item, place: Warehouse, look: Look) -> Row:
    id_, line = id_of(offer), whole(offer.get("productline_id"))
    kept, quantity = _stock(offer, place, look)
    theirs = _units(offer, "quantity_available") + _units(offer, "stock_on_way")
    return (
        channel,
        str(id_),
        f"offer/{id_}/{place.id}",
        str(line or whole(offer.get("tsin_id")) or id_),
        text(offer.get("title")),
        None,
        text(offer.get("sku")),
        text(offer.get("barcode")),
        f"https://www.takealot.com/x/PLID{line}" if line else None,
        text(offer.get("selling_price")),
        "ZAR",
        quantity,
        kept,
        "inactive" if offer.get("status") in ENDED else "active",
        "marketplace" if not kept and theirs > 0 else "seller",
        moment(offer.get("updated_at")),
    )


def _stock(offer: Item, place: Warehouse, look: Look) -> tuple[bool, int | None]:
    """Whether Takealot counts leadtime stock of it at this warehouse, and how much. Absent is not zero (I11)."""
    said = offer.get("seller_warehouse_stock")
    mine = [each for each in records(said) if whole(each.get("seller_warehouse_id")) == place.id]
    named = {"title": _title(offer), "listing": str(id_of(offer)), "place": place.name}
    if not isinstance(said, list):
        look.issues.append(in_words("takealot.not_said_how_much", **named))
        return True, None
    if not mine:
        if whole(offer.get("minimum_leadtime_days")) is not None:
            look.issues.append(in_words("takealot.no_stock_at", **named))
        return False, None
    quantity = whole(mine[0].get("quantity_available"))
    if quantity is None:
        look.issues.append(in_words("takealot.no_number_at", **named))
    return True, quantity


def _title(offer: Item) -> str:
    return text(offer.get("title")) or in_words("takealot.an_offer")
