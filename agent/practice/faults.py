"""What every practice shop has of what can go wrong: chances that strike, slowness, and a web page instead of data."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Protocol

from agent.practice.wire import ConnectionLost, Request, Response

Chance = bool | int | float
"""True: always. A whole number n: the next n times. A fraction p: each time with that probability."""

_PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


@dataclass(kw_only=True)
class Chances:
    """The faults that all shops share, none by default; each platform adds its own. All may be changed at any time."""

    down: Chance = False  # 503 with an HTML page
    html_403: Chance = False  # a firewall's page
    answer_lost_before_apply: Chance = False  # the connection breaks, nothing was done
    answer_lost_after_apply: Chance = False  # a write is done, then the connection breaks
    slow: float = 0.0  # seconds a request takes: half before it is applied, half after
    order_visible_after: float = 0.0  # seconds until a new or changed order can be read

    def strikes(self, name: str, rng: random.Random) -> bool:
        """Whether the fault of that name happens now; counts a counted one down."""
        chance: Chance = getattr(self, name)
        if isinstance(chance, bool):
            return chance
        if isinstance(chance, float):
            return chance > 0 and rng.random() < chance
        setattr(self, name, max(0, chance - 1))
        return chance > 0

    def intercept(self, rng: random.Random) -> Response | None:
        """What stands before the shop itself: a broken line, a host that is down, a firewall; a platform's own limits
        follow."""
        if self.strikes("answer_lost_before_apply", rng):
            raise ConnectionLost
        if self.strikes("down", rng):
            return html(503, "Service Unavailable")
        return html(403, "403 Forbidden") if self.strikes("html_403", rng) else None

    def loses_answer(self, writes: bool, rng: random.Random) -> bool:
        """Whether the answer to a request that was applied gets lost; only one that writes is."""
        return writes and self.strikes("answer_lost_after_apply", rng)


class Listened(Protocol):
    """A practice shop whose exchanges somebody may listen to, and whose answers may get lost."""

    rng: random.Random
    on_exchange: Callable[[Request, Response], None] | None

    @property
    def faults(self) -> Chances:
        """What may go wrong now."""


def send(shop: Listened, request: Request, response: Response, at: datetime, *, wrote: bool) -> None:
    """What becomes of every answer: it is dated (`at`, in UTC), told to who listens, and lost where that is to happen
    to one that wrote. Raises ConnectionLost."""
    response.headers["Date"] = format_datetime(at, usegmt=True)
    if shop.on_exchange is not None:
        shop.on_exchange(request, response)
    if shop.faults.loses_answer(wrote, shop.rng):
        raise ConnectionLost


def html(status: int, title: str) -> Response:
    """A page of the host's, where data should be."""
    return Response(status, _PAGE.format(title).encode(), {"Content-Type": "text/html; charset=UTF-8"})


def after(seconds: float | None) -> dict[str, str]:
    """The header that asks for so much patience; none where it is not said how much."""
    return {} if seconds is None else {"Retry-After": f"{seconds:g}"}
