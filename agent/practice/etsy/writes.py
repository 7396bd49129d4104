"""The two writes: the whole inventory of a listing, and the state of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.practice.etsy import wording
from agent.practice.etsy.reads import inventory, known, listing_told
from agent.practice.etsy.shop import Shop
from agent.practice.etsy.stock import Listing, Product, Value
from agent.practice.etsy.wording import Refusal

Told = dict[str, Any]
MOST = 999


def set_inventory(shop: Shop, id_: int, body: Mapping[str, Any]) -> Told:
    """PUT: all products are these from now on; those left out are deleted. Raises Refusal."""
    listing = known(shop, id_)
    if id_ in shop.faults.reject_listings:
        raise Refusal(*wording.FROZEN)
    if shop.faults.strikes("conflict", shop.rng):
        raise Refusal(*wording.CONFLICT)
    wanted = [_product(shop, listing, each) for each in body["products"]]
    on = {name: tuple(body.get(f"{name}_on_property", ())) for name in ("quantity", "price", "sku")}
    _fits(listing, wanted, on)
    if id_ in shop.faults.eat_writes:
        return inventory(listing)
    listing.products = wanted
    listing.quantity_on, listing.price_on, listing.sku_on = on["quantity"], on["price"], on["sku"]
    shop.touch(listing)
    return inventory(listing)


def _product(shop: Shop, listing: Listing, asked: Mapping[str, Any]) -> Product:
    """With new ids, of its values too; known by the texts of its values."""
    if len(asked["offerings"]) != 1:
        raise Refusal(*wording.NOT_ON_PROPERTY)
    offering = asked["offerings"][0]
    values = tuple(
        Value(each["property_id"], each.get("property_name", ""), " / ".join(each["values"]), shop.new_id())
        for each in asked.get("property_values", ())
    )
    texts = [(each.property, each.text) for each in values]
    before = [p for p in listing.products if [(each.property, each.text) for each in p.values] == texts]
    mark = before[0].mark if before else shop.new_id()
    return Product(
        mark, shop.new_id(), shop.new_id(), asked.get("sku") or "", values, offering["quantity"],
        round(offering["price"] * 100), offering["is_enabled"], offering["readiness_state_id"],
    )  # fmt: skip


def _fits(listing: Listing, wanted: list[Product], on: Mapping[str, tuple[int, ...]]) -> None:
    if not wanted or (len(wanted) > 1 and not all(each.values for each in wanted)):
        raise Refusal(*wording.NO_VALUES)
    if any(not 0 <= each.quantity <= MOST for each in wanted):
        raise Refusal(*wording.OUT_OF_RANGE)
    if not any(each.quantity for each in wanted):
        raise Refusal(*wording.ALL_ZERO)
    texts = [tuple((value.property, value.text) for value in each.values) for each in wanted]
    if len(set(texts)) < len(texts):
        raise Refusal(*wording.TWICE)
    for name, told in (("quantity", "quantity"), ("price", "cents")):
        groups: dict[tuple[str, ...], set[int]] = {}
        for each in wanted:
            groups.setdefault(each.on(on[name]), set()).add(getattr(each, told))
        if any(len(found) > 1 for found in groups.values()):
            raise Refusal(*wording.NOT_ON_PROPERTY)


def update(shop: Shop, id_: int, form: Mapping[str, str]) -> Told:
    """PATCH: only the state is looked at here. Raises Refusal."""
    listing = known(shop, id_)
    state = form.get("state")
    if state is not None and state != listing.state:
        _may(shop, listing, state)
        if state == "active":
            shop.publish(listing)
        else:
            listing.state = state
            shop.touch(listing)
    told = listing_told(listing, with_inventory=False)
    return {name: each for name, each in told.items() if name != "skus"}


def _may(shop: Shop, listing: Listing, state: str) -> None:
    if listing.units > MOST:
        raise Refusal(*wording.SUM_TOO_LARGE)
    if state == "inactive" and not listing.units:
        raise Refusal(*wording.SUM_EMPTY)
    if listing.id in (shop.faults.cannot_deactivate if state == "inactive" else shop.faults.cannot_activate):
        raise Refusal(*wording.FROZEN)
