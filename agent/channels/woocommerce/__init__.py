"""WooCommerce, REST API v3, in the order of agent.channels.base: CAN, SETTINGS, connect, and the channel's verbs.

The parts: `entry` (the ways to connect), `reader` (questions and pages), `listings`, `orders`, `push`, `preflight` (the
shop's own settings). Written from the contract of WooCommerce 8.6.0 and answers recorded of 8.6.0 and 11.0.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

import httpx
import polars as pl

from agent.channels.answers import Look
from agent.channels.base import Account, Can, Finding, Lane, ListingsRead, OrdersRead, Setting
from agent.channels.http import CallFailed, Http, Ports, allowed
from agent.channels.reads import Row, listings_read, orders_read
from agent.channels.rights import proven
from agent.channels.values import record, text
from agent.channels.woocommerce import entry, preflight
from agent.channels.woocommerce.entry import WAYS, offers
from agent.channels.woocommerce.listings import Catalogue, listing_rows
from agent.channels.woocommerce.orders import OrderBook, order_rows
from agent.channels.woocommerce.push import Pusher
from agent.channels.woocommerce.reader import API, BATCH, FIXES, Declined, Reader, id_of
from agent.words import in_words

__all__ = ["CAN", "SETTINGS", "WAYS", "WooCommerce", "connect", "offers"]

CAN = Can(
    title="WooCommerce",
    write="set",
    batch=BATCH,
    read="yes",
    changed=True,
    applies="at once",
    apply_limit=120.0,
    orders="yes",
    decrements="payment",
    restocks_cancel=True,
    shared_quantity=True,
    locations=False,
    lag=2.0,
    max_quantity=None,
    requests_per_second=5.0,
    burst=20,
    poll=10.0,
    notes={
        "write": "No compare-and-set; a sale in the moment of a push is overwritten, and found by the next read.",
        "batch": "101 items are refused with 413; a host may allow fewer, then batches are halved.",
        "apply_limit": "A request without an answer ends after 60 s; the server was seen to finish such work later.",
        "decrements": "On payment (processing); orders that wait for a bank transfer (on-hold) take theirs at once.",
        "restocks_cancel": "A cancelled order puts its units back; a failed, trashed or deleted one does not.",
        "shared_quantity": "Variations whose stock is managed by the product share one quantity.",
        "lag": "Orders are in the database when they can be read; hosts with caches take a moment longer.",
        "poll": "WooCommerce itself has no limit, its host has: one small call each 10 s is less than one visitor.",
    },
)

SETTINGS = (
    Setting("url", "Shop address", False, "As the browser shows it, such as https://shop.example.com", tidy=entry.site),
    Setting("consumer_key", "Consumer key", True, "The line that begins with ck_", optional=True, begins="ck_"),
    Setting(
        "consumer_secret",
        "Consumer secret",
        True,
        "The line that begins with cs_. It is shown once.",
        optional=True,
        begins="cs_",
    ),
    Setting(
        "user",
        "User name",
        False,
        "What you type to sign in to WordPress (Users > Profile: Username), not the name that it shows.",
        optional=True,
    ),
    Setting(
        "application_password",
        "Application password",
        True,
        "The one that WordPress has just shown: 24 letters and digits. The one for signing in does not do.",
        optional=True,
    ),
)


def connect(name: str, settings: Mapping[str, str], ports: Ports) -> WooCommerce:
    """The channel of this name. Raises ChannelOut where a setting is missing or the address may not be called."""
    given = {key: value.strip() for key, value in settings.items()}
    user, secret = entry.who(name, given)
    http = Http(
        name,
        entry.site(given["url"]) + "/wp-json/",
        ports,
        requests_per_second=CAN.requests_per_second,
        burst=CAN.burst,
        fixes=FIXES,
        auth=httpx.BasicAuth(user, secret),
        secrets=(secret,) if user == given.get("user") else (user, secret),
        **allowed(given),
    )
    return WooCommerce(name, http, ports, given.get("user") if user == given.get("user") else None)


class WooCommerce:
    """One WooCommerce shop."""

    def __init__(self, name: str, http: Http, ports: Ports, user: str | None = None) -> None:
        self.name = name
        self._user = user
        self.can = CAN
        self._http = http
        self._clock = ports.clock
        self._reader = Reader(name, http)
        self._catalogue = Catalogue(self._reader)
        self._order_book = OrderBook(self._reader)
        self._pusher = Pusher(name, http)
        self._currency: str | None = None

    async def account(self) -> Account:
        """Who answers; proves the right to read products and orders and, by a batch without items, to write."""
        index = await self._http.request(
            "GET", "", params={"_fields": "name,url,home,namespaces"}, lane="audit", idempotent=True
        )
        about = record(index.json)
        entry.must_be_a_shop(self.name, about)
        products = await self._reader.get("products", {"per_page": 1, "_fields": "id"}, "audit", Look())
        await self._may_all()
        system = await self._maybe("system_status", "environment,settings")
        country = await self._maybe("settings/general/woocommerce_default_country", "id,value")
        environment, settings = record(system.get("environment")), record(system.get("settings"))
        self._currency = text(settings.get("currency"))
        return Account(
            id=_fingerprint(text(about.get("home")) or text(about.get("url")) or "", text(environment.get("store_id"))),
            name=text(about.get("name")) or self.name,
            country=(text(country.get("value")) or "").partition(":")[0],
            currency=self._currency or "",
            listings=products.number("X-WP-Total"),
            beyond=in_words("woocommerce.beyond", user=self._user) if self._user else "",
        )

    async def preflight(self) -> Sequence[Finding]:
        """The shop's own settings that decide about stock. Raises ChannelOut."""
        return await preflight.findings(self.name, self._maybe)

    async def _may_all(self) -> None:
        """Name every permission that is missing, at once (R5). Raises ChannelOut."""
        proofs = {
            in_words("woocommerce.read_orders"): self._may_read_orders,
            in_words("woocommerce.write_stock"): self._may_write,
        }
        await proven(self.name, proofs, lambda failed: failed.kind == "access", FIXES.renewal(self.name))

    async def _may_read_orders(self) -> None:
        await self._reader.get("orders", {"per_page": 1, "_fields": "id"}, "audit", Look())

    async def _may_write(self) -> None:
        """An empty batch changes nothing and is refused to a key that may only read (observed 033, 103)."""
        body: dict[str, object] = {"update": []}
        answer = await self._http.request("POST", f"{API}products/batch", json=body, lane="audit", idempotent=True)
        if answer.status != 200:
            raise Declined(self.name, self._http, answer)

    async def _maybe(self, path: str, fields: str) -> dict[str, object]:
        """An object that is nice to have: a key of a shop manager may not see it."""
        try:
            answer = await self._http.request(
                "GET", API + path, params={"_fields": fields}, lane="audit", idempotent=True
            )
        except CallFailed as failed:
            if failed.kind == "access":
                return {}
            raise
        return record(answer.json) if answer.status == 200 else {}

    async def listings(
        self, only: Sequence[str] | None = None, since: datetime | None = None, lane: Lane = "audit"
    ) -> ListingsRead:
        """Products and variations: all, just these, or those changed since (agent.channels.base). Raises ChannelOut."""
        look = Look()
        if only is not None:
            products, variations = await self._catalogue.these(only, lane, look)
        elif since is not None:
            products, variations = await self._catalogue.changed(since, lane, look)
        else:
            products, variations = await self._catalogue.everything(lane, look)
        rows = listing_rows(self.name, products, variations, self._currency, look)
        return listings_read(rows, look, self._clock, only, since)

    async def orders(self, since: datetime | None, also: Sequence[str] = (), lane: Lane = "orders") -> OrdersRead:
        """Lines of orders (agent.channels.base). The caller gives the overlap; only the shop's whole second is added
        here. Raises ChannelOut."""
        look = Look()
        orders = await self._order_book.changed(since, lane, look)
        seen = {str(id_of(order)) for order in orders}
        orders += await self._order_book.by_id([id_ for id_ in also if id_ not in seen], lane, look)
        rows: list[Row] = []
        for order in orders:
            rows += order_rows(self.name, order, await self._order_book.refunds_of(order, lane, look), look)
        return orders_read(rows, look, self._clock, also, {str(id_of(order)) for order in orders})

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """Set quantities: ceil(simple / 100) + ceil(variations / 100) calls. Never raises ChannelOut."""
        return await self._pusher.push(changes, lane)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()


def _fingerprint(home: str, store: str | None) -> str:
    parts = urlsplit(home.lower())
    site = (parts.netloc.removeprefix("www.") + parts.path).rstrip("/")
    return f"{site}#{store}" if store else site
