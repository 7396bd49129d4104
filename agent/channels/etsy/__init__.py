"""Etsy, Open API v3, in the order of agent.channels.base: CAN, SETTINGS, connect, and the channel's verbs.

The parts: `access` (the way in, tokens), `errors` (what each means), `reader` (questions, the calls of a day),
`inventory` (products, shared quantities, the whole of it), `hidden` (what is off the shop at 0), `listings`, `orders`,
`push` with `work` (one listing's quantities). Written from the vendor's contract; what that leaves open is marked in
`CAN.notes`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

import polars as pl

from agent.channels.answers import CallFailed, Look
from agent.channels.auth import TokenAuth
from agent.channels.base import Account, Can, ChannelOut, Finding, Lane, ListingsRead, OrdersRead
from agent.channels.etsy.access import FIXES, HOST, SCOPES, SETTINGS, WAYS, Exchange, Key, code_of, scopes_in
from agent.channels.etsy.errors import Declined, said
from agent.channels.etsy.hidden import Hidden
from agent.channels.etsy.listings import Catalogue, number_of
from agent.channels.etsy.orders import OrderBook, order_rows
from agent.channels.etsy.push import Pusher
from agent.channels.etsy.reader import Day, Item, Reader
from agent.channels.http import Http, Ports, allowed
from agent.channels.pushing import Result, as_frame, lost
from agent.channels.reads import Row, listings_read, orders_read
from agent.channels.rights import lacking
from agent.channels.settings import filled
from agent.channels.tokens import Access
from agent.channels.values import text, whole
from agent.words import in_words

__all__ = ["CAN", "SETTINGS", "WAYS", "Etsy", "connect", "offers"]

CAN = Can(
    title="Etsy",
    write="set",
    batch=400,
    one_product=True,
    read="yes",
    changed=False,
    applies="at once",
    apply_limit=120.0,
    orders="yes",
    decrements="order",
    restocks_cancel=False,
    shared_quantity=True,
    locations=False,
    lag=60.0,
    max_quantity=999,
    requests_per_second=5.0,
    burst=5,
    poll=30.0,
    notes={
        "write": "The whole inventory of a listing is read and written back; a sale or an edit in between is "
        "overwritten, and found by the next read.",
        "batch": "All variations of one listing in one call, and one read for 20 listings.",
        "changed": "Etsy does not say which listings changed: all are read again, 100 a call.",
        "apply_limit": "A request without an answer ends after 60 s; its outcome is unknown until the next read.",
        "orders": "Refunds name no units: one of a part of an order changes nothing, one of the whole ends it.",
        "decrements": "At the order. Not documented by Etsy in so many words.",
        "restocks_cancel": "A cancelled order does not put its units back; they are pushed back. Not documented.",
        "shared_quantity": "Variations share one quantity unless the listing keeps one for each.",
        "lag": "Not documented; Stocksheet measures it.",
        "max_quantity": "Of one variation.",
        "requests_per_second": "Half of what Etsy says with each answer that the app may call.",
        "poll": "Etsy counts calls by the day; where they are short, all listings are read less often.",
        "keep_active": "Etsy takes no listing without a unit: at 0 it is made inactive, and active again with stock. "
        "One whose last unit was sold on Etsy is sold out; renewing it costs Etsy's fee, and is done if you said so.",
        "untracked": "Etsy counts every listing but downloads; what you do not track is left as it stands there.",
    },
)


async def offers(name: str, settings: Mapping[str, str], ports: Ports) -> tuple[str, ...]:
    """Which `WAYS` there are: a practice shop only where one is named."""
    return ("practice",) if settings.get("url") else ("address",)


def connect(name: str, settings: Mapping[str, str], ports: Ports) -> Etsy:
    """The channel of this name. Raises ChannelOut where a setting is missing or cannot be right."""
    given = filled(name, settings, SETTINGS, FIXES)
    if given["renew"] not in ("", "yes", "no"):
        raise ChannelOut("access", in_words("etsy.yes_or_no", name=name), FIXES.renewal(name))
    code = code_of(name, given["granted"])
    base = f"{given['url'] or HOST}/v3/"
    secrets = (given["shared_secret"], code)
    opened = partial(Http, name, base, ports, fixes=FIXES, secrets=secrets, said=said, **allowed(settings))
    door = opened(requests_per_second=1, burst=5)
    access = Access(ports.tokens, ports.clock, Exchange(name, door, ports.clock, given["keystring"], code).renew)
    auth = TokenAuth(access, Key(given["keystring"], given["shared_secret"]).put, ports.clock)
    http = opened(requests_per_second=CAN.requests_per_second, burst=CAN.burst, auth=auth)
    return Etsy(name, (http, door), access, ports, renew=given["renew"] == "yes")


class Etsy:
    """One Etsy shop."""

    def __init__(self, name: str, doors: Sequence[Http], access: Access, ports: Ports, *, renew: bool) -> None:
        self.name = name
        self.can = CAN
        self._doors, self._access, self._clock, self._renew = doors, access, ports.clock, renew
        self._day = Day(ports.clock)
        self._shop: int | None = None
        hidden = Hidden(ports.notes, ports.clock)
        self._catalogue = Catalogue(hidden)
        self._order_book = OrderBook()
        self._pusher = Pusher(
            name, doors[0], self._catalogue, hidden=hidden, day=self._day, clock=ports.clock, renew=renew
        )

    async def account(self) -> Account:
        """Who answers; proves every permission that is needed. Raises ChannelOut."""
        await self._may_all()
        ask = self._asking("audit")
        self._shop = None
        shop = await self._about(ask)
        return Account(
            id=str(self._shop),
            name=text(shop.get("shop_name")) or self.name,
            country=text(shop.get("shop_location_country_iso")) or "",
            currency=text(shop.get("currency_code")) or "",
            listings=whole(shop.get("listing_active_count")),
        )

    async def _may_all(self) -> None:
        """Name every permission that the seller's yes lacks, at once (R5). Raises ChannelOut."""
        token = {"token": await self._access.token()}
        answer = await self._doors[0].request("POST", "application/scopes", form=token, lane="audit", idempotent=True)
        if answer.status != 200:
            raise Declined(self.name, self._doors[0], answer)
        granted = scopes_in(answer.json)
        missing = [f"{words} ({scope})" for scope, words in SCOPES.items() if scope not in granted]
        if granted and missing:
            raise lacking(self.name, missing, FIXES.renewal(self.name))

    async def _about(self, ask: Reader) -> Item:
        return await ask.ask(f"shops/{await self._number(ask)}")

    async def _number(self, ask: Reader) -> int:
        """The shop's. Raises CallFailed; ChannelOut where whoever said yes has none."""
        if self._shop is None:
            self._shop = whole((await ask.ask("users/me")).get("shop_id")) or None
        if self._shop is None:
            raise ChannelOut("access", in_words("etsy.has_no_shop", name=self.name), FIXES.renewal(self.name))
        return self._shop

    async def preflight(self) -> Sequence[Finding]:
        """Vacation, and what happens to listings that sell out. Raises ChannelOut."""
        shop = await self._about(self._asking("audit"))
        found = [Finding("ok", in_words("etsy.off_and_on", name=self.name))]
        said = in_words("etsy.may_renew" if self._renew else "etsy.may_not_renew", name=self.name)
        found.append(Finding("note", said, "" if self._renew else in_words("etsy.to_renew", channel=self.name)))
        if shop.get("is_vacation") is True:
            found.append(Finding("note", in_words("etsy.on_vacation", name=self.name)))
        return found

    async def listings(
        self, only: Sequence[str] | None = None, since: datetime | None = None, lane: Lane = "audit"
    ) -> ListingsRead:
        """Products of listings: all, or just these (agent.channels.base). Raises ChannelOut."""
        ask = self._asking(lane)
        if only is not None:
            found = await self._catalogue.these([id_ for each in only if (id_ := number_of(each))], ask)
            rows = self._catalogue.rows(self.name, list(found.values()), ask)
        elif self._day.may_read_all():
            every = await self._catalogue.everything(await self._number(ask), ask)
            rows = self._catalogue.rows(self.name, every, ask)
        else:
            ask.look.complete, rows = False, []  # the day's calls are short, and this can wait
        return listings_read(rows, ask.look, self._clock, only, since)

    async def orders(self, since: datetime | None, also: Sequence[str] = (), lane: Lane = "orders") -> OrdersRead:
        """Lines of receipts (agent.channels.base). Raises ChannelOut."""
        ask = self._asking(lane)
        shop = await self._number(ask)
        orders = await self._order_book.changed(shop, since, ask)
        seen = {_id(order) for order in orders}
        orders += await self._order_book.by_number(shop, [id_ for id_ in dict.fromkeys(also) if id_ not in seen], ask)
        rows: list[Row] = [row for order in orders for row in order_rows(self.name, order, self._catalogue, ask)]
        return orders_read(rows, ask.look, self._clock, also, {_id(order) for order in orders})

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """Set quantities, one listing a call. Never raises ChannelOut."""
        try:
            shop = await self._number(self._asking(lane))
        except ChannelOut as out:
            failed = CallFailed(out.kind, out.what, out.fix, out.retry_after, reached=False)
            nothing: dict[int, Result] = dict.fromkeys(range(changes.height), lost(failed))
            return as_frame(changes, nothing, self._doors[0].redact)
        return await self._pusher.push(shop, changes, lane)

    async def close(self) -> None:
        """Let go of connections."""
        for door in self._doors:
            await door.close()

    def _asking(self, lane: Lane) -> Reader:
        return Reader(self.name, self._doors[0], lane, Look(), self._day)


def _id(order: Item) -> str | None:
    return text(order.get("receipt_id"))
