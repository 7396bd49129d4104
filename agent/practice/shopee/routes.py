"""From a request to a response: faults, the door, what is declared, the endpoint, the envelope."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from agent.practice.faults import send
from agent.practice.serve import in_time
from agent.practice.shopee import reads, tokens, wording
from agent.practice.shopee.declared import endpoints, misfits_of_request
from agent.practice.shopee.shop import Shop
from agent.practice.shopee.stock_writes import update_stock
from agent.practice.shopee.wording import Refusal, gateway
from agent.practice.wire import Request, Response

Told = dict[str, Any]
SET = "/api/v2/product/update_stock"

ASKED: dict[str, Callable[[Shop, reads.Query], Told]] = {
    "/api/v2/shop/get_shop_info": reads.shop_info,
    "/api/v2/shop/get_shop_holiday_mode": reads.holiday,
    "/api/v2/shop/get_warehouse_detail": reads.warehouses,
    "/api/v2/product/get_item_list": reads.item_list,
    "/api/v2/product/get_item_base_info": reads.base_info,
    "/api/v2/product/get_model_list": reads.model_list,
    "/api/v2/product/get_item_promotion": reads.promotions,
    "/api/v2/order/get_order_list": reads.order_list,
    "/api/v2/order/get_order_detail": reads.order_detail,
}
SENT: dict[str, Callable[[Shop, Told], Told]] = {
    "/api/v2/auth/token/get": tokens.exchange_code,
    "/api/v2/auth/access_token/get": tokens.refresh,
    SET: update_stock,
}


def handle(shop: Shop, request: Request) -> Response:
    """The answer, at once; raises ConnectionLost where the answer never comes."""
    stopped = shop.faults.intercept(shop.rng)
    response = stopped or _respond(shop, request)
    send(shop, request, response, shop.server_now(), wrote=stopped is None and request.path == SET)
    if stopped is None and shop.faults.strikes("cut_off", shop.rng):
        response = Response(response.status, response.body[: len(response.body) // 2], response.headers)
    return response


opens = in_time(handle)


def _respond(shop: Shop, request: Request) -> Response:
    try:
        _not_too_often(shop)
        tokens.admit(shop, request)
        told, status = _told(shop, request), 200
    except Refusal as refusal:
        told = {"error": refusal.error, "message": refusal.message}
        status = shop.gateway_status if refusal.gateway else shop.item_status
    whole = {"error": "", "message": "", "request_id": f"{shop.rng.getrandbits(64):016x}", **told}
    body = json.dumps(whole, ensure_ascii=False).encode()
    return Response(status, body, {"Content-Type": "application/json"})


def _not_too_often(shop: Shop) -> None:
    now = shop.clock()
    while shop.calls and now - shop.calls[0] >= timedelta(seconds=1):
        shop.calls.popleft()
    if shop.calls_per_second is not None and len(shop.calls) >= shop.calls_per_second:
        raise gateway(*wording.OFTEN)
    shop.calls.append(now)


def _told(shop: Shop, request: Request) -> Told:
    misfits = misfits_of_request(request.path, request.method, request.query, request.body)
    if misfits:
        raise Refusal(*wording.detail("; ".join(misfits)))
    if endpoints()[request.path]["method"] == "POST":
        return SENT[request.path](shop, request.json())
    return ASKED[request.path](shop, request.query)
