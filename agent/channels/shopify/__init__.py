"""Shopify, Admin GraphQL 2026-10, in the order of agent.channels.base: CAN, SETTINGS, connect, and the channel's verbs.

The parts: `queries` (all that is ever sent), `access` (the ways to connect, address, tokens, permissions), `reader`
(questions, pages, what errors mean), `locations`, `listings` with `bulk`, `orders`, `push` with `outcomes`. Written
from the vendor's schema and documentation, and from recorded answers of 2025-01 and 2026-04.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

import polars as pl

from agent.channels.answers import Look
from agent.channels.auth import TokenAuth
from agent.channels.base import Account, Can, ChannelOut, Finding, Lane, ListingsRead, OrdersRead, Setting
from agent.channels.http import Http, Ports, allowed, not_connected
from agent.channels.reads import Row, listings_read, orders_read
from agent.channels.shopify.access import (
    ALL_ORDERS,
    DEV_DASHBOARD,
    EARLY,
    FIXES,
    WAYS,
    Exchange,
    lacking,
    put,
    shop_address,
)
from agent.channels.shopify.listings import Catalogue, Shop
from agent.channels.shopify.locations import Locations
from agent.channels.shopify.orders import OrderBook
from agent.channels.shopify.outcomes import LARGEST
from agent.channels.shopify.push import BATCH, Pusher
from agent.channels.shopify.queries import ACCOUNT, VERSION, number
from agent.channels.shopify.reader import Asking, Reader, said
from agent.channels.tokens import Access, InMemory, Tokens
from agent.channels.values import record, records, text
from agent.words import in_words

__all__ = ["CAN", "SETTINGS", "WAYS", "Shopify", "connect"]

CAN = Can(
    title="Shopify",
    write="compare_and_set",
    batch=BATCH,
    read="yes",
    changed=True,
    applies="at once",
    apply_limit=120.0,
    orders="yes",
    decrements="order",
    restocks_cancel=True,
    shared_quantity=True,
    locations=True,
    lag=10.0,
    max_quantity=LARGEST,
    requests_per_second=100.0,
    burst=1000,
    poll=10.0,
    notes={
        "write": "Each quantity says from which it was changed; a sale in between refuses it, and it is decided again.",
        "batch": "Shopify takes 250 in one list; one wrong item refuses the whole, then the rest goes again.",
        "changed": "By the product's time of change, which Shopify moves with its stock, seen some seconds late; what "
        "it should miss is found by the full read.",
        "apply_limit": "A request without an answer ends after 60 s; its outcome is unknown until the next read.",
        "orders": "Of the last 60 days, unless Shopify has approved read_all_orders for the app.",
        "decrements": "At the order, paid or not; test orders too.",
        "restocks_cancel": "If Restock is ticked when the order is cancelled, as it is at first.",
        "shared_quantity": "Variants that share an inventory item share its quantity.",
        "locations": "One location is kept; what is stocked at others is left alone.",
        "lag": "Orders are found by Shopify's search, which may see a change some seconds late.",
        "requests_per_second": "In points: 100 come back a second on the smallest plan; each answer says what is left.",
        "poll": "A look when nothing has changed costs a handful of the 1,000 points that come back meanwhile.",
    },
)

SETTINGS = (
    Setting(
        "url",
        "Shop address",
        False,
        "The shop's own Shopify address, such as https://my-shop.myshopify.com",
        tidy=shop_address,
    ),
    Setting("client_id", "Client ID", False, "It stands in the app's Settings.", optional=True),
    Setting("client_secret", "Client secret", True, "It stands below the Client ID.", optional=True),
    Setting("access_token", "Access token", True, "It begins with shpat_", optional=True, begins="shpat_"),
    Setting(
        "location",
        "Location",
        False,
        "Where your stock is counted, as it is called under Settings > Locations. Leave it empty if there is only one.",
        optional=True,
    ),
)


def connect(name: str, settings: Mapping[str, str], ports: Ports) -> Shopify:
    """The channel of this name. Raises ChannelOut where a setting is missing or the address may not be called."""
    typed = {setting.key: settings.get(setting.key, "").strip() for setting in SETTINGS}
    _must_suffice(name, typed)
    address = shop_address(typed["url"])
    secrets = tuple(filter(None, (typed["access_token"], typed["client_secret"])))
    opened = partial(Http, name, ports=ports, fixes=FIXES, secrets=secrets, **allowed(settings))
    door = opened(f"{address}/admin/oauth/", requests_per_second=1, burst=10)
    exchange = Exchange(name, door, ports.clock, typed["client_id"], typed["client_secret"])
    lasting = Tokens(typed["access_token"]) if typed["access_token"] else None
    access = Access(InMemory(lasting), ports.clock, None if lasting else exchange.renew, EARLY)
    auth, base = TokenAuth(access, put, ports.clock), f"{address}/admin/api/{VERSION}/"
    http = opened(base, requests_per_second=CAN.requests_per_second, burst=CAN.burst, auth=auth, said=said)
    return Shopify(name, address, typed["location"], (http, door), ports)


def _must_suffice(name: str, typed: Mapping[str, str]) -> None:
    lacks = [] if typed["url"] else ["Shop address"]
    if not typed["access_token"]:
        lacks += [s.label for s in SETTINGS if s.key in ("client_id", "client_secret") and not typed[s.key]]
    if lacks:
        raise not_connected(name, lacks, FIXES)


class Shopify:
    """One Shopify shop, at one location."""

    def __init__(self, name: str, address: str, location: str, doors: Sequence[Http], ports: Ports) -> None:
        self.name = name
        self.can = CAN
        self._address = address
        self._doors = doors
        self._clock = ports.clock
        self._reader = Reader(name, doors[0])
        self._locations = Locations(name, location)
        self._catalogue = Catalogue(self._locations, ports.clock)
        self._order_book = OrderBook(self._locations)
        self._pusher = Pusher(self._reader, self._catalogue, ports)
        self._currency: str | None = None
        self._granted: frozenset[str] = frozenset()

    async def account(self) -> Account:
        """Who answers; proves that the app may do all that is needed, and names in words what it may not."""
        ask = self._asking("audit")
        about = await ask.data(ACCOUNT, {})
        shop = record(about.get("shop"))
        scopes = records(record(about.get("currentAppInstallation")).get("accessScopes"))
        self._granted = frozenset(handle for each in scopes if (handle := text(each.get("handle"))))
        missing = lacking(self._granted)
        if missing:
            fix = in_words("shopify.give_these_permissions_release", dev_dashboard=DEV_DASHBOARD)
            raise ChannelOut("access", in_words("shopify.app_may_not", name=self.name, missing=", ".join(missing)), fix)
        self._currency = text(shop.get("currencyCode"))
        return Account(
            id=number(shop.get("id")) or text(shop.get("myshopifyDomain")) or self._address,
            name=text(shop.get("name")) or self.name,
            country=text(record(shop.get("shopAddress")).get("countryCodeV2")) or "",
            currency=self._currency or "",
            listings=await self._catalogue.count(ask),
            locations=tuple(each.name for each in await self._locations.all(ask)),
        )

    async def preflight(self) -> Sequence[Finding]:
        """The location whose stock is kept, and how far back orders can be seen. Raises ChannelOut."""
        place = await self._locations.chosen(self._asking("audit"), again=True)
        found = [Finding("ok", in_words("shopify.stock_kept_at_location", name=self.name, place=place.name))]
        if self._granted and ALL_ORDERS not in self._granted:
            found.append(Finding("note", f"{self.name}: {SIXTY_DAYS}"))
        return found

    async def listings(
        self, only: Sequence[str] | None = None, since: datetime | None = None, lane: Lane = "audit"
    ) -> ListingsRead:
        """Variants: all, just these, or those of products changed since (agent.channels.base). Raises ChannelOut."""
        ask = self._asking(lane)
        if only is not None:
            variants = await self._catalogue.these(only, ask)
        elif since is not None:
            variants = await self._catalogue.changed(since, ask)
        else:
            variants = await self._catalogue.everything(ask)
        rows = await self._catalogue.rows(variants, Shop(self.name, self._address, self._currency), ask)
        return listings_read(rows, ask.look, self._clock, only, since)

    async def orders(self, since: datetime | None, also: Sequence[str] = (), lane: Lane = "orders") -> OrdersRead:
        """Lines of orders (agent.channels.base). Raises ChannelOut."""
        ask = self._asking(lane)
        orders = await self._order_book.changed(since, ask)
        seen = {number(order.get("id")) for order in orders}
        orders += await self._order_book.by_id([id_ for id_ in also if id_ not in seen], ask)
        seen = {number(order.get("id")) for order in orders}
        rows: list[Row] = await self._order_book.rows(self.name, orders, ask)
        if since is None and self._granted and ALL_ORDERS not in self._granted:
            ask.look.issues.append(SIXTY_DAYS)
        return orders_read(rows, ask.look, self._clock, also, seen)

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """Set quantities: ceil(N / 250) calls where nothing stands in the way. Never raises ChannelOut."""
        return await self._pusher.push(changes, lane)

    async def close(self) -> None:
        """Let go of connections."""
        for door in self._doors:
            await door.close()

    def _asking(self, lane: Lane) -> Asking:
        return Asking(self._reader, lane, Look())


SIXTY_DAYS = in_words("shopify.shopify_shows_app_only")
