"""Sellers and Listings Items: who the account is, offers searched and read, and patches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from agent.practice.amazon.offers import Offer
from agent.practice.amazon.shop import COUNTRIES, Shop
from agent.practice.amazon.wording import absent, invalid
from agent.practice.wire import Request

Told = dict[str, Any]
Path = Mapping[str, str]
FARTHEST = 1000
"""A search cannot be paged further."""
AVAILABILITY = "/attributes/fulfillment_availability"


def told_time(moment: datetime) -> str:
    """As Amazon tells times."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def asked_time(value: str) -> datetime:
    try:
        said = datetime.fromisoformat(value)
    except ValueError:
        raise invalid(f"Invalid date-time: {value}") from None
    return said if said.tzinfo else said.replace(tzinfo=UTC)


def participations(shop: Shop, request: Request, path: Path) -> Told:
    """GET /sellers/v1/marketplaceParticipations."""
    taking = {"isParticipating": shop.participating, "hasSuspendedListings": shop.switched_off}
    return {"payload": [
        {"marketplace": _market(country), "storeName": shop.name, "participation": taking}
        for country in (shop.country, *shop.also)
    ]}  # fmt: skip


def _market(country: str) -> Told:
    id_, name, domain, currency, language, _ = COUNTRIES[country]
    return {
        "id": id_, "name": name, "countryCode": country,
        "defaultCurrencyCode": currency, "defaultLanguageCode": language, "domainName": domain,
    }  # fmt: skip


def search(shop: Shop, request: Request, path: Path) -> Told:
    """GET /listings/2021-08-01/items/{sellerId}."""
    query = dict(request.query)
    _whose(shop, query, path)
    found = _wanted(shop, query)
    size, at = int(query.get("pageSize", "10")), int(query.get("pageToken", "0").strip("p"))
    data = query.get("includedData", "summaries").split(",")
    told: Told = {
        "numberOfResults": len(found),
        "items": [item(shop, offer, data) for offer in found[at : min(at + size, FARTHEST)]],
    }
    if at + size < min(len(found), FARTHEST):
        told["pagination"] = {"nextToken": f"{'p' * 600}{at + size}"}
    return told


def _whose(shop: Shop, query: Mapping[str, str], path: Path) -> None:
    if path["sellerId"] != shop.seller_id or query["marketplaceIds"] != shop.marketplace:
        raise invalid("Invalid 'sellerId' and 'marketplaceId' combination provided.")


def _wanted(shop: Shop, query: Mapping[str, str]) -> list[Offer]:
    found = list(shop.offers.values())
    if ("identifiers" in query) != ("identifiersType" in query):
        raise invalid("'identifiers' and 'identifiersType' belong together.")
    if "identifiers" in query:
        names = query["identifiers"].split(",")
        if query["identifiersType"] == "SKU":
            return [shop.offers[sku] for sku in dict.fromkeys(names) if sku in shop.offers]
        found = [offer for offer in found if offer.asin in names]
    if "createdAfter" in query:
        found = [offer for offer in found if offer.created >= asked_time(query["createdAfter"])]
    if "lastUpdatedAfter" in query:
        found = [offer for offer in found if offer.updated >= asked_time(query["lastUpdatedAfter"])]
    order = {"sku": lambda o: o.sku, "createdDate": lambda o: o.created}.get(
        query.get("sortBy", ""), lambda o: o.updated
    )
    return sorted(found, key=order, reverse=query.get("sortOrder", "DESC") == "DESC")


def get(shop: Shop, request: Request, path: Path) -> Told:
    """GET /listings/2021-08-01/items/{sellerId}/{sku}."""
    query = dict(request.query)
    _whose(shop, query, path)
    offer = shop.offers.get(path["sku"])
    if offer is None:
        raise absent(f"SKU '{path['sku']}'")
    return item(shop, offer, query.get("includedData", "summaries").split(","))


def item(shop: Shop, offer: Offer, data: Sequence[str]) -> Told:
    """An offer, with the parts that were asked for."""
    parts: dict[str, Callable[[], Any]] = {
        "summaries": lambda: [_summary(shop, offer)],
        "attributes": lambda: _attributes(shop, offer),
        "issues": lambda: [],
        "offers": lambda: [
            {"marketplaceId": shop.marketplace, "offerType": "B2C",
             "price": {"currencyCode": shop.currency, "amount": offer.price}}
        ],
        "fulfillmentAvailability": lambda: [
            {"fulfillmentChannelCode": code, **({} if units is None else {"quantity": units})}
            for code, units in offer.channels.items()
        ],
        "relationships": lambda: [{"marketplaceId": shop.marketplace, "relationships": _family(offer)}],
        "productTypes": lambda: [{"marketplaceId": shop.marketplace, "productType": offer.product_type}],
        "procurement": lambda: [],
    }  # fmt: skip
    return {"sku": offer.sku, **{name: parts[name]() for name in data}}


def _summary(shop: Shop, offer: Offer) -> Told:
    status = (["BUYABLE"] if offer.buyable else []) + ([] if offer.suppressed else ["DISCOVERABLE"])
    return {
        "marketplaceId": shop.marketplace, "asin": offer.asin, "productType": offer.product_type,
        "conditionType": "new_new", "status": status, "itemName": offer.name,
        "createdDate": told_time(offer.created), "lastUpdatedDate": told_time(offer.updated),
    }  # fmt: skip


def _attributes(shop: Shop, offer: Offer) -> Told:
    told: Told = {"item_name": [{"value": offer.name, "marketplace_id": shop.marketplace}]}
    if offer.barcode:
        told["externally_assigned_product_identifier"] = [
            {"type": "ean", "value": offer.barcode, "marketplace_id": shop.marketplace}
        ]
    return told


def _family(offer: Offer) -> list[Told]:
    if not (offer.children or offer.parent):
        return []
    theme = {"attributes": ["size"], "theme": "SIZE"}
    members = {"childSkus": offer.children} if offer.children else {"parentSkus": [offer.parent]}
    return [{"type": "VARIATION", "variationTheme": theme, **members}]


# --- patches ----------------------------------------------------------------------------------------------------------


def patch(shop: Shop, request: Request, path: Path) -> Told:
    """PATCH /listings/2021-08-01/items/{sellerId}/{sku}: accepted is not applied."""
    query, body = dict(request.query), request.json()
    _whose(shop, query, path)
    issues = problems(shop, path["sku"], body["patches"])
    only_looking = "mode" in query
    if not issues and not only_looking:
        take(shop, path["sku"], body["patches"], shop.faults.apply_after)
    status = "INVALID" if issues else "VALID" if only_looking else "ACCEPTED"
    return {"sku": path["sku"], "status": status, "submissionId": shop.new_id(), "issues": issues}


def problems(shop: Shop, sku: str, patches: Sequence[Told]) -> list[Told]:
    """Issues that keep a patch from being accepted. A SKU that does not exist is none (the vendor says so)."""
    if sku in shop.faults.reject_skus:
        return [issue("8541", "The SKU data provided conflicts with the Amazon catalog.", "item_name")]
    for each in patches:
        if each["path"] != AVAILABILITY:
            return [issue("90000900", "The attributes are invalid.", each["path"].rpartition("/")[2])]
        for entry in each.get("value", []):
            if not isinstance(entry.get("fulfillment_channel_code"), str):
                what = "The field 'fulfillment_channel_code' for the attribute 'fulfillment_availability' does not have"
                return [
                    issue(
                        "99022",
                        f"{what} enough values. The required minimum is '1' value(s).",
                        "fulfillment_availability",
                    )
                ]
            units = entry.get("quantity")
            if isinstance(units, bool) or not isinstance(units, int) or units < 0:
                return [issue("90000900", "The attributes are invalid.", "fulfillment_availability")]
    return []


def issue(code: str, message: str, attribute: str) -> Told:
    return {"code": code, "message": message, "severity": "ERROR", "attributeNames": [attribute],
            "categories": ["INVALID_ATTRIBUTE"]}  # fmt: skip


def take(shop: Shop, sku: str, patches: Sequence[Told], seconds: float) -> None:
    """It takes effect later; patches of one SKU may overtake each other."""
    if sku in shop.faults.eat_writes:
        return
    for each in patches:
        shop.submit(seconds, lambda each=each: shop.put_availability(sku, each["op"], each.get("value", [])))  # type: ignore[misc]
