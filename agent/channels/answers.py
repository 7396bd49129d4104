"""What goes into a call and comes out of one: ports, limits, answers, failures; and reading what hosts send."""

from __future__ import annotations

import json as jsonlib
import random
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

import httpx

from agent.channels.base import ChannelOut
from agent.channels.notes import Notes, NotesInMemory
from agent.channels.tokens import InMemory, Keeper
from agent.channels.values import record, text
from agent.ports import Clock
from agent.words import typed


@dataclass(frozen=True)
class Ports:
    """The outside world, as a channel is given it. `transport` is a practice shop's, or None for the real network."""

    clock: Clock
    rng: random.Random
    transport: httpx.AsyncBaseTransport | None = None
    tokens: Keeper = field(default_factory=InMemory)
    """Keeps this channel's changing tokens (agent.channels.tokens.Access)."""
    notes: Notes = field(default_factory=NotesInMemory)
    """Keeps what this channel must know after a restart (agent.channels.notes)."""


@dataclass(frozen=True)
class Timeouts:
    """Seconds. `total` ends a call whatever drips in; a platform's `apply_limit` must be longer."""

    connect: float = 10
    read: float = 60
    write: float = 30
    total: float = 60


NORMAL = Timeouts()


@dataclass(frozen=True)
class Fixes:
    """What a person can do on this platform, in plain sentences."""

    access: str
    """`{connect}` in it stands for the command that renews the access."""
    address: str
    firewall: str = ""
    """Where a web page is the answer to a call (403); "": what is so of most shops."""

    def renewal(self, name: str) -> str:
        """`access` for the channel of this name."""
        return self.access.replace("{connect}", connects(name))


def connects(name: str) -> str:
    """The command that renews the access of the channel of this name."""
    return f"stocksheet connect {typed(name)}"


@dataclass(frozen=True)
class Answer:
    """An answer in JSON, with any status below 500 that is not about access or waiting."""

    status: int
    json: object
    headers: Mapping[str, str]
    server_time: datetime
    """When the host answered, by its own clock (whole seconds, rounded down)."""
    began: datetime
    """Not later than the moment the host began, by its own clock."""

    def number(self, header: str) -> int | None:
        """A header that counts something, such as X-WP-Total."""
        value = self.headers.get(header, "")
        return int(value) if value.isascii() and value.isdigit() else None


@dataclass(frozen=True)
class Budget:
    """What a host says of our budget with it, in the unit in which it counts."""

    spent: float
    """What this call cost in the end."""
    available: float
    maximum: float
    rate: float
    """What comes back a second."""


@dataclass(frozen=True)
class Said:
    """What an answer says in its body where others say it by the status."""

    budget: Budget | None = None
    wait: float | None = None
    """Seconds after which it will listen; nothing was done."""
    unwell: bool = False
    """Trouble of its own, as others say it by 500."""
    refused: bool = False
    """The token is not good any more, as others say it by 401; nothing was done."""
    slower: bool = False
    """There were too many calls: `wait`, and fewer of them from now on."""
    told: bool = False
    """The body says what is wrong: a status of 401 or 403 says nothing of the access."""


SAID_NOTHING = Said()


class CallFailed(ChannelOut):
    """A whole call failed. `reached`: the host may have acted on it. `again`: repeating it can help."""

    def __init__(
        self,
        kind: Literal["access", "host", "wait"],
        what: str,
        fix: str,
        retry_after: float | None = None,
        *,
        reached: bool,
        again: bool = False,
        answered: bool = True,
    ) -> None:
        super().__init__(kind, what, fix, retry_after)
        self.reached = reached
        self.again = again
        self.answered = answered
        """The host said something, if only nonsense. False: silence."""


class Refused(CallFailed):
    """The access is refused; where it is a token, it is renewed once (agent.channels.auth)."""


@dataclass
class Look:
    """What one read gathers on its way."""

    began: datetime | None = None
    ended: datetime | None = None
    complete: bool = True
    issues: list[str] = field(default_factory=list)
    partial: list[str] = field(default_factory=list)
    """Orders of which a line could not be read."""
    emptied: list[str] = field(default_factory=list)
    """Orders without any line."""

    def saw(self, answer: Answer) -> None:
        self.began = self.began or answer.began
        self.ended = answer.server_time

    def lacking(self, sentence: str) -> None:
        self.complete = False
        self.issues.append(sentence)


NONSENSE = object()
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
"""Half a pair of a character beyond the first 65,536, or a whole one."""


def parse(body: bytes) -> object:
    """The JSON, or NONSENSE; NaN and Infinity, which are not JSON, become null. Half a pair (`\\ud83d` alone, as of a
    title cut within an emoji) becomes `?`: nothing can store it."""
    try:
        found = jsonlib.loads(body.decode("utf-8-sig"), parse_constant=lambda _: None)
        if _HALF.search(body):
            found = jsonlib.loads(jsonlib.dumps(found, ensure_ascii=False).encode(errors="replace"))
        return found
    except (ValueError, RecursionError):
        return NONSENSE


def reason(found: object) -> str:
    told = record(found) if found is not NONSENSE else {}
    said = text(told.get("message")) or text(told.get("error_description")) or text(told.get("error"))
    return said.rstrip(".") if said else ""


def place(headers: httpx.Headers) -> str:
    """Where to, without any path or query."""
    try:
        target = httpx.URL(headers.get("location", ""))
    except httpx.InvalidURL:
        return ""
    return f"{target.scheme}://{target.host}" if target.host else ""


def http_date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def is_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError) or "CERTIFICATE_VERIFY_FAILED" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False
