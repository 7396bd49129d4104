"""Shopee, Open Platform v2, in the order of agent.channels.base: CAN, SETTINGS, connect, and the channel's verbs.

The parts: `access` (the way in, tokens), `signing`, `errors` (what each means), `reader` (questions), `places`
(warehouses), `listings`, `orders`, `push`. Written from the vendor's endpoint documents; what they leave open is marked
in `CAN.notes`. `python -m agent.channels.shopee sign` signs one vector's inputs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

import polars as pl

from agent.channels.answers import CallFailed, Look
from agent.channels.auth import TokenAuth
from agent.channels.base import Account, Can, ChannelOut, Finding, Lane, ListingsRead, OrdersRead
from agent.channels.http import Http, Ports, allowed
from agent.channels.reads import Row, listings_read, orders_read
from agent.channels.rights import proven
from agent.channels.settings import filled
from agent.channels.shopee.access import EARLY, FIXES, HOST, SETTINGS, WAYS, Exchange, grant_of
from agent.channels.shopee.errors import Declined, meaning, said
from agent.channels.shopee.listings import SITES, Catalogue, Shop, listing_rows
from agent.channels.shopee.orders import OrderBook, order_rows
from agent.channels.shopee.places import Places
from agent.channels.shopee.push import BATCH, PATH, Pusher
from agent.channels.shopee.reader import Item, Reader
from agent.channels.shopee.signing import Signer
from agent.channels.tokens import Access, InMemory, Tokens
from agent.channels.values import record, text, whole
from agent.words import in_words

__all__ = ["CAN", "SETTINGS", "WAYS", "Shopee", "connect"]

CAN = Can(
    title="Shopee",
    write="set",
    batch=BATCH,
    one_product=True,
    read="yes",
    changed=True,
    applies="at once",
    apply_limit=120.0,
    orders="yes",
    decrements="order",
    restocks_cancel=True,
    shared_quantity=False,
    locations=True,
    lag=30.0,
    max_quantity=None,
    requests_per_second=5.0,
    burst=10,
    poll=10.0,
    notes={
        "write": "No compare-and-set; a sale in the moment of a push is overwritten, and found by the next read.",
        "batch": "Up to 50 models of one item; each item is a call of its own.",
        "changed": "By the item's time of change, which Shopee says moves with its stock; what it should miss is found "
        "by the full read.",
        "apply_limit": "A request without an answer ends after 60 s; its outcome is unknown until the next read.",
        "orders": "Looked over in spans of 15 days; open ones up to 13 months back.",
        "decrements": "At the order, paid or not. Not documented by Shopee in so many words.",
        "restocks_cancel": "A cancelled order gives its units back if the parcel was not picked up; what a buyer sends "
        "back later is not put up again.",
        "locations": "One warehouse is kept; what lies in others, and in Shopee's own, is left alone.",
        "lag": "Not documented; Stocksheet measures it.",
        "max_quantity": "It differs by country and category; more is refused, and said.",
        "requests_per_second": "Not published; calls become fewer by themselves when Shopee complains.",
        "keep_active": "A listing at 0 stays up as sold out; it is never unlisted.",
        "untracked": "Shopee counts every listing; what you do not track is left as it stands there.",
        "maximum": "A campaign keeps units for itself: below those Shopee takes no number, the least it takes is set.",
    },
)


def connect(name: str, settings: Mapping[str, str], ports: Ports) -> Shopee:
    """The channel of this name. Raises ChannelOut where a setting is missing or cannot be right."""
    given = filled(name, settings, SETTINGS, FIXES)
    if not (given["partner_id"].isascii() and given["partner_id"].isdigit()):
        raise ChannelOut("access", in_words("shopee.id_is_number", name=name), FIXES.renewal(name))
    grant = grant_of(name, given["granted"])
    base = f"{(given['url'] or HOST).rstrip('/')}/api/v2/"
    secrets = (given["partner_key"], grant.code)
    opened = partial(Http, name, base, ports, fixes=FIXES, secrets=secrets, said=said, **allowed(settings))
    nobody = Access(InMemory(Tokens("")), ports.clock, None)
    public = TokenAuth(nobody, Signer(given["partner_id"], given["partner_key"]).put, ports.clock)
    door = opened(requests_per_second=1, burst=5, auth=public)
    exchange = Exchange(name, door, ports.clock, int(given["partner_id"]), grant)
    access = Access(ports.tokens, ports.clock, exchange.renew, EARLY)
    signer = Signer(given["partner_id"], given["partner_key"], grant.shop)
    auth = TokenAuth(access, signer.put, ports.clock)
    http = opened(requests_per_second=CAN.requests_per_second, burst=CAN.burst, auth=auth)
    return Shopee(name, grant.shop, given["location"], (http, door), ports)


class Shopee:
    """One Shopee shop, at one warehouse."""

    def __init__(self, name: str, shop: str, location: str, doors: Sequence[Http], ports: Ports) -> None:
        self.name = name
        self.can = CAN
        self._shop = shop
        self._doors = doors
        self._clock = ports.clock
        self._site: str | None = None
        self._places = Places(name, location)
        self._catalogue = Catalogue(ports.clock)
        self._order_book = OrderBook(ports.clock)
        self._pusher = Pusher(name, doors[0], self._catalogue, self._places)

    async def account(self) -> Account:
        """Who answers; proves the right to read listings and orders and to write stock. Raises ChannelOut."""
        ask = self._asking("audit")
        about = await self._about(ask)
        if about.get("status") in ("BANNED", "FROZEN"):
            what = in_words("shopee.closed_shop", name=self.name, status=text(about.get("status")))
            raise ChannelOut("access", what, in_words("shopee.open_seller_centre"))
        count = await self._may_all(ask)
        region = text(about.get("region")) or ""
        self._site = SITES.get(region, ("", ""))[0] or None
        ends = whole(about.get("expire_time"))
        return Account(
            id=self._shop,
            name=text(about.get("shop_name")) or self.name,
            country=region,
            currency=SITES.get(region, ("", ""))[1],
            listings=count,
            locations=tuple(each.name for each in await self._places.all(ask)),
            access_ends=datetime.fromtimestamp(ends, UTC) if ends else None,
        )

    async def _may_all(self, ask: Reader) -> int:
        """Name every permission that is missing, at once (R5); gives how many items there are. Raises ChannelOut."""
        proofs: dict[str, Callable[[], Awaitable[object]]] = {
            "to read products": lambda: self._catalogue.count(ask),
            "to read orders": lambda: self._may_read(ask),
            "to write stock": self._may_write,
        }
        count, *_ = await proven(self.name, proofs, _is_refusal, in_words("shopee.ask_for_permissions"))
        return int(count)

    async def _may_read(self, ask: Reader) -> None:
        now = int(self._clock.now().timestamp())
        span = {"time_from": now - 60, "time_to": now + 60}
        await ask.ask("order/get_order_list", {"time_range_field": "update_time", **span, "page_size": 1})

    async def _may_write(self) -> None:
        """An item with the number 0 is nobody's: it is refused for that, or for want of permission."""
        body = {"item_id": 0, "stock_list": [{"model_id": 0, "seller_stock": [{"stock": 0}]}]}
        answer = await self._doors[0].request("POST", PATH, json=body, lane="audit", idempotent=True)
        if (meant := meaning(answer.json)).kind in ("connect", "key", "stop"):
            raise Declined(self.name, self._doors[0], meant)

    async def preflight(self) -> Sequence[Finding]:
        """The warehouse whose stock is kept, holidays, and stock that lies at Shopee. Raises ChannelOut."""
        ask = self._asking("audit")
        place = await self._places.chosen(ask, again=True)
        where = in_words("shopee.warehouse_named", place=place.name) if place else None
        found = [Finding("ok", in_words("shopee.stock_kept", name=self.name, place=where))]
        found += _kept_by_shopee(self.name, await self._about(ask))
        if await self._on_holiday(ask):
            what = in_words("shopee.on_holiday", name=self.name)
            found.append(Finding("fix", what, in_words("shopee.end_holiday")))
        return found

    async def _about(self, ask: Reader) -> Item:
        """Its fields stand beside the envelope's."""
        return record((await ask.answer("shop/get_shop_info")).json)

    async def _on_holiday(self, ask: Reader) -> bool:
        try:
            return (await ask.ask("shop/get_shop_holiday_mode")).get("holiday_mode_on") is True
        except CallFailed as failed:
            if isinstance(failed, Declined):
                return False  # nice to know: an app may not be allowed to ask
            raise

    async def listings(
        self, only: Sequence[str] | None = None, since: datetime | None = None, lane: Lane = "audit"
    ) -> ListingsRead:
        """Items and models: all, just these, or those changed since (agent.channels.base). Raises ChannelOut."""
        ask = self._asking(lane)
        if only is not None:
            items = await self._catalogue.these(only, ask)
        elif since is not None:
            items = await self._catalogue.changed(since, ask)
        else:
            items = await self._catalogue.everything(ask)
        shop = Shop(self.name, self._shop, self._site, await self._places.chosen(ask))
        return listings_read(listing_rows(shop, items, ask), ask.look, self._clock, only, since)

    async def orders(self, since: datetime | None, also: Sequence[str] = (), lane: Lane = "orders") -> OrdersRead:
        """Lines of orders (agent.channels.base). Raises ChannelOut."""
        ask = self._asking(lane)
        orders = await self._order_book.changed(since, ask)
        seen = {_number(order) for order in orders}
        orders += await self._order_book.by_number([sn for sn in dict.fromkeys(also) if sn not in seen], ask)
        place = await self._places.chosen(ask) if orders else None
        rows: list[Row] = [row for order in orders for row in order_rows(self.name, order, place, ask)]
        return orders_read(rows, ask.look, self._clock, also, {_number(order) for order in orders})

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """Set quantities, one item a call. Never raises ChannelOut."""
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
    return text(order.get("order_sn"))


def _kept_by_shopee(name: str, about: Item) -> list[Finding]:
    flag = text(record(about).get("shop_fulfillment_flag")) or ""
    if flag.replace(" ", "").lower().startswith("pure-fbs"):
        what = in_words("shopee.all_at_shopee", name=name)
        return [Finding("fix", what, in_words("shopee.set_mode_off"))]
    if "FBS" in flag or "LFF" in flag:
        return [Finding("note", in_words("shopee.some_at_shopee", name=name))]
    return []
