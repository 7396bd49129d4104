"""Takealot, in the order of agent.channels.base: CAN, SETTINGS, connect, and the channel's verbs.

The parts: `reader` (the two interfaces, pages), `warehouses`, `listings`, `orders`, `push` with `refusals`. Read
through the Marketplace API v1, from what is known of it; set through the Seller API v2, from the vendor's swagger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import polars as pl

from agent.channels.answers import CallFailed, Look
from agent.channels.base import Account, Can, ChannelOut, Finding, Lane, ListingsRead, OrdersRead, Setting, Way
from agent.channels.http import Http, Ports, allowed
from agent.channels.pushing import Handed
from agent.channels.reads import listings_read, orders_read
from agent.channels.rights import lacking
from agent.channels.settings import filled, practice_address
from agent.channels.takealot.listings import Catalogue
from agent.channels.takealot.orders import EVERY, SalesBook
from agent.channels.takealot.push import BATCH, Pusher
from agent.channels.takealot.reader import FIXES, Declined, Reader, addresses
from agent.channels.takealot.warehouses import Warehouses
from agent.channels.values import text, whole
from agent.words import in_words

__all__ = ["CAN", "SETTINGS", "WAYS", "Takealot", "connect", "offers"]

CAN = Can(
    title="Takealot",
    write="set",
    batch=BATCH,
    read="yes",
    changed=False,
    applies="later",
    apply_limit=1800.0,
    orders="yes",
    decrements="payment",
    restocks_cancel=False,
    shared_quantity=False,
    locations=True,
    lag=60.0,
    max_quantity=None,
    requests_per_second=2.0,
    burst=10,
    poll=60.0,
    notes={
        "write": "No compare-and-set; a sale in the moment of a push is overwritten, and found by the next read.",
        "batch": "One quantity goes by itself and stands at once; more go in a batch that Takealot works off later.",
        "changed": "Takealot does not say which offers changed: all are read again, 1,000 a call.",
        "apply_limit": "How long a batch may take is not said anywhere; half an hour is waited for.",
        "decrements": "An order appears when it is paid, and takes its units off your own stock then; what is sold out "
        "of Takealot's warehouses is none of yours.",
        "restocks_cancel": "Whether a cancelled order puts its units back is not documented; they are pushed back.",
        "locations": "One warehouse of your own; Takealot's warehouses are read and never written.",
        "lag": "Not documented; what is measured counts if it is longer.",
        "poll": "Takealot asks not to be polled; the day's sales and those still to be sent are one call, those of a "
        f"month are read every {EVERY / 60:.0f} minutes.",
    },
)

SETTINGS = (
    Setting("api_key", "API key", True, "The long line that the Seller Portal has just shown. It is shown once."),
    Setting(
        "warehouse",
        "Warehouse",
        False,
        "Only if you have several warehouses at Takealot: the name or number of the one whose stock you keep here.",
        optional=True,
    ),
    practice_address(),
)
WAYS = (
    Way(
        "key",
        "With the API key of your Seller Portal",
        (
            "Open https://sellers.takealot.com and sign in.",
            "Go to API Integrations > Authentication.",
            "Takealot keeps one active key a seller: making a new one switches off the key that another tool of yours "
            "may use. If another tool uses one, paste that same key here instead of making a new one.",
            "Choose Generate API Key, and copy it. Takealot shows it once.",
        ),
        ("api_key",),
    ),
    Way("practice", "A practice shop on this computer", (), ("url", "api_key")),
)


async def offers(name: str, settings: Mapping[str, str], ports: Ports) -> tuple[str, ...]:
    """Which `WAYS` there are: a practice shop only where one is named."""
    return ("practice",) if settings.get("url") else ("key",)


def connect(name: str, settings: Mapping[str, str], ports: Ports) -> Takealot:
    """The channel of this name. Raises ChannelOut where the key is missing or the address may not be called."""
    given = filled(name, settings, SETTINGS, FIXES)
    doors = addresses(given["url"], given["api_key"])
    reads, writes = (
        Http(
            name,
            address,
            ports,
            requests_per_second=CAN.requests_per_second,
            burst=CAN.burst,
            fixes=FIXES,
            auth=key,
            secrets=(given["api_key"],),
            **allowed(settings),
        )
        for address, key in doors
    )
    return Takealot(name, reads, writes, ports, given["warehouse"])


class Takealot:
    """One seller's account."""

    def __init__(self, name: str, reads: Http, writes: Http, ports: Ports, warehouse: str = "") -> None:
        self.name = name
        self.can = CAN
        self._reads, self._writes, self._clock = reads, writes, ports.clock
        self._reader = Reader(name, reads)
        self._warehouses = Warehouses(self._reader, warehouse)
        self._catalogue = Catalogue(self._reader)
        self._sales = SalesBook(self._reader, ports.clock)
        self._pusher = Pusher(name, writes, ports)

    async def account(self) -> Account:
        """Who answers; proves that the key opens both interfaces, and that there is a warehouse to set stock at."""
        look = Look()
        seller = await self._warehouses.seller("audit", look)
        id_ = whole(seller.get("seller_id"))
        if id_ is None:
            raise ChannelOut("host", in_words("takealot.something_else_answers", name=self.name), FIXES.address)
        places = self._warehouses.all_of(seller)
        self._warehouses.choose(places)
        await self._may_write()
        countries = seller.get("countries")
        return Account(
            id=str(id_),
            name=text(seller.get("display_name")) or self.name,
            country=str(countries[0]) if isinstance(countries, list) and countries else "ZA",
            currency="ZAR",
            listings=await self._catalogue.count(look),
            locations=tuple(place.name for place in places),
            beyond=in_words("takealot.beyond"),
        )

    async def _may_write(self) -> None:
        """The Seller API takes the key, too (R5). Raises ChannelOut."""
        try:
            answer = await self._writes.request("GET", "offers/count", lane="audit", idempotent=True)
        except CallFailed as failed:
            if failed.kind != "access":
                raise
            raise lacking(self.name, [in_words("takealot.to_set_stock")], FIXES.renewal(self.name)) from None
        if answer.status != 200:
            raise Declined(self.name, self._writes, answer)

    async def preflight(self) -> Sequence[Finding]:
        """The account's own settings that decide about stock. Raises ChannelOut."""
        seller = await self._warehouses.seller("audit", Look())
        place = self._warehouses.choose(self._warehouses.all_of(seller))
        found = [Finding("ok", in_words("takealot.stock_kept", name=self.name, place=place.name))]
        if seller.get("leadtime_enabled") is False:
            what = in_words("takealot.leadtime_off", name=self.name)
            found.append(Finding("fix", what, in_words("takealot.switch_leadtime_on")))
        if seller.get("on_vacation") is True:
            found.append(Finding("note", in_words("takealot.on_vacation", name=self.name)))
        return [*found, Finding("note", in_words("takealot.one_key_note", name=self.name))]

    async def listings(
        self, only: Sequence[str] | None = None, since: datetime | None = None, lane: Lane = "audit"
    ) -> ListingsRead:
        """Offers: all, or just these (agent.channels.base). Raises ChannelOut."""
        look = Look()
        place = await self._warehouses.chosen(lane, look)
        found = await (
            self._catalogue.everything(lane, look) if only is None else self._catalogue.these(only, lane, look)
        )
        rows = self._catalogue.rows(self.name, found, place, look)
        read = listings_read(rows, look, self._clock, only, since)
        return replace(read, set_out=self._catalogue.set_out(found, read.ended))

    async def orders(self, since: datetime | None, also: Sequence[str] = (), lane: Lane = "orders") -> OrdersRead:
        """Order items (agent.channels.base). Raises ChannelOut."""
        look = Look()
        sales = await self._sales.changed(since, lane, look)
        seen = {text(sale.get("order_id")) for sale in sales}
        sales += await self._sales.by_id([id_ for id_ in also if id_ not in seen], lane, look)
        rows = self._sales.rows(self.name, sales, look, only_open=since is None)
        return orders_read(rows, look, self._clock, also, {text(sale.get("order_id")) for sale in sales})

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """Set leadtime stock: ceil(N / 10,000) calls. Never raises ChannelOut."""
        return await self._pusher.push(changes, lane)

    async def hand_in(self, changes: pl.DataFrame, lane: Lane) -> Handed:
        """The same, without waiting for how it went (agent.channels.pushing)."""
        return await self._pusher.hand_in(changes, lane)

    async def close(self) -> None:
        """Let go of connections."""
        await self._reads.close()
        await self._writes.close()
