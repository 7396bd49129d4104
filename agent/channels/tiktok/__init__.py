"""TikTok Shop, Open API 202309 and later, in the order of agent.channels.base: CAN, SETTINGS, connect, and the verbs.

The parts: `access` (the way in, tokens), `signing`, `errors` (what each means), `reader` (questions), `places` (which
shop, which warehouse), `listings`, `orders`, `push`. Written from the vendor's operation documents; what they leave
open is marked in `CAN.notes`. `python -m agent.channels.tiktok sign` signs one vector's inputs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

import polars as pl

from agent.channels.answers import CallFailed, Look
from agent.channels.auth import TokenAuth
from agent.channels.base import Account, Can, Finding, Lane, ListingsRead, OrdersRead
from agent.channels.http import Http, Ports, allowed
from agent.channels.reads import Row, listings_read, orders_read
from agent.channels.rights import proven
from agent.channels.settings import filled
from agent.channels.tiktok.access import AUTH_HOST, EARLY, FIXES, HOST, SETTINGS, WAYS, Exchange, code_of
from agent.channels.tiktok.errors import Declined, Meaning, meaning, said
from agent.channels.tiktok.listings import Catalogue, Source, listing_rows
from agent.channels.tiktok.orders import RETURNS, SEARCH, OrderBook, order_rows
from agent.channels.tiktok.places import Shops, Warehouses
from agent.channels.tiktok.push import BATCH, Pusher
from agent.channels.tiktok.reader import Item, Reader
from agent.channels.tiktok.signing import Signer
from agent.channels.tokens import Access
from agent.channels.values import text
from agent.words import in_words

__all__ = ["CAN", "SETTINGS", "WAYS", "TikTok", "connect"]

CAN = Can(
    title="TikTok Shop",
    write="set",
    batch=BATCH,
    one_product=True,
    read="yes",
    changed=False,
    applies="at once",
    apply_limit=120.0,
    orders="yes",
    decrements="order",
    restocks_cancel=True,
    shared_quantity=False,
    locations=True,
    lag=30.0,
    max_quantity=99_999,
    requests_per_second=10.0,
    burst=10,
    poll=10.0,
    notes={
        "write": "No compare-and-set; a sale in the moment of a push is overwritten, and found by the next read.",
        "batch": "Up to 100 SKUs of one product; each product is a call of its own, which names all its warehouses.",
        "changed": "Whether a sale moves a product's time of change is not documented: changes are found by the full "
        "read, sales by the orders.",
        "apply_limit": "A request without an answer ends after 60 s; its outcome is unknown until the next read.",
        "orders": "Open ones however old; what was sent back stands in a list of returns, which is read with them.",
        "decrements": "At the order, paid or not: TikTok calls such units committed.",
        "restocks_cancel": "A cancelled order gives its units back if the parcel was not collected, unless "
        "auto-restock is off for the SKU: then they are pushed. What a buyer sends back later is not put up again.",
        "locations": "One warehouse is kept; the others are written back as they are, TikTok's own is left alone.",
        "lag": "Not documented; Stocksheet measures it.",
        "max_quantity": "99,999 by the documents. They begin at 1, but 0 is what sellers use; where 0 is refused, 1 is "
        "set, and said.",
        "requests_per_second": "Not published; calls become fewer by themselves when TikTok complains.",
        "keep_active": "A listing at 0 stays up as sold out; it is never deactivated.",
        "untracked": "TikTok counts every listing; what you do not track is left as it stands there.",
        "maximum": "Campaigns and creators have units set aside: below those TikTok takes no number, the least it "
        "takes is set.",
    },
)  # fmt: skip


def connect(name: str, settings: Mapping[str, str], ports: Ports) -> TikTok:
    """The channel of this name. Raises ChannelOut where a setting is missing or cannot be right."""
    given = filled(name, settings, SETTINGS, FIXES)
    code = code_of(name, given["granted"])
    key, secret = given["app_key"], given["app_secret"]
    base, auth_base = (f"{(given['url'] or host).rstrip('/')}/" for host in (HOST, AUTH_HOST))
    opened = partial(Http, name, ports=ports, fixes=FIXES, secrets=(secret, code), said=said, **allowed(settings))
    door = opened(auth_base, requests_per_second=1, burst=5)
    exchange = Exchange(name, door, ports.clock, key, secret, code)
    access = Access(ports.tokens, ports.clock, exchange.renew, EARLY)
    auth = TokenAuth(access, Signer(key, secret).put, ports.clock)
    http = opened(base, requests_per_second=CAN.requests_per_second, burst=CAN.burst, auth=auth)
    return TikTok(name, given["shop"], given["location"], (http, door), ports)


class TikTok:
    """One TikTok shop, at one warehouse."""

    def __init__(self, name: str, shop: str, location: str, doors: Sequence[Http], ports: Ports) -> None:
        self.name = name
        self.can = CAN
        self._doors = doors
        self._clock, self._tokens = ports.clock, ports.tokens
        self._shops = Shops(name, shop)
        self._warehouses = Warehouses(name, location)
        self._catalogue = Catalogue()
        self._order_book = OrderBook()
        self._pusher = Pusher(self._asking, self._warehouses, doors[0].redact)

    async def account(self) -> Account:
        """Who answers; proves the right to read listings, orders, returns and warehouses and to write stock. Raises
        ChannelOut."""
        shop = await self._shops.chosen(Reader(self.name, self._doors[0], "audit", Look()), again=True)
        ask = await self._asking("audit")
        count = await self._may_all(ask)
        tokens = self._tokens.read()
        return Account(
            id=shop.id,
            name=shop.name,
            country=shop.region,
            currency=CURRENCIES.get(shop.region, ""),
            listings=count,
            locations=tuple(each.name for each in await self._warehouses.all(ask)),
            access_ends=tokens.refresh_ends if tokens else None,
        )

    async def _may_all(self, ask: Reader) -> int:
        """Name every permission that is missing, at once (R5); gives how many products there are. Raises ChannelOut."""
        proofs: dict[str, Callable[[], Awaitable[object]]] = {
            in_words("tiktok.read_products"): lambda: self._catalogue.count(ask),
            in_words("tiktok.read_warehouses"): lambda: self._warehouses.all(ask),
            in_words("tiktok.read_orders"): lambda: ask.search(SEARCH, {}, {"page_size": 1}),
            in_words("tiktok.read_returns"): lambda: ask.search(RETURNS, {}, {"page_size": 1}),
            in_words("tiktok.write_stock"): lambda: self._may_write(ask),
        }
        fix = in_words("tiktok.fix_scope", channel=self.name)
        count, *_ = await proven(self.name, proofs, _is_refusal, fix)
        return int(count)

    async def _may_write(self, ask: Reader) -> None:
        """A product with the number 0 is nobody's: it is refused for that, or for want of permission."""
        path, body = (
            "product/202309/products/0/inventory/update",
            {"skus": [{"id": "0", "inventory": [{"quantity": 0}]}]},
        )
        whose = {"shop_cipher": ask.cipher}
        answer = await ask.http.request("POST", path, params=whose, json=body, lane="audit", idempotent=True)
        meant: Meaning = meaning(answer.json)
        if meant.kind in ("scope", "connect", "key", "stop"):
            raise Declined(self.name, ask.http, meant)

    async def preflight(self) -> Sequence[Finding]:
        """The warehouse whose stock is kept, and whether anything in it is for sale. Raises ChannelOut."""
        ask = await self._asking("audit")
        place = (await self._warehouses.chosen(ask, again=True)).ours
        found = [Finding("ok", in_words("tiktok.stock_is_kept_at", name=self.name, why=place.name))]
        if place.status != "ENABLED":
            words = RESTRICTED if place.status == "RESTRICTED" else DISABLED
            found.append(Finding("fix", *(in_words(each, name=self.name, why=place.name) for each in words)))
        return found

    async def listings(
        self, only: Sequence[str] | None = None, since: datetime | None = None, lane: Lane = "audit"
    ) -> ListingsRead:
        """Products and SKUs: all, just these, or those edited since (agent.channels.base). Raises ChannelOut."""
        ask = await self._asking(lane)
        shop, places = await self._shops.chosen(ask), await self._warehouses.chosen(ask)
        if only is not None:
            products = await self._catalogue.these(only, ask)
        elif since is not None:
            products = await self._catalogue.changed(int(since.timestamp()), ask)
        else:
            products = await self._catalogue.everything(ask)
        source = Source(self.name, shop.region, places, await self._catalogue.names(products, ask))
        rows = listing_rows(source, products, ask)
        return listings_read(rows, ask.look, self._clock, only, since)

    async def orders(self, since: datetime | None, also: Sequence[str] = (), lane: Lane = "orders") -> OrdersRead:
        """Lines of orders (agent.channels.base). Raises ChannelOut."""
        ask = await self._asking(lane)
        orders = await self._order_book.changed(since, ask)
        seen = {_number(order) for order in orders}
        orders += await self._order_book.by_id([id_ for id_ in dict.fromkeys(also) if id_ not in seen], ask)
        returned = await self._order_book.came_back(orders, ask)
        places = await self._warehouses.chosen(ask) if orders else None
        rows: list[Row] = [row for order in orders for row in order_rows(self.name, order, places, returned, ask)]
        return orders_read(rows, ask.look, self._clock, also, {_number(order) for order in orders})

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """Set quantities, one product a call. Never raises ChannelOut."""
        return await self._pusher.push(changes, lane)

    async def close(self) -> None:
        """Let go of connections."""
        for door in self._doors:
            await door.close()

    async def _asking(self, lane: Lane) -> Reader:
        """Questions about the chosen shop. Raises ChannelOut."""
        look = Look()
        shop = await self._shops.chosen(Reader(self.name, self._doors[0], lane, look))
        return Reader(self.name, self._doors[0], lane, look, shop.cipher)


RESTRICTED = ("tiktok.warehouse_restricted", "tiktok.fix_restricted")
DISABLED = ("tiktok.warehouse_disabled", "tiktok.fix_disabled")
CURRENCIES = {
    "GB": "GBP", "US": "USD", "DE": "EUR", "ES": "EUR", "FR": "EUR", "IE": "EUR", "IT": "EUR", "NL": "EUR", "BE": "EUR",
    "AT": "EUR", "CZ": "CZK", "HU": "HUF", "ID": "IDR", "JP": "JPY", "MX": "MXN", "BR": "BRL", "MY": "MYR", "PH": "PHP",
    "SG": "SGD", "TH": "THB", "VN": "VND",
}  # fmt: skip
"""Region -> its currency, by the vendor's list of prices: a shop does not tell its own."""


def _is_refusal(failed: CallFailed) -> bool:
    return isinstance(failed, Declined) and failed.meant.kind == "scope"


def _number(order: Item) -> str | None:
    return text(order.get("id"))
