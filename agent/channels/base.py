"""What a channel is: three verbs, an account, and a record of what it can do (DESIGN section 9).

A platform is one package in this folder. Its `__init__` holds, in this order: `CAN`, `SETTINGS` (and `WAYS`, where
there are several ways to connect, with `offers`), `connect`, and the channel class with `account`, `preflight`,
`listings`, `orders`, `push`, `close` (a test looks at it); beside it stand the functions that turn the platform's words
into ours. No other code is edited when a platform comes: `agent.channels.find(platform)` imports the package by its
name, and whoever asked calls its `connect(...)`.

Frames (schemas in `agent.frames`): `listings` gives LISTINGS, `orders` gives ORDER_LINES, `push` takes CHANGES and
gives RESULTS. Times are aware UTC, in the *server's* clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

import polars as pl

Lane = Literal["lower", "orders", "raise", "audit"]
"""The four lanes of one channel's call budget, first served first."""


@dataclass(frozen=True)
class Can:
    """What a platform can do, with reasons. Fails early, chooses the contract tests, prints the README table."""

    title: str
    """The platform's name as people write it."""
    write: Literal["set", "compare_and_set"]
    batch: int
    """The most quantities one call takes."""
    read: Literal["yes", "no"]
    """Whether a listing's quantity can be read back."""
    changed: bool
    """One call finds the listings that changed: they are read together with the orders."""
    applies: Literal["at once", "later"]
    """'at once': the answer means that the quantity stands. 'later': accepted is only sent."""
    apply_limit: float
    """Seconds after which a sent value can no longer take effect (at once: a request's time limit and what the host may
    still do with a request whose answer was lost)."""
    orders: Literal["yes", "no"]
    decrements: Literal["order", "payment"]
    """When the platform itself takes sold units off a listing."""
    restocks_cancel: bool
    """A cancelled order puts its units back on the listing by itself."""
    shared_quantity: bool
    """Several listings may share one quantity (one stock cell)."""
    locations: bool
    lag: float
    """Seconds until a new order can be read, at the most, on a good day."""
    max_quantity: int | None
    requests_per_second: float
    """Or points a second, where the platform gives each call a price."""
    burst: int
    poll: float
    """Seconds between two looks at the orders, when nothing hurries."""
    notes: dict[str, str] = field(default_factory=dict)
    """Why: one sentence a flag that needs one."""
    one_product: bool = False
    """One call takes quantities of one product only."""


@dataclass(frozen=True)
class Setting:
    """One thing `connect` asks for."""

    key: str
    label: str
    secret: bool
    help: str
    optional: bool = False
    """It may be left empty; or, where it is one of `Way.asks`, other ways do without it."""
    begins: str = ""
    """How the real one begins, such as `ck_`: one that was swapped is told before anything is sent."""
    tidy: Callable[[str], str] = str.strip
    """Puts right what was typed or pasted, such as the address of some page of the shop."""


@dataclass(frozen=True)
class Browser:
    """A page of the shop on which a person says yes, and which then sends the browser back to this computer."""

    page: Callable[[Mapping[str, str], str, str], str]
    """Settings typed so far, our address for a yes, our address for a no -> the page to open."""
    brought: Callable[[Mapping[str, str], Mapping[str, str]], Mapping[str, str]]
    """Settings, what the browser brought along -> what `Way.asks` for. Raises ChannelOut where that is not it."""


@dataclass(frozen=True)
class Way:
    """One way to connect a shop (a platform's `WAYS`, the best first). Without any, its `SETTINGS` are asked for.

    A platform with several may say which of them a shop offers: `async def offers(name, settings, ports)`, which gives
    their keys and raises ChannelOut where the address is no such shop's.
    """

    key: str
    title: str
    """A few words for the choice, such as `in the browser: you say yes, nothing to copy`."""
    steps: tuple[str, ...]
    """What to do in the shop's admin, one thing each. `{url}` and the like: settings typed before."""
    asks: tuple[str, ...]
    """The keys of the settings that it needs besides those that every way needs."""
    browser: Browser | None = None
    """The browser brings what it needs; nothing is typed."""


@dataclass(frozen=True)
class Account:
    """Who answers at the other end; shown at connect, pinned for ever after."""

    id: str
    """The fingerprint: another account later stops the channel."""
    name: str
    country: str
    currency: str
    listings: int | None
    locations: tuple[str, ...] = ()
    access_ends: datetime | None = None
    """When a person must renew the access (not the hour's token that is renewed by itself); None: it does not end."""
    beyond: str = ""
    """What the access allows beyond what Stocksheet needs, and how to have it smaller: sentences; "" where nothing."""


@dataclass(frozen=True)
class Finding:
    """One line of a platform's preflight (S3-2): what is so in the shop's own settings, and how to mend it."""

    sign: Literal["ok", "note", "fix"]
    """fix: something would not work as it is. note: good to know."""
    what: str
    fix: str = ""


@dataclass(frozen=True)
class Standing:
    """Something that a person should know of a channel as long as it stands, such as a file that waits: sentences."""

    key: str
    """What it is about; it may change its words and stays the same row of Attention."""
    what: str
    fix: str


@dataclass(frozen=True)
class Unclear:
    """A column of a shop's own list that a person must name before it can be read."""

    key: str
    meaning: str
    """In words: `the SKU`."""
    headers: tuple[str, ...]
    """Those that it may be, at most six."""


@dataclass(frozen=True)
class ListingsRead:
    """What one read of listings saw."""

    frame: pl.DataFrame
    """LISTINGS, one row a sellable variant."""
    began: datetime
    """Server time just before the first page: what happened after it may be missing."""
    ended: datetime
    """Server time of the last answer."""
    complete: bool
    """Every page of everything was read (False for `only=` and `since=`)."""
    issues: tuple[str, ...] = ()
    """A listing that could not be understood: one sentence each; the rest is in the frame."""
    set_out: Mapping[str, int] = field(default_factory=dict)
    """Listing -> units that set out for a warehouse of the marketplace's own of late (S3-12): they may explain what is
    missing of the seller's."""
    inbound: Mapping[str, int] = field(default_factory=dict)
    """Listing that the marketplace itself keeps and ships -> units that are on the way to its warehouse now, by the
    seller's own shipments (S3-12). One that it lacks is as it was."""
    as_of: datetime | None = None
    """Where a list was read that was made earlier: when, by our clock. It says nothing of what happened since, and read
    again it says nothing new. None: as of the asking."""
    fresh: bool = True
    """False: too old for a raise to rest on."""


@dataclass(frozen=True)
class OrdersRead:
    """What one read of orders saw."""

    frame: pl.DataFrame
    """ORDER_LINES: the latest state of each line of each order read."""
    began: datetime
    """Server time just before the first page: the feed is known complete up to here, less the platform's lag."""
    gone: tuple[str, ...] = ()
    """Order ids of `also` that the channel no longer has."""
    issues: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    """Ids of orders of which a line could not be read: a line that lacks in the frame was not taken out of them."""
    emptied: tuple[str, ...] = ()
    """Ids of orders that have no line any more."""
    as_of: datetime | None = None
    """As ListingsRead.as_of: the orders are known up to here, and are as old as that."""


class ChannelOut(Exception):
    """The whole channel is out. Stops only this channel.

    `kind`: `access` (a person must renew it), `host` (does not answer or answers nonsense), `wait` (asks us to wait).
    `what` and `fix` are plain sentences without any secret. `retry_after` in seconds, when the host said so.
    """

    def __init__(
        self, kind: Literal["access", "host", "wait"], what: str, fix: str, retry_after: float | None = None
    ) -> None:
        super().__init__(what)
        self.kind = kind
        self.what = what
        self.fix = fix
        self.retry_after = retry_after


class Channel(Protocol):
    """One account on one marketplace.

    A platform that has something to look at in the shop's own settings before anything is pushed has one verb more:
    `async def preflight(self) -> Sequence[Finding]`, which changes nothing and raises ChannelOut. One that reads lists
    of the shop's own has `def standing(self) -> Sequence[Standing]`, told in Attention while it stands, and for columns
    that only a person can name `def unclear(self) -> Sequence[Unclear]` with `async def clear(self, key, choice)`. One
    that may say only minutes later what became of what it took has `async def hand_in(self, changes, lane) -> Handed`
    beside `push`, which waits for it (agent.channels.pushing).
    """

    name: str
    can: Can

    async def account(self) -> Account:
        """Verify the access. Raises ChannelOut; of kind `access`, naming each permission that is missing (R5)."""

    async def listings(
        self, only: Sequence[str] | None = None, since: datetime | None = None, lane: Lane = "audit"
    ) -> ListingsRead:
        """All sellable variants; or just these listing ids, fresh; or those changed since a server time (can.changed).

        An id of `only` that no longer exists is simply absent from the frame. Raises ChannelOut.
        """

    async def orders(self, since: datetime | None, also: Sequence[str] = (), lane: Lane = "orders") -> OrdersRead:
        """Every line of every order changed since a server time, plus the orders `also` afresh. Orders come whole: a
        known line that an order does not have any more was taken out of it (but see `OrdersRead.partial`).

        `None`: every open line, however old. Raises ChannelOut (then nothing of the read may be used).
        """

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """Set quantities. CHANGES in, RESULTS out: one row a change, whatever happened. Never raises ChannelOut."""

    async def close(self) -> None:
        """Let go of connections."""
