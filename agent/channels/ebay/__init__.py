"""eBay, in the order of agent.channels.base: CAN, SETTINGS, connect, and the channel's verbs.

The parts: `access` (the way in, tokens), `errors` (what each means), `trading` (the older half, in XML), `reader`
(questions), `quota` (calls of a day), `listings`, `orders`, `push` with `zero` and `revisions`. The REST half is
written from the vendor's contracts; the Trading API, for which no contract in a form for programs is at hand, from the
vendor's pages. What they leave open is marked in `CAN.notes`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import httpx
import polars as pl

from agent.channels.answers import CallFailed, Look
from agent.channels.auth import TokenAuth
from agent.channels.base import Account, Can, ChannelOut, Finding, Lane, ListingsRead, OrdersRead
from agent.channels.ebay.access import EARLY, FIXES, HOST, IDENTITY, SETTINGS, WAYS, Exchange, code_of, put
from agent.channels.ebay.errors import Declined, meaning, said_by
from agent.channels.ebay.listings import Catalogue
from agent.channels.ebay.orders import OrderBook, order_rows
from agent.channels.ebay.push import BATCH, BULK, Pusher
from agent.channels.ebay.quota import Quotas
from agent.channels.ebay.reader import FULFILLMENT, INVENTORY, Reader
from agent.channels.ebay.revisions import Revisions
from agent.channels.ebay.zero import Zero
from agent.channels.http import Http, Ports, allowed
from agent.channels.reads import listings_read, orders_read
from agent.channels.rights import proven
from agent.channels.settings import filled
from agent.channels.tokens import Access, InMemory
from agent.channels.values import record, text
from agent.words import in_words

__all__ = ["CAN", "SETTINGS", "WAYS", "Ebay", "connect"]

CAN = Can(
    title="eBay",
    write="set",
    batch=BATCH,
    read="yes",
    changed=False,
    applies="at once",
    apply_limit=120.0,
    orders="yes",
    decrements="payment",
    restocks_cancel=False,
    shared_quantity=False,
    locations=False,
    lag=60.0,
    max_quantity=None,
    requests_per_second=10.0,
    burst=20,
    poll=20.0,
    notes={
        "write": "No compare-and-set; a sale in the moment of a push is overwritten, and found by the next read.",
        "batch": "25 of listings that were made with the Inventory API, 4 of all others; each listing is recognised.",
        "changed": "eBay does not say which listings changed; all are read again, 200 a call.",
        "apply_limit": "A request without an answer ends after 60 s; its outcome is unknown until the next read.",
        "orders": "Those of two years that went through the checkout.",
        "decrements": "An order is shown when it is paid. A purchase that is still to be paid takes its unit off the "
        "listing before; until then it is a unit that is missing.",
        "restocks_cancel": "Whether a cancelled order puts its units back is not documented; they are pushed back.",
        "lag": "Not documented; Stocksheet measures it.",
        "max_quantity": "It differs by category and by the account's selling limit; more is refused, and said.",
        "requests_per_second": "Calls are counted over a day; how many there are is asked of eBay each hour, and the "
        "last ones are kept for lowering.",
        "keep_active": "A listing at 0 stays, hidden, if out-of-stock control is on in the account; while it is off, "
        "no 0 is sent, because eBay would end the listing.",
        "untracked": "eBay counts every listing; what you do not track is left as it stands there.",
        "maximum": "A listing may be changed 250 times a day; the last 30 are kept for lowering.",
    },
)
CURRENCIES = {
    "US": "USD", "MOTORS_US": "USD", "GB": "GBP", "DE": "EUR", "FR": "EUR", "IT": "EUR", "ES": "EUR", "AT": "EUR",
    "BE": "EUR", "NL": "EUR", "IE": "EUR", "AU": "AUD", "CA": "CAD", "CH": "CHF", "PL": "PLN", "HK": "HKD",
    "SG": "SGD", "MY": "MYR", "PH": "PHP",
}  # fmt: skip
"""By the site where the account is registered."""


def connect(name: str, settings: Mapping[str, str], ports: Ports) -> Ebay:
    """The channel of this name. Raises ChannelOut where a setting is missing or cannot be right."""
    given = filled(name, settings, SETTINGS, FIXES)
    code = code_of(name, given["granted"])
    secrets = (given["cert_id"], code)
    quota = Quotas(ports.clock)
    said = said_by(quota.wait)

    def door(base: str, auth: httpx.Auth, rate: float = 1.0, burst: int = 5) -> Http:
        return Http(
            name, base, ports, requests_per_second=rate, burst=burst, fixes=FIXES, auth=auth, secrets=secrets,
            said=said, **allowed(settings),
        )  # fmt: skip

    host = f"{given['url'] or HOST}/"
    keys = door(host, httpx.BasicAuth(given["app_id"], given["cert_id"]))
    exchange = Exchange(name, keys, ports.clock, given["runame"], code)
    access = Access(ports.tokens, ports.clock, exchange.renew, EARLY)
    of_app = Access(InMemory(), ports.clock, exchange.of_app, EARLY)
    counts = door(f"{host}developer/analytics/v1_beta/", TokenAuth(of_app, put, ports.clock))
    quota.counted_by(counts)
    main = door(host, TokenAuth(access, put, ports.clock), CAN.requests_per_second, CAN.burst)
    identity = door(f"{given['url'] or IDENTITY}/", TokenAuth(access, put, ports.clock))
    return Ebay(name, _Doors(main, identity, keys, counts), quota, ports)


@dataclass(frozen=True)
class _Doors:
    """The ways to eBay: `main` for all that is done with listings and orders."""

    main: Http
    identity: Http
    keys: Http
    counts: Http


class Ebay:
    """One eBay account."""

    def __init__(self, name: str, doors: _Doors, quotas: Quotas, ports: Ports) -> None:
        self.name = name
        self.can = CAN
        self._doors, self._quotas, self._clock, self._tokens = doors, quotas, ports.clock, ports.tokens
        self._catalogue = Catalogue()
        self._order_book = OrderBook(ports.clock)
        self._zero = Zero(ports.clock)
        self._pusher = Pusher(name, doors.main, quotas, self._zero, Revisions(ports.clock))

    async def account(self) -> Account:
        """Who answers; proves the right to read listings and orders and to set quantities. Raises ChannelOut."""
        ask = self._asking("audit")
        answer = await self._doors.identity.request("GET", "commerce/identity/v1/user/", lane="audit", idempotent=True)
        if (meant := meaning(answer.json)).kind != "fine":
            raise Declined(self.name, self._doors.identity, meant)
        about = record(answer.json)
        id_ = text(about.get("userId"))
        if id_ is None:
            raise ChannelOut("host", in_words("ebay.another_answers", name=self.name), FIXES.address)
        if about.get("status") == "ACCOUNTONHOLD":
            raise ChannelOut("access", in_words("ebay.on_hold", name=self.name), in_words("ebay.see_on_hold"))
        count = await self._may_all(ask)
        country = (text(about.get("registrationMarketplaceId")) or "").removeprefix("EBAY_")
        tokens = self._tokens.read()
        return Account(
            id=id_,
            name=text(about.get("username")) or self.name,
            country=country,
            currency=CURRENCIES.get(country, ""),
            listings=count,
            access_ends=tokens.refresh_ends if tokens else None,
        )

    async def _may_all(self, ask: Reader) -> int:
        """Name every permission that is missing, at once (R5); gives how many listings there are. Raises ChannelOut."""
        proofs: dict[str, Callable[[], Awaitable[object]]] = {
            in_words("ebay.proof_listings"): lambda: ask.get(f"{INVENTORY}inventory_item", {"limit": 1, "offset": 0}),
            in_words("ebay.proof_orders"): lambda: ask.get(f"{FULFILLMENT}order", {"limit": 1}),
            in_words("ebay.proof_write"): self._may_write,
        }
        await proven(self.name, proofs, _is_refusal, FIXES.renewal(self.name))
        return await self._catalogue.count(ask)

    async def _may_write(self) -> None:
        """An offer with the number 0 is nobody's: it is refused for that, or for want of permission."""
        body = {"requests": [{"offers": [{"offerId": "0", "availableQuantity": 0}]}]}
        answer = await self._doors.main.request("POST", BULK, json=body, lane="audit", idempotent=True)
        if (meant := meaning(answer.json)).kind in ("connect", "key", "scope"):
            raise Declined(self.name, self._doors.main, meant)

    async def preflight(self) -> Sequence[Finding]:
        """Out-of-stock control, and how many calls a day there are. Raises ChannelOut."""
        ask = self._asking("audit")
        if await self._zero.is_on(ask, again=True):
            found = [Finding("ok", in_words("ebay.control_on", name=self.name))]
        else:
            what = in_words("ebay.control_off", name=self.name)
            found = [Finding("fix", what, in_words("ebay.switch_control_on"))]
        await self._quotas.refresh(again=True)
        return [*found, *self._calls()]

    def _calls(self) -> list[Finding]:
        rate = self._quotas.left("trading")
        if rate is None:
            return []
        facts = {"name": self.name, "remaining": rate.remaining, "limit": rate.limit, "reset": rate.reset.isoformat()}
        found = [Finding("ok", in_words("ebay.calls_left", **facts))]
        if self._catalogue.pages * 96 > rate.limit / 2:
            what = in_words("ebay.calls_few", name=self.name, limit=rate.limit, calls=self._catalogue.pages)
            found.append(Finding("note", what, in_words("ebay.ask_growth")))
        return found

    async def listings(
        self, only: Sequence[str] | None = None, since: datetime | None = None, lane: Lane = "audit"
    ) -> ListingsRead:
        """Listings and variations: all, or just these (agent.channels.base). Raises ChannelOut."""
        ask = self._asking(lane)
        known = self._catalogue.records is not None
        if known and not self._quotas.may("trading", self._catalogue.cost(only), lane):
            ask.look.lacking(in_words("ebay.read_later", name=self.name))
            items = []
        elif only is not None:
            items = await self._catalogue.these(only, ask)
        else:
            items = await self._catalogue.everything(ask)
        read = listings_read(self._catalogue.rows(self.name, items, ask), ask.look, self._clock, only, since)
        await self._quotas.refresh()
        return read

    async def orders(self, since: datetime | None, also: Sequence[str] = (), lane: Lane = "orders") -> OrdersRead:
        """Lines of orders (agent.channels.base). Raises ChannelOut."""
        ask = self._asking(lane)
        orders = await self._order_book.changed(since, ask)
        seen = {text(order.get("orderId")) for order in orders}
        orders += await self._order_book.by_number([id_ for id_ in dict.fromkeys(also) if id_ not in seen], ask)
        rows = []
        for order in orders:
            parcels = await self._order_book.parcels(order, ask)
            rows += order_rows(self.name, order, parcels, self._catalogue, ask)
        await self._quotas.refresh()
        return orders_read(rows, ask.look, self._clock, also, {text(order.get("orderId")) for order in orders})

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """Set quantities (agent.channels.ebay.push). Never raises ChannelOut."""
        return await self._pusher.push(changes, lane)

    async def close(self) -> None:
        """Let go of connections."""
        for each in (self._doors.main, self._doors.identity, self._doors.keys, self._doors.counts):
            await each.close()

    def _asking(self, lane: Lane) -> Reader:
        return Reader(self.name, self._doors.main, self._quotas, lane, Look())


def _is_refusal(failed: CallFailed) -> bool:
    return isinstance(failed, Declined) and failed.meant.kind == "scope"
