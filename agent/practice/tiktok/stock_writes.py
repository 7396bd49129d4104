"""Update Inventory: one product, up to 100 of its SKUs, each with all its warehouses."""

from __future__ import annotations

from typing import Any

from agent.practice.tiktok import wording
from agent.practice.tiktok.shop import Shop
from agent.practice.tiktok.stock import EDITABLE, TIKTOKS, Sku
from agent.practice.tiktok.wording import PerSku, Refusal

Told = dict[str, Any]
MOST, LARGEST = 100, 99_999


def update(shop: Shop, product_id: str, asked: Told) -> Told:
    """What was refused; raises Refusal where the whole call is."""
    product = shop.products.get(product_id)
    if product is None or product.status == "DELETED":
        raise Refusal(*wording.NO_PRODUCT)
    if product.status not in EDITABLE or product_id in shop.faults.reject_products:
        raise Refusal(*wording.NOT_EDITABLE)
    if len(asked["skus"]) > MOST:
        raise Refusal(*wording.TOO_MANY)
    errors = []
    for each in asked["skus"]:
        try:
            _set(shop, next((sku for sku in product.skus if sku.id == each["id"]), None), each["inventory"])
        except PerSku as refused:
            if shop.faults.whole_call:
                raise Refusal(refused.code, refused.message) from None
            errors.append(_error(shop, each["id"], refused))
    return {"errors": errors} if errors else {}


def _error(shop: Shop, sku: str, refused: PerSku) -> Told:
    detail: Told = {"sku_id": sku, "extra_errors": refused.extra}
    if shop.faults.nameless:
        del detail["sku_id"]
    return {"code": refused.code, "message": refused.message, "detail": detail}


def _set(shop: Shop, sku: Sku | None, inventory: list[Told]) -> None:
    if sku is None:
        raise PerSku(*wording.NO_SKU)
    own = [place for place in sku.stock if place != TIKTOKS]
    new = {each.get("warehouse_id", own[0] if len(own) == 1 else ""): each["quantity"] for each in inventory}
    _places(shop, sku, own, new)
    least = 1 if shop.faults.no_zero else 0
    for place, units in new.items():
        if not least <= units <= LARGEST:
            raise PerSku(*wording.COULD_NOT, [_extra(place, *wording.COUNT)])
    if sum(new.values()) < sku.allocated(shop.moment()):
        raise PerSku(*wording.ALLOCATED)
    if sku.id not in shop.faults.eat_writes:
        sku.stock |= new


def _places(shop: Shop, sku: Sku, own: list[str], new: dict[str, int]) -> None:
    """Every warehouse of the seller's that the SKU has, and no other."""
    if sku.parts:
        raise PerSku(*wording.COULD_NOT)
    if TIKTOKS in new or not own:
        raise PerSku(*wording.THEIRS)
    if not set(new) <= {each.id for each in shop.warehouses}:
        raise PerSku(*wording.COULD_NOT, [_extra(place, *wording.NO_WAREHOUSE) for place in new if place not in own])
    if set(new) != set(own):
        raise PerSku(*wording.COULD_NOT, [_extra(place, *wording.SEVERAL) for place in {*own} ^ {*new}])


def _extra(place: str, code: int, message: str) -> Told:
    return {"warehouse_id": place, "code": code, "message": message}
