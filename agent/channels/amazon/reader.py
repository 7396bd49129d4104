"""Questions to one seller's account, and what each read gathers on its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from agent.channels.amazon.doors import Doors
from agent.channels.amazon.errors import Declined
from agent.channels.amazon.markets import Market
from agent.channels.answers import CallFailed, Look
from agent.channels.base import Lane
from agent.channels.http import TRY_AGAIN
from agent.channels.reads import parts
from agent.channels.values import record, records
from agent.words import in_words

Item = dict[str, object]
Params = Mapping[str, str | int]
AT_ONCE = 20
"""SKUs a search takes."""


@dataclass(frozen=True)
class Seller:
    """Whose account it is, and in which country."""

    id: str
    market: Market

    @property
    def path(self) -> str:
        return f"listings/2021-08-01/items/{quote(self.id, safe='')}"

    def item(self, sku: str) -> str:
        """The address of one SKU: whatever stands in it is written as %2F and the like, or a gateway refuses it."""
        return f"{self.path}/{quote(sku, safe='')}"


@dataclass(frozen=True)
class Reader:
    """Questions of one read, in its lane. All raise CallFailed; Declined where Amazon understood and said no."""

    doors: Doors
    seller: Seller
    lane: Lane
    look: Look

    @property
    def name(self) -> str:
        return self.doors.name

    async def get(self, operation: str, path: str, params: Params | None = None) -> Item:
        """An answer's object."""
        answer = await self.doors.call(operation, "GET", path, params=params, lane=self.lane, idempotent=True)
        self.look.saw(answer)
        return record(answer.json)

    async def search(self, params: Params) -> Item:
        """One page of offers. One without a list is no empty shop (I11)."""
        asked = {"marketplaceIds": self.seller.market.id, "pageSize": AT_ONCE, **params}
        found = await self.get("search", self.seller.path, asked)
        if not isinstance(found.get("items"), list):
            raise self.unclear()
        return found

    async def by_sku(self, skus: Sequence[str], included: str) -> dict[str, Item]:
        """These offers, 20 a call; one that is not there is left out. A SKU with a comma cannot stand in a list: it is
        asked for by itself."""
        found: dict[str, Item] = {}
        for some in parts([sku for sku in skus if "," not in sku], AT_ONCE):
            asked = {"identifiers": ",".join(some), "identifiersType": "SKU", "includedData": included}
            found |= {sku_of(item): item for item in records((await self.search(asked)).get("items"))}
        for sku in skus:
            if "," in sku and (item := await self._alone(sku, included)) is not None:
                found[sku] = item
        return {sku: found[sku] for sku in skus if sku in found}

    async def _alone(self, sku: str, included: str) -> Item | None:
        asked: Params = {"marketplaceIds": self.seller.market.id, "includedData": included}
        try:
            return await self.get("item", self.seller.item(sku), asked)
        except Declined as declined:
            if declined.meant.kind != "gone":
                raise
            return None

    def unclear(self) -> CallFailed:
        """What was asked for is not in the answer."""
        return CallFailed("host", in_words("amazon.unclear", name=self.name), TRY_AGAIN, reached=False)


def sku_of(item: Item) -> str:
    """The SKU as it is, spaces and all: it is the offer's only name. "" where there is none."""
    sku = item.get("sku")
    return sku if isinstance(sku, str) and sku.isprintable() and sku.strip() else ""
