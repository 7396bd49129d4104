"""FBA Inventory v1: what lies at Amazon, and what is on the way there."""

from __future__ import annotations

from agent.practice.amazon.listing_calls import Path, Told, asked_time, told_time
from agent.practice.amazon.offers import Offer
from agent.practice.amazon.shop import Shop
from agent.practice.amazon.wording import invalid
from agent.practice.wire import Request

PAGE = 50


def summaries(shop: Shop, request: Request, path: Path) -> Told:
    """GET /fba/inventory/v1/summaries."""
    query = dict(request.query)
    if not query["granularityId"] == query["marketplaceIds"] == shop.marketplace:
        raise invalid("Invalid granularityId or marketplaceIds.")
    kept = [offer for offer in shop.offers.values() if offer.by_amazon]
    if "startDateTime" in query:
        since = asked_time(query["startDateTime"])
        kept = [offer for offer in kept if (offer.counted_at or offer.created) >= since]
    token = query.get("nextToken", "0")
    if not token.isdecimal():
        raise invalid("Invalid nextToken.")
    at = int(token)
    told: Told = {"payload": {
        "granularity": {"granularityType": "Marketplace", "granularityId": shop.marketplace},
        "inventorySummaries": [_summary(offer, query.get("details") == "true") for offer in kept[at : at + PAGE]],
    }}  # fmt: skip
    return told | ({"pagination": {"nextToken": str(at + PAGE)}} if kept[at + PAGE :] else {})


def _summary(offer: Offer, details: bool) -> Told:
    told: Told = {
        "asin": offer.asin, "fnSku": f"X00{offer.asin[-7:]}", "sellerSku": offer.sku, "condition": "NewItem",
        "productName": offer.name, "totalQuantity": offer.at_amazon + offer.on_the_way + offer.unpacked,
        "lastUpdatedTime": told_time(offer.counted_at or offer.created),
    }  # fmt: skip
    if details:
        told["inventoryDetails"] = {
            "fulfillableQuantity": offer.at_amazon, "inboundWorkingQuantity": 0,
            "inboundShippedQuantity": offer.on_the_way, "inboundReceivingQuantity": offer.unpacked,
        }  # fmt: skip
    return told
