"""POST /product/update_stock: one item, up to fifty of its models, each taken or refused by itself."""

from __future__ import annotations

from typing import Any

from agent.practice.shopee import wording
from agent.practice.shopee.shop import Shop
from agent.practice.shopee.stock import DELETED, Item, Model
from agent.practice.shopee.wording import Refusal

Told = dict[str, Any]


def update_stock(shop: Shop, asked: Told) -> Told:
    """What became of each model. Raises Refusal where the whole call is refused."""
    item = _item(shop, asked["item_id"])
    wanted = asked["stock_list"]
    ids = [each.get("model_id", 0) for each in wanted]
    if len(set(ids)) < len(ids):
        raise Refusal(*wording.TWICE)
    if item.has_model and 0 in ids:
        raise Refusal(*wording.HAS_MODELS)
    good: list[Told] = []
    bad: list[tuple[int, Refusal]] = []
    for each in wanted:
        try:
            good += _set(shop, item, each)
        except Refusal as refusal:
            if shop.faults.whole_call or len(wanted) == 1:
                raise
            bad.append((each.get("model_id", 0), refusal))
    told: Told = {
        "success_list": [each for each in good if each["model_id"] not in shop.faults.silent_models],
        "failure_list": [{"model_id": id_, "failed_reason": refusal.message} for id_, refusal in bad],
    }
    error, message = ("", "") if good else wording.PARTLY
    return {"error": error, "message": message, "warning": "", "response": told}


def _item(shop: Shop, id_: int) -> Item:
    item = shop.items.get(id_)
    if item is None:
        raise Refusal(*wording.NO_ITEM)
    if item.status in DELETED or id_ in shop.faults.reject_items:
        raise Refusal(*wording.FROZEN_ITEM)
    if shop.holiday:
        raise Refusal(*wording.HOLIDAY)
    if shop.fulfillment == "Pure - FBS Shop":
        raise Refusal(*wording.WAREHOUSE_SHOP)
    return item


def _set(shop: Shop, item: Item, asked: Told) -> list[Told]:
    model = next((each for each in item.models if each.id == asked.get("model_id", 0)), None)
    if model is None:
        raise Refusal(*wording.NO_MODEL)
    if model.by_shopee:
        raise Refusal(*wording.FULL_FBS)
    new = {each.get("location_id", ""): each["stock"] for each in asked["seller_stock"]}
    _places(model, new)
    if any(units < 0 for units in new.values()):
        raise Refusal(*wording.detail("stock must not be less than 0"))
    if sum({**model.stock, **new}.values()) + model.at_shopee < model.reserved(shop.moment()):
        raise Refusal(*wording.LOCKED)
    if item.id not in shop.faults.eat_writes:
        model.stock |= new
        shop.touch(item)
    return [{"model_id": model.id, "location_id": place, "stock": units} for place, units in new.items()]


def _places(model: Model, new: dict[str, int]) -> None:
    """With a location where the stock has one, and without where it has none."""
    if "" in model.stock and set(new) != {""}:
        raise Refusal(*wording.OTHER_STRUCTURE)
    if "" not in model.stock and "" in new:
        raise Refusal(*wording.NO_LOCATION)
    if not set(new) <= set(model.stock):
        raise Refusal(*wording.WRONG_LOCATION)
