"""What a change of leadtime stock does, alone or in a batch that is worked off later, and how the offer looks after it.

A wrong value is an error of its offer, with a code of the vendor's list (E1 to E33); the others are applied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.practice.takealot.catalogue import Catalogue
from agent.practice.takealot.offers import REGIONS, Offer
from agent.practice.wire import whole

MESSAGES = {
    "E9": "Offer does not belong to merchant",
    "E15": "My SoH must be a whole number greater than or equal to 0",
    "E16": "My SoH update not permitted. Leadtime is disabled for this account",
    "E17": "Failed to update My SoH. Offer has been disabled by Takealot",
    "E18": 'Failed to update My SoH. Leadtime days is set to "None"',
    "E29": "Merchant is not active on the platform",
    "E30": "Cannot update stock to less than zero",
}
STATUS = {"buyable": "Buyable", "not_buyable": "Not Buyable", "disabled_by_seller": "Disabled by Seller",
          "disabled_by_takealot": "Disabled by Takealot"}  # fmt: skip
_SHOWN = ("selling_price", "rrp", "leadtime_days", "leadtime_stock", "stock_at_takealot", "status", "sku", "offer_id")
Json = dict[str, Any]


def work_off(shop: Catalogue) -> None:
    """Batches whose time has come, in the order in which they came."""
    for batch in shop.batches.values():
        if batch.results is None and not batch.failed and batch.due <= shop.clock():
            batch.failed = shop.faults.strikes("batch_fails", shop.rng)
            batch.results = None if batch.failed else [_worked_off(shop, item) for item in batch.items]


def _worked_off(shop: Catalogue, item: Mapping[str, Any]) -> Json:
    """By offer_id before barcode before SKU."""
    keys = [f"{prefix}{item[name]}" for name, prefix in (("offer_id", "ID"), ("barcode", "BARCODE"), ("sku", "SKU"))
            if item.get(name) is not None]  # fmt: skip
    offer = identified(shop, keys[0]) if keys else None
    if offer is None:
        named = {name: item[name] for name in ("offer_id", "sku") if name in item}
        return {"offer": named, "validation_errors": errors_of(["E9"])}
    codes = change(shop, offer, item)
    now = rendered(shop, offer)
    return {"offer": {name: now[name] for name in _SHOWN if name in now}, "validation_errors": errors_of(codes)}


def identified(shop: Catalogue, identifier: str) -> Offer | None:
    """`ID123`, `SKU...`, `BARCODE...`; without any, the offer's number."""
    for name, prefix in (("sku", "SKU"), ("barcode", "BARCODE")):
        if identifier.startswith(prefix):
            wanted = identifier.removeprefix(prefix)
            return next((each for each in shop.offers.values() if getattr(each, name) == wanted), None)
    number = identifier.removeprefix("ID")
    return shop.offers.get(whole(number) or 0)


def change(shop: Catalogue, offer: Offer, body: Mapping[str, Any]) -> list[str]:
    """Apply what can be applied; the codes of what cannot. Warehouses that are not named keep what they have; fields
    that are not known are passed over without a word."""
    wanted = body.get("leadtime_stock")
    if not isinstance(wanted, list):
        return []
    for wrong, code in (
        (not shop.active, "E29"),
        (offer.disabled_by_takealot or offer.id in shop.faults.reject_offers, "E17"),
        (not shop.leadtime_enabled, "E16"),
        (offer.leadtime_days is None, "E18"),
    ):
        if wrong:
            return [code]
    codes = []
    for each in wanted:
        said = each if isinstance(each, dict) else {}
        place, quantity = _number(said.get("merchant_warehouse_id")), _number(said.get("quantity"))
        if place not in shop.warehouses or quantity is None:
            codes.append("E15")
        elif quantity < 0:
            codes.append("E30")
        elif offer.id not in shop.faults.eat_writes:
            offer.stock[place] = quantity
            shop.touch(offer.id)
    return codes


def _number(said: object) -> int | None:
    return said if isinstance(said, int) and not isinstance(said, bool) else None


def errors_of(codes: Sequence[str]) -> list[Json]:
    return [{"code": code, "message": MESSAGES[code]} for code in codes]


def rendered(shop: Catalogue, offer: Offer) -> Json:
    """An offer as the Seller API shows it; what is not set is left out."""

    def theirs(units: Mapping[str, int]) -> list[Json]:
        return [{"warehouse": {"warehouse_id": REGIONS[dc], "name": dc.upper()}, "quantity_available": n}
                for dc, n in units.items()]  # fmt: skip

    stock = offer.stock.items() if offer.leadtime_days is not None else ()
    found = {
        "tsin_id": offer.tsin, "offer_id": offer.id, "sku": offer.sku, "barcode": offer.barcode, "title": offer.title,
        "selling_price": offer.price, "leadtime_days": offer.leadtime_days, "status": STATUS[offer.status],
        "leadtime_stock": [
            {"merchant_warehouse": {"warehouse_id": at, "name": shop.warehouses[at]}, "quantity_available": units}
            for at, units in stock
        ],
        "offer_url": f"https://www.takealot.com/x/PLID{offer.productline}",
        "stock_at_takealot": theirs(offer.at_takealot), "stock_on_way": theirs(offer.on_the_way),
        "stock_at_takealot_total": sum(offer.at_takealot.values()),
        "total_stock_on_way": sum(offer.on_the_way.values()),
    }  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}
