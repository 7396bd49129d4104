"""What the seller sent to Amazon's own warehouses and has not arrived there (FBA Inventory v1): read, never written.

`inboundShippedQuantity` has left with a tracking number; `inboundReceivingQuantity` is what of a shipment that is being
unpacked is still to come. A shipment that is only planned (`inboundWorkingQuantity`) lies on the seller's shelf yet.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from agent.channels.amazon.reader import Item, Params, Reader
from agent.channels.answers import CallFailed
from agent.channels.values import record, records, text, whole

PATH = "fba/inventory/v1/summaries"
OVERLAP = timedelta(minutes=10)


class Inbound:
    """Reads all of it once, and then what changed."""

    def __init__(self) -> None:
        self._asked_at: datetime | None = None

    async def on_the_way(self, kept: Collection[str], ask: Reader) -> dict[str, int]:
        """SKU -> units on the way, of what changed since the last look. `kept`: the SKUs that Amazon keeps; without
        any nothing is asked. Where it cannot be read nothing is known: the next look asks for the same again."""
        if not kept:
            return {}
        market, began = ask.seller.market.id, ask.look.began
        asked: Params = {
            "details": "true", "granularityType": "Marketplace", "granularityId": market, "marketplaceIds": market,
        }  # fmt: skip
        if self._asked_at is not None:
            asked = {**asked, "startDateTime": f"{self._asked_at - OVERLAP:%Y-%m-%dT%H:%M:%SZ}"}
        try:
            found = await self._pages(asked, ask)
        except CallFailed:
            return {}
        self._asked_at = began
        told = {text(each.get("sellerSku")) or "": _units(each) for each in found}
        return {sku: units for sku, units in told.items() if sku and units is not None}

    async def _pages(self, asked: Params, ask: Reader) -> list[Item]:
        found: list[Item] = []
        seen: set[str] = set()
        token = ""
        while True:
            page = await ask.get("inbound", PATH, {**asked, "nextToken": token} if token else asked)
            summaries = record(page.get("payload")).get("inventorySummaries")
            if not isinstance(summaries, list):
                raise ask.unclear()
            found += records(summaries)
            token = text(record(page.get("pagination")).get("nextToken")) or ""
            if not token:
                return found
            if token in seen:
                raise ask.unclear()
            seen.add(token)


def _units(summary: Item) -> int | None:
    """None where Amazon does not say."""
    details = record(summary.get("inventoryDetails"))
    parts = [whole(details.get(name)) for name in ("inboundShippedQuantity", "inboundReceivingQuantity")]
    return None if None in parts else sum(part or 0 for part in parts)
