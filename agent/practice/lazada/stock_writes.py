"""POST /product/stock/sellable/update: up to fifty SKUs of any items; what is wrong with one is told in `detail`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from agent.practice.lazada import wording
from agent.practice.lazada.catalogue import DEFAULT
from agent.practice.lazada.declared import MOST_SKUS, misfits_of_payload
from agent.practice.lazada.shop import Shop
from agent.practice.lazada.stock import Sku
from agent.practice.lazada.wording import Refusal

Told = dict[str, Any]


@dataclass(frozen=True)
class _Wish:
    """What is to be of one SKU. `places`: warehouse -> units; None as its name: the call names none."""

    item: int
    sku: int
    places: dict[str | None, int]


def update(shop: Shop, asked: dict[str, str]) -> Told:
    """All is taken, or a refusal tells what was not. Raises Refusal."""
    if misfits_of_payload(asked["payload"]):
        raise Refusal(*wording.BAD_FORMAT)
    wishes = [_wish(each) for each in ElementTree.fromstring(asked["payload"]).iter("Sku")]  # noqa: S314 - see declared
    if not wishes:
        raise Refusal(*wording.EMPTY)
    if len(wishes) > MOST_SKUS:
        raise Refusal(*wording.TOO_MANY_SKUS)
    if shop.faults.slow_beyond is not None and len(wishes) > shop.faults.slow_beyond:
        raise Refusal(*wording.TIMEOUT)
    judged = [(wish, *_judge(shop, wish)) for wish in wishes]
    wrong = [("" if shop.faults.nameless or sku is None else sku.seller_sku, why) for _, sku, why in judged if why]
    for wish, sku, why in judged:
        if sku is not None and not why and not (wrong and shop.faults.whole_call):
            _set(shop, sku, wish)
    if shop.faults.strikes("times_out", shop.rng):
        raise Refusal(*wording.TIMEOUT)
    if any(why == wording.MEGA[1] for _, why in wrong):
        raise Refusal(*wording.MEGA, wrong)
    if wrong:
        raise Refusal(*wording.FAILED, wrong)
    return {"data": {}}


def _wish(sku: ElementTree.Element) -> _Wish:
    def number(name: str, within: ElementTree.Element = sku) -> int:
        return int(within.findtext(name, "0"))

    several = sku.findall("MultiWarehouseInventories/MultiWarehouseInventory")
    places: dict[str | None, int] = {e.findtext("WarehouseCode"): number("SellableQuantity", e) for e in several}
    return _Wish(number("ItemId"), number("SkuId"), places or {None: number("SellableQuantity")})


def _judge(shop: Shop, wish: _Wish) -> tuple[Sku | None, str]:
    """The SKU, and why it is not set; "" where it is."""
    item = shop.items.get(wish.item)
    sku = next((each for each in item.skus if each.id == wish.sku), None) if item else None
    if sku is None:
        return None, wording.NO_SKU
    return sku, _why_not(shop, sku, wish)


def _why_not(shop: Shop, sku: Sku, wish: _Wish) -> str:
    now = shop.moment()
    named = None not in wish.places
    new = {code or DEFAULT: units for code, units in wish.places.items()}
    rules = (
        (sku.item.status == "Deleted" or sku.id in shop.faults.reject_skus, wording.UNEDITABLE),
        (not sku.shelves, wording.IN_FBL),
        (named and len(shop.warehouses) == 1, wording.SINGLE),
        (any(code not in sku.shelves for code in new), wording.NO_WAREHOUSE),
        (any(units < 0 for units in new.values()), wording.NEGATIVE),
        (sku.blocked, wording.BLOCKED),
    )
    if why := next((words for wrong, words in rules if wrong), ""):
        return why
    after = sku.sellable + sum(units - sku.shelves[code].sellable for code, units in new.items())
    if shop.mega and after < sku.sellable:
        return wording.MEGA[1]
    return wording.LOCKED if after < sku.locked(now) else ""


def _set(shop: Shop, sku: Sku, wish: _Wish) -> None:
    if sku.id in shop.faults.eat_writes:
        return
    for code, units in wish.places.items():
        sku.shelves[code or DEFAULT].sellable = units
