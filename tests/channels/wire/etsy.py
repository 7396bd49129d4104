"""An Etsy practice shop for the contract suite."""

from __future__ import annotations

import random
from datetime import UTC, timedelta
from typing import Any, ClassVar

from agent.channels import find
from agent.channels.base import Channel
from agent.channels.etsy.access import challenge
from agent.channels.http import Ports
from agent.channels.notes import Notes, NotesInMemory
from agent.channels.tokens import InMemory, Keeper, Tokens
from agent.practice.etsy import Request, Response, Shop, transport
from agent.practice.etsy.catalogue import PROPERTIES
from agent.practice.etsy.declared import EXCHANGE, misfits_of_answer, misfits_of_request
from tests.channels.clock import FakeClock
from tests.channels.wire.base import Deeds, Spoiling

KEYSTRING, SECRET = "practice0keystring", "canary0123456789"
STATES = {"paid": "paid", "unpaid": "open", "waiting": "payment processing"}


def settings(shop: Shop, **more: str) -> dict[str, str]:
    """What a seller has after saying yes to Stocksheet."""
    granted = f"https://localhost/?code={shop.authorise(challenge())}&state=x"
    return {"keystring": shop.keystring, "shared_secret": shop.shared_secret, "granted": granted, **more}


def connected(shop: Shop) -> InMemory:
    """The tokens of a shop that was connected a while ago."""
    pair = shop.new_pair()
    return InMemory(Tokens(pair.access, pair.access_ends, pair.refresh))


def spoil(found: Any, spoiled: set[object]) -> None:
    """Nonsense in the quantities of these listings."""
    for each in found.get("results", []) if isinstance(found, dict) else []:
        if each.get("listing_id") in spoiled:
            each["inventory"]["products"][0]["offerings"][0]["quantity"] = {"oops": "a proxy was here"}


def misfits(request: Request, response: Response) -> list[str]:
    """What of an exchange is not as Etsy's contract declares it."""
    if "json" not in response.headers.get("Content-Type", "") or request.path == EXCHANGE:
        return []
    return [*misfits_of_request(request), *misfits_of_answer(request, response)]


class EtsyWorld(Deeds[Shop]):
    """See World. A receipt is paid, shipped, cancelled and refunded as a whole."""

    misfits = staticmethod(misfits)

    cannot: ClassVar = frozenset({"parts of a line"})

    def __init__(
        self,
        clock: FakeClock,
        rng: random.Random,
        tokens: Keeper | None = None,
        notes: Notes | None = None,
        *,
        renew: str = "",
        **more: Any,
    ) -> None:
        self.clock = clock
        given = {"keystring": KEYSTRING, "shared_secret": SECRET, **more}
        self.shop = Shop(clock=clock.now, rng=rng, sleep=clock.sleep, **given)
        self.shop.refresh_life = timedelta(days=3650)  # a channel that runs renews within ninety days
        self.listens()
        self.wire = Spoiling(transport(self.shop), spoil)
        self.rng, self.renew = rng, renew
        self.tokens, self.notes = tokens or connected(self.shop), notes or NotesInMemory()
        self._keys: dict[str, str] = {}
        self.channel: Channel = self.connect()

    def connect(self) -> Channel:
        """The channel as a new start of the program makes it."""
        ports = Ports(self.clock, self.rng, self.wire, self.tokens, self.notes)
        return find("etsy").connect("my-shop", settings(self.shop, renew=self.renew), ports)

    def key(self, listing: str) -> str:
        """How the practice shop calls what the channel calls so."""
        return self._keys.get(listing, listing)

    def add(self, sku: str, quantity: int | None) -> str:
        return str(self.shop.add_simple(sku, f"Thing {sku}", quantity))

    def add_variants(self, sku: str, quantities: list[int], on: list[str] | None = None) -> list[str]:
        each = [{"sku": f"{sku}-{n}", "options": {"Size": str(n)}, "quantity": q} for n, q in enumerate(quantities)]
        id_, keys = self.shop.add_product(f"Thing {sku}", each, on)
        named = {f"{id_}/{PROPERTIES['Size']}={n}": key for n, key in enumerate(keys)}
        self._keys |= named
        return list(named)

    def add_shared(self, sku: str, variants: int, quantity: int) -> list[str]:
        return self.add_variants(sku, [quantity] * variants, [])

    def sell(self, listing: str, units: int, state: str = "paid") -> str:
        return str(self.shop.book_order([(self.key(listing), units)], STATES[state]).id)

    def ship(self, order: str) -> None:
        self.shop.ship(int(order))

    def cancel(self, order: str) -> None:
        self.shop.cancel(int(order))

    def refund(self, order: str, units: int) -> None:
        """Etsy does not say of how many units: all."""
        self.shop.refund_all(int(order))

    def remove_order(self, order: str) -> None:
        self.shop.delete_order(int(order))

    def remove(self, listing: str) -> None:
        self.shop.remove(self.key(listing))

    def stop_counting(self, listing: str) -> None:
        """The nearest that Etsy has: it becomes a download."""
        self.shop.make_digital(self.key(listing))

    def shown(self, listing: str) -> int | None:
        return self.shop.quantity(self.key(listing))

    def spoil(self, listing: str) -> None:
        self.wire.spoiled.add(int(listing.partition("/")[0]))

    def lose_answer_of_next_write(self, applied: bool) -> None:
        if applied:
            self.shop.faults.answer_lost_after_apply = 1
        else:
            self.shop.faults.write_lost_before_apply = 1

    def refuse(self, listing: str) -> None:
        self.shop.faults.reject_listings.add(int(listing.partition("/")[0]))

    def asked(self, method: str, tail: str = "") -> list[tuple[Request, Response]]:
        """The calls of one kind."""
        return [each for each in self.exchanges if each[0].method == method and each[0].path.endswith(tail)]

    def writes(self) -> int:
        return len(self.asked("PUT")) + len(self.asked("PATCH"))

    def reads(self) -> int:
        return len(self.asked("GET"))


def world(clock: FakeClock, rng: random.Random) -> EtsyWorld:
    """A fresh shop without listings."""
    assert clock.now().tzinfo is UTC
    return EtsyWorld(clock, rng)
