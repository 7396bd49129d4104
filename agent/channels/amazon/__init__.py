"""Amazon, Selling Partner API, in the order of agent.channels.base: CAN, SETTINGS, connect, and the channel's verbs.

One channel is one seller in one country. Kept is what the seller ships (FBM); what Amazon keeps and ships (FBA) is
read, marked and never written. The parts: `access` (the way in), `markets`, `doors` (calls and limits), `errors`,
`reader` (questions), `listings` with `reports`, `orders`, `inbound` (what is sent to Amazon), `push` with `feeds`. From
the vendor's models: Listings Items 2021-08-01, Orders 2026-01-01, Reports and Feeds 2021-06-30, Sellers v1, FBA
Inventory v1.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl

from agent.channels.amazon.access import ASKED, FIXES, HOST, SETTINGS, WAYS, Exchange, of_login, put
from agent.channels.amazon.doors import Doors
from agent.channels.amazon.errors import Declined
from agent.channels.amazon.inbound import Inbound
from agent.channels.amazon.listings import Catalogue, keeper_of
from agent.channels.amazon.markets import MARKETS, market_of
from agent.channels.amazon.orders import DATA, OrderBook, order_rows
from agent.channels.amazon.orders import PATH as ORDERS
from agent.channels.amazon.push import BATCH, Pusher
from agent.channels.amazon.reader import Item, Reader, Seller, sku_of
from agent.channels.answers import Look
from agent.channels.auth import TokenAuth
from agent.channels.base import Account, Can, ChannelOut, Finding, Lane, ListingsRead, OrdersRead
from agent.channels.http import Http, Ports, allowed
from agent.channels.pushing import Handed
from agent.channels.reads import Row, listings_read, orders_read
from agent.channels.rights import lacking
from agent.channels.settings import filled
from agent.channels.tokens import Access
from agent.channels.values import record, records, text
from agent.words import in_words

__all__ = ["CAN", "SETTINGS", "WAYS", "Amazon", "connect", "offers"]

CAN = Can(
    title="Amazon",
    write="set",
    batch=BATCH,
    read="yes",
    changed=False,
    applies="later",
    apply_limit=1800.0,
    orders="yes",
    decrements="order",
    restocks_cancel=False,
    shared_quantity=False,
    locations=False,
    lag=150.0,
    max_quantity=None,
    requests_per_second=5.0,
    burst=5,
    poll=200.0,
    notes={
        "write": "No compare-and-set; a sale in the moment of a push is overwritten, and found by the next read.",
        "batch": "Up to 50 quantities go by a call each; more go in one feed, which Amazon works off within minutes.",
        "changed": "Nobody says that a change of stock moves the time that Amazon tells of an offer: all are read "
        "again, 20 a call.",
        "apply_limit": "What was accepted mostly stands within a minute; how long it may take is not said anywhere, "
        "half an hour is waited for.",
        "orders": "What you ship yourself; Amazon shows two years of it, and no refunds or returns.",
        "decrements": "At the order, while the payment is still pending.",
        "restocks_cancel": "What a buyer cancels comes back by itself, what you cancel for want of stock does not; "
        "which it was is seen by the next read.",
        "locations": "One country each, and your own default stock; supply sources of your own are left alone. Of one "
        "account Amazon keeps one quantity a SKU in all countries of a region (America, Europe): connect one of them, "
        "orders are read from all.",
        "lag": "Amazon shows no order before it has been unchanged for two minutes.",
        "poll": "Amazon takes one search of orders in three minutes.",
        "keep_active": "An offer at 0 cannot be bought, and is back with the next quantity above 0.",
        "untracked": "What Amazon keeps and ships (FBA) is shown and never written, its twin that you ship is.",
    },
)


async def offers(name: str, settings: Mapping[str, str], ports: Ports) -> tuple[str, ...]:
    """Which `WAYS` there are: a practice shop only where one is named."""
    return ("practice",) if settings.get("url") else ("app",)


def connect(name: str, settings: Mapping[str, str], ports: Ports) -> Amazon:
    """The channel of this name. Raises ChannelOut where a setting is missing or cannot be right."""
    given = filled(name, settings, SETTINGS, FIXES, needed=ASKED)
    market = market_of(given["country"])
    if market is None:
        what = in_words("amazon.no_such_country", name=name, typed=given["country"])
        raise ChannelOut("access", what, in_words("amazon.countries", known=", ".join(MARKETS)))
    secrets = (given["client_secret"], given["refresh_token"])
    door = Http(
        name, f"{given['url'] or HOST}/", ports, requests_per_second=1, burst=5, fixes=FIXES, secrets=secrets,
        said=of_login, **allowed(settings),
    )  # fmt: skip
    exchange = Exchange(name, door, ports.clock, given["client_id"], given["client_secret"], given["refresh_token"])
    auth = TokenAuth(Access(ports.tokens, ports.clock, exchange.renew), put, ports.clock)
    doors = Doors(name, f"{given['url'] or market.host}/", ports, auth, secrets=secrets, allowed=allowed(settings))
    return Amazon(doors, door, Seller(given["seller_id"], market), ports)


class Amazon:
    """One seller in one country."""

    def __init__(self, doors: Doors, login: Http, seller: Seller, ports: Ports) -> None:
        self.name = doors.name
        self.can = CAN
        self._doors, self._login, self._seller, self._clock = doors, login, seller, ports.clock
        self._catalogue = Catalogue()
        self._inbound = Inbound()
        self._order_book = OrderBook(ports.clock, seller.market.id)
        self._pusher = Pusher(doors, seller, self._catalogue)

    async def account(self) -> Account:
        """Who answers; proves the right to read offers and orders and to write quantities. Raises ChannelOut."""
        ask = self._asking("audit")
        about = await self._here(ask)
        count = await self._may_all(ask)
        market = record(about.get("marketplace"))
        return Account(
            id=f"{self._seller.id}@{self._seller.market.id}",
            name=text(about.get("storeName")) or self.name,
            country=text(market.get("countryCode")) or self._seller.market.country,
            currency=text(market.get("defaultCurrencyCode")) or "",
            listings=count,
            beyond=in_words("amazon.beyond"),
        )

    def shares_stock(self, account_id: str) -> bool:
        """The same seller in another country of the same region: what is set of a SKU holds in all of them."""
        seller, _, market = account_id.partition("@")
        return seller == self._seller.id and bool(self._seller.market.with_neighbours([market])[1:])

    async def _here(self, ask: Reader) -> Item:
        """The account in this country. Raises ChannelOut where it does not sell there."""
        found = records((await ask.get("sellers", "sellers/v1/marketplaceParticipations")).get("payload"))
        id_ = self._seller.market.id
        taking = [each for each in found if record(each.get("participation")).get("isParticipating") is True]
        named = [text(record(each.get("marketplace")).get("id")) or "" for each in taking]
        self._order_book.countries = self._seller.market.with_neighbours(named)
        here = next((each for each in found if record(each.get("marketplace")).get("id") == id_), None)
        if here is None or record(here.get("participation")).get("isParticipating") is False:
            countries = [text(record(each.get("marketplace")).get("countryCode")) for each in found]
            known = ", ".join(filter(None, countries))
            what = in_words("amazon.not_there", name=self.name, country=self._seller.market.country)
            raise ChannelOut("access", what, in_words("amazon.sells_in", known=known or None))
        return here

    async def _may_all(self, ask: Reader) -> int:
        """Name every role that is missing, at once (R5); gives how many offers there are. Raises ChannelOut."""
        count, missing = 0, []
        try:
            count = await self._catalogue.count(ask)
        except Declined as declined:
            if declined.meant.kind != "denied":
                raise ChannelOut(
                    "access", in_words("amazon.wrong_seller", name=self.name), FIXES.renewal(self.name)
                ) from None
            missing.append(in_words("amazon.role_listings"))
        if await self._denied(self._may_read_orders(ask)):
            missing.append(in_words("amazon.role_orders"))
        if not missing and await self._denied(self._may_write()):
            missing.append(in_words("amazon.role_listings"))
        if missing:
            raise lacking(self.name, missing, in_words("amazon.give_roles", command=FIXES.renewal(self.name)))
        return count

    async def _denied(self, proof: Awaitable[object]) -> bool:
        try:
            await proof
        except Declined as declined:
            if declined.meant.kind == "denied":
                return True
        return False

    async def _may_read_orders(self, ask: Reader) -> None:
        since = self._clock.now() - timedelta(minutes=5)
        asked = {"lastUpdatedAfter": f"{since:%Y-%m-%dT%H:%M:%SZ}", "marketplaceIds": self._seller.market.id}
        await ask.get("orders", ORDERS, {**asked, "maxResultsPerPage": 1, "includedData": DATA})

    async def _may_write(self) -> None:
        """A patch that is only looked at, of a SKU that nobody has: it is judged or refused, and changes nothing."""
        value = [{"fulfillment_channel_code": "DEFAULT", "quantity": 0}]
        patch = {"op": "merge", "path": "/attributes/fulfillment_availability", "value": value}
        await self._doors.call(
            "patch", "PATCH", self._seller.item("stocksheet-only-looking"), lane="audit", idempotent=True,
            params={"marketplaceIds": self._seller.market.id, "mode": "VALIDATION_PREVIEW"},
            json={"productType": "PRODUCT", "patches": [patch]},
        )  # fmt: skip

    async def preflight(self) -> Sequence[Finding]:
        """Whether the account's offers are shown at all, and what Amazon keeps of them. Raises ChannelOut."""
        ask = self._asking("audit")
        about = await self._here(ask)
        country = self._seller.market.country
        found = [Finding("ok", in_words("amazon.kept", name=self.name, country=country))]
        if record(about.get("participation")).get("hasSuspendedListings") is True:
            found.append(Finding("fix", in_words("amazon.switched_off", name=self.name), in_words("amazon.switch_on")))
        return [*found, Finding("note", in_words("amazon.fba_note", name=self.name))]

    async def listings(
        self, only: Sequence[str] | None = None, since: datetime | None = None, lane: Lane = "audit"
    ) -> ListingsRead:
        """Offers: all, or just these (agent.channels.base). Raises ChannelOut."""
        ask = self._asking(lane)
        found = (
            await self._catalogue.everything(ask)
            if only is None
            else list((await self._catalogue.these(only, ask)).values())
        )
        read = listings_read(self._catalogue.rows(found, ask), ask.look, self._clock, only, None)
        if only is not None:
            return read
        kept = [sku_of(item) for item in found if keeper_of(item) == "amazon"]
        return replace(read, inbound=await self._inbound.on_the_way(kept, ask))

    async def orders(self, since: datetime | None, also: Sequence[str] = (), lane: Lane = "orders") -> OrdersRead:
        """Lines of orders that the seller ships (agent.channels.base). Raises ChannelOut."""
        ask = self._asking(lane)
        orders = await self._order_book.changed(since, ask)
        seen = {text(order.get("orderId")) for order in orders}
        orders += await self._order_book.by_number([id_ for id_ in dict.fromkeys(also) if id_ not in seen], ask)
        rows: list[Row] = [row for order in orders for row in order_rows(order, ask)]
        return orders_read(rows, ask.look, self._clock, also, {text(order.get("orderId")) for order in orders})

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """Set quantities of what the seller ships. Never raises ChannelOut."""
        return await self._pusher.push(changes, lane)

    async def hand_in(self, changes: pl.DataFrame, lane: Lane) -> Handed:
        """The same, without waiting for how it went (agent.channels.pushing)."""
        return await self._pusher.hand_in(changes, lane)

    async def close(self) -> None:
        """Let go of connections."""
        await self._doors.close()
        await self._login.close()

    def _asking(self, lane: Lane) -> Reader:
        return Reader(self._doors, self._seller, lane, Look())
