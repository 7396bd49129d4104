"""Questions to one eBay account, to either half of its interface, and what each read gathers on its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent.channels.answers import Answer, CallFailed, Look
from agent.channels.base import Lane
from agent.channels.ebay import trading
from agent.channels.ebay.errors import Declined, meaning
from agent.channels.ebay.quota import Quotas
from agent.channels.http import TRY_AGAIN, Http
from agent.channels.values import record
from agent.words import in_words

Item = dict[str, object]
INVENTORY, FULFILLMENT = "sell/inventory/v1/", "sell/fulfillment/v1/"
PASSES = 3
"""How often a list is read that moves under our reading place."""


@dataclass(frozen=True)
class Reader:
    """Questions of one read, in its lane. All raise CallFailed; Declined where eBay understood and said no."""

    name: str
    http: Http
    quotas: Quotas
    lane: Lane
    look: Look

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Item:
        """An object of the REST half."""
        answer = await self.http.request("GET", path, params=params, lane=self.lane, idempotent=True)
        return self._taken(path, answer)

    async def ask(self, call: str, fields: Mapping[str, trading.Value]) -> Item:
        """The answer to a call of the Trading API that changes nothing."""
        answer = await self.send(call, fields, idempotent=True)
        found = self._taken(trading.PATH, answer)
        if "Ack" not in found:
            raise self.unclear()
        return found

    async def send(self, call: str, fields: Mapping[str, trading.Value], *, idempotent: bool) -> Answer:
        """Any call of the Trading API; what the answer says is for the caller to judge."""
        return await self.http.request(
            "POST",
            trading.PATH,
            content=trading.written(call, fields),
            headers=trading.headers(call),
            reads=trading.parsed,
            lane=self.lane,
            idempotent=idempotent,
        )

    def _taken(self, path: str, answer: Answer) -> Item:
        self.quotas.spent(path)
        self.look.saw(answer)
        if (meant := meaning(answer.json)).kind != "fine":
            raise Declined(self.name, self.http, meant)
        if answer.status >= 400 or not isinstance(answer.json, dict):
            raise self.unclear()
        return record(answer.json)

    def unclear(self) -> CallFailed:
        """What was asked for is not in the answer: silence is no empty shop (I11)."""
        return CallFailed("host", in_words("ebay.without_what_was_asked", name=self.name), TRY_AGAIN, reached=False)
