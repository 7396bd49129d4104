"""Lazada, Open Platform, in the order of agent.channels.base: CAN, SETTINGS, connect, and the channel's verbs.

The parts: `access` (countries, the way in, tokens), `signing`, `errors` (what each means), `reader` (questions),
`places` (warehouses), `listings`, `orders`, `push`. Written from the vendor's API documents and guides; what they leave
open is marked in `CAN.notes`. `python -m agent.channels.lazada sign` signs one vector's inputs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

import polars as pl

from agent.channels.answers import CallFailed, Look
from agent.channels.auth import TokenAuth
from agent.channels.base import Account, Can, ChannelOut, Finding, Lane, ListingsRead, OrdersRead
from agent.channels.http import Http, Ports, allowed
from agent.channels.lazada.access import FIXES, HOST, SETTINGS, SITES, WAYS, Exchange, code_of
from agent.channels.lazada.errors import Declined, said
from agent.channels.lazada.listings import Catalogue, Shop, listing_rows
from agent.channels.lazada.orders import OrderBook
from agent.channels.lazada.places import Places
from agent.channels.lazada.push import BATCH, Pusher
from agent.channels.lazada.reader import Item, Params, Reader, asked_since
from agent.channels.lazada.signing import ROOT, Signer
from agent.channels.reads import Row, listings_read, orders_read
from agent.channels.rights import proven
from agent.channels.settings import filled
from agent.channels.tokens import Access, InMemory, Tokens
from agent.channels.values import text
from agent.words import in_words

__all__ = ["CAN", "SETTINGS", "WAYS", "Lazada", "connect"]

CAN = Can(
    title="Lazada",
    write="set",
    batch=BATCH,
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
    max_quantity=None,
    requests_per_second=10.0,
    burst=20,
    poll=30.0,
    notes={
        "write": "No compare-and-set; a sale in the moment of a push is overwritten, and found by the next read.",
        "batch": "Up to 50 SKUs of any items; 20 where Lazada says that 50 take too long. Whether the others of a "
        "refused call were set is not documented: they are sent once more without those that it names.",
        "changed": "Whether a sale moves an item's time of change is not documented; the full read finds it.",
        "apply_limit": "A request without an answer ends after 60 s; its outcome is unknown until the next read.",
        "orders": "Open ones however old; each unit has a status of its own, and units of one SKU are one line.",
        "decrements": "At the order; an unpaid one is given up by Lazada after 30 minutes.",
        "restocks_cancel": "A cancelled unit is for sale again; but where the seller gave `out of stock` or `wrong "
        "price` as the reason, Lazada sets the listing to 0. What a buyer sends back later is not put up again.",
        "locations": "One warehouse is kept; what lies in others, and in Lazada's own (FBL), is left alone.",
        "lag": "Not documented; Stocksheet measures it.",
        "max_quantity": "Not documented; more is refused, and said.",
        "requests_per_second": "Limits of single calls are not published (setting stock: 50 a second); calls become "
        "fewer by themselves when Lazada complains.",
        "poll": "An app that is not online yet may call 10,000 times a day, and Lazada asks not to look all the time.",
        "keep_active": "A listing at 0 stays up as sold out; it is never deactivated.",
        "untracked": "Lazada counts every listing; what you do not track is left as it stands there.",
        "maximum": "A campaign keeps units for itself: below those Lazada takes no number, the least it takes is set. "
        "While a large campaign lets nobody lower stock, the shop keeps what it has, and that is said.",
    },
)  # fmt: skip


def connect(name: str, settings: Mapping[str, str], ports: Ports) -> Lazada:
    """The channel of this name. Raises ChannelOut where a setting is missing or cannot be right."""
    given = filled(name, settings, SETTINGS, FIXES)
    country = given["country"]
    if country not in SITES:
        what = in_words("lazada.no_such_country", name=name, typed_country=country, sites=", ".join(SITES))
        raise ChannelOut("access", what, in_words("lazada.type_country_again", channel=name))
    code = code_of(name, given["granted"])
    signer = Signer(given["app_key"], given["app_secret"])

    def opened(host: str, access: Access, requests_per_second: float, burst: int) -> Http:
        return Http(
            name, f"{(given['url'] or host).rstrip('/')}{ROOT}/", ports, requests_per_second=requests_per_second,
            burst=burst, fixes=FIXES, auth=TokenAuth(access, signer.put, ports.clock),
            secrets=(given["app_secret"], code), said=said, **allowed(settings),
        )  # fmt: skip

    door = opened(HOST, Access(InMemory(Tokens("")), ports.clock, None), 1, 5)
    exchange = Exchange(name, door, ports.clock, country, code)
    access = Access(ports.tokens, ports.clock, exchange.renew)
    http = opened(SITES[country].host, access, CAN.requests_per_second, CAN.burst)
    return Lazada(name, country, given["location"], (http, door), ports)


class Lazada:
    """One Lazada shop, in one country, at one warehouse."""

    def __init__(self, name: str, country: str, location: str, doors: Sequence[Http], ports: Ports) -> None:
        self.name = name
        self.can = CAN
        self._country, self._site = country, SITES[country]
        self._doors, self._clock, self._tokens = doors, ports.clock, ports.tokens
        self._places = Places(name, location)
        self._catalogue = Catalogue(ports.clock)
        self._order_book = OrderBook(ports.clock, self._catalogue, self._site.zone)
        self._pusher = Pusher(name, doors[0], self._catalogue, self._places, self._site.zone)

    async def account(self) -> Account:
        """Who answers; proves the right to read listings and orders and to write stock. Raises ChannelOut."""
        ask = self._asking("audit")
        about = await ask.ask("seller/get")
        if not (id_ := text(about.get("seller_id"))):
            raise ask.unclear()
        if (status := (text(about.get("status")) or "ACTIVE").upper()) != "ACTIVE":
            what = in_words("lazada.closed_shop", name=self.name, status=status)
            raise ChannelOut("access", what, in_words("lazada.open_seller_center"))
        count = await self._may_all(ask)
        kept = self._tokens.read()
        return Account(
            id=id_,
            name=text(about.get("name")) or self.name,
            country=self._country.upper(),
            currency=self._site.currency,
            listings=count,
            locations=tuple(each.name for each in await self._places.all(ask)),
            access_ends=kept.refresh_ends if kept else None,
        )

    async def _may_all(self, ask: Reader) -> int:
        """Name every permission that is missing, at once (R5); gives how many items there are. Raises ChannelOut."""
        now = self._clock.now()
        recent: Params = {"update_after": asked_since(now - timedelta(minutes=1)), "limit": 1, "offset": 0}
        proofs: dict[str, Callable[[], Awaitable[object]]] = {
            in_words("lazada.to_read_products"): lambda: self._catalogue.count(ask),
            in_words("lazada.to_read_orders"): lambda: ask.ask("orders/get", recent),
            in_words("lazada.to_read_warehouses"): lambda: self._places.all(ask),
            in_words("lazada.to_write_stock"): self._pusher.may,
        }
        count, *_ = await proven(self.name, proofs, _is_refusal, in_words("lazada.ask_for_permissions"))
        return int(count)

    async def preflight(self) -> Sequence[Finding]:
        """The warehouse whose stock is kept, and shops whose stock is not the seller's to set. Raises ChannelOut."""
        ask = self._asking("audit")
        place = await self._places.chosen(ask, again=True)
        where = in_words("lazada.warehouse_named", place=place.name) if place else in_words("lazada.only_place")
        found = [Finding("ok", in_words("lazada.stock_kept_at", name=self.name, place=where))]
        return found + _hindrances(self.name, await ask.ask("seller/get"))

    async def listings(
        self, only: Sequence[str] | None = None, since: datetime | None = None, lane: Lane = "audit"
    ) -> ListingsRead:
        """SKUs of items: all, or just these (agent.channels.base). Raises ChannelOut."""
        ask = self._asking(lane)
        items = await (self._catalogue.everything(ask) if only is None else self._catalogue.these(only, ask))
        shop = Shop(self.name, self._site.currency, await self._places.chosen(ask))
        return listings_read(listing_rows(shop, items, ask), ask.look, self._clock, only, since)

    async def orders(self, since: datetime | None, also: Sequence[str] = (), lane: Lane = "orders") -> OrdersRead:
        """Lines of orders (agent.channels.base). Raises ChannelOut."""
        ask = self._asking(lane)
        orders = await self._order_book.changed(since, ask)
        seen = {_number(order) for order in orders}
        orders += await self._order_book.by_number([id_ for id_ in dict.fromkeys(also) if id_ not in seen], ask)
        place = await self._places.chosen(ask) if orders else None
        rows: list[Row] = [row for order in orders for row in self._order_book.rows(self.name, order, place, ask)]
        return orders_read(rows, ask.look, self._clock, also, {_number(order) for order in orders})

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """Set quantities, 50 SKUs a call. Never raises ChannelOut."""
        return await self._pusher.push(changes, lane)

    async def close(self) -> None:
        """Let go of connections."""
        for door in self._doors:
            await door.close()

    def _asking(self, lane: Lane) -> Reader:
        return Reader(self.name, self._doors[0], lane, Look())


def _is_refusal(failed: CallFailed) -> bool:
    return isinstance(failed, Declined) and failed.meant.kind == "stop"


def _number(order: Item) -> str | None:
    return text(order.get("order_id"))


def _hindrances(name: str, about: Item) -> list[Finding]:
    found = []
    if about.get("marketplaceEaseMode") is True:
        what = in_words("lazada.semi_hosted", name=name)
        found.append(Finding("fix", what, in_words("lazada.set_mode_off")))
    if about.get("verified") is False:
        found.append(Finding("fix", in_words("lazada.not_verified", name=name), in_words("lazada.finish_verifying")))
    return found
