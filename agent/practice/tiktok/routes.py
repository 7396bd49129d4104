"""From a request to a response: faults, what is declared, the door, the operation, the envelope."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from agent.practice.faults import send
from agent.practice.serve import in_time
from agent.practice.tiktok import order_reads, reads, tokens, wording
from agent.practice.tiktok.declared import COMMON, TOKENS, misfits_of_request, operation_of
from agent.practice.tiktok.shop import Shop
from agent.practice.tiktok.stock_writes import update
from agent.practice.tiktok.wording import Refusal, misfit
from agent.practice.wire import Request, Response

Told = dict[str, Any]
ASKED: dict[str, Callable[[Shop, Told], Told]] = {
    "getAuthorizedShops": reads.shops,
    "getWarehouseList": reads.warehouses,
    "searchProducts": reads.search_products,
    "inventorySearch": reads.inventory,
    "getOrderList": order_reads.search_orders,
    "getOrderDetail": order_reads.orders_by_id,
    "searchReturns": order_reads.search_returns,
    "getToken": tokens.exchange,
    "refreshToken": tokens.exchange,
}


def sets(request: Request) -> bool:
    """Whether it sets quantities."""
    return request.path.endswith("/inventory/update")


def handle(shop: Shop, request: Request) -> Response:
    """The answer, at once; raises ConnectionLost where the answer never comes."""
    stopped = shop.faults.intercept(shop.rng)
    response = stopped or _respond(shop, request)
    send(shop, request, response, shop.server_now(), wrote=stopped is None and sets(request))
    if stopped is None and shop.faults.strikes("cut_off", shop.rng):
        response = Response(response.status, response.body[: len(response.body) // 2], response.headers)
    return response


opens = in_time(handle)


def _respond(shop: Shop, request: Request) -> Response:
    try:
        told: Told = {"code": 0, "message": "Success", "data": _told(shop, request)}
        status = 200
    except Refusal as refusal:
        told = {"code": refusal.code, "message": refusal.message, "data": {}}
        status = shop.item_status if refusal.status is None else shop.gateway_status or refusal.status
    body = json.dumps({**told, "request_id": f"{shop.rng.getrandbits(64):016X}"}, ensure_ascii=False).encode()
    return Response(status, body, {"Content-Type": "application/json"})


def _told(shop: Shop, request: Request) -> Told:
    called = operation_of(request.method, request.path)
    if called is None:
        raise Refusal(*wording.NO_SUCH_PATH)
    operation, inside = called
    if operation not in TOKENS:
        tokens.admit(shop, operation, request)
    if misfits := misfits_of_request(request.method, request.path, request.query, request.body):
        raise misfit("; ".join(misfits))
    query = {name: value for name, value in request.query if operation in TOKENS or name not in COMMON}
    asked = {**query, **(request.json() if request.body else {})}
    if operation == "updateInventory":
        return update(shop, inside["product_id"], asked)
    if operation == "getProduct":
        return reads.get_product(shop, inside["product_id"])
    return ASKED[operation](shop, asked)
