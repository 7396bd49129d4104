"""From a request to a response: faults, the door, what is declared, the call, the envelope."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from agent.practice.faults import send
from agent.practice.lazada import reads, tokens, wording
from agent.practice.lazada.declared import SET, endpoints, misfits_of_request
from agent.practice.lazada.shop import Shop
from agent.practice.lazada.stock_writes import update
from agent.practice.lazada.wording import Refusal
from agent.practice.serve import in_time
from agent.practice.wire import Request, Response

ROOT = "/rest"
CALLS: dict[str, Callable[[Shop, dict[str, str]], dict[str, Any]]] = {
    "/auth/token/create": tokens.exchange_code,
    "/auth/token/refresh": tokens.refresh,
    "/seller/get": reads.seller,
    "/seller/warehouse/get": reads.warehouses,
    "/products/get": reads.products,
    "/product/item/get": reads.item,
    "/orders/get": reads.orders,
    "/orders/items/get": reads.order_items,
    SET: update,
}


def path_of(request: Request) -> str:
    """As it is signed and documented: without /rest."""
    return request.path.removeprefix(ROOT)


def params_of(request: Request) -> list[tuple[str, str]]:
    """All parameters, those of the query and those of the form."""
    form = request.form() if request.method == "POST" else []
    return [*request.query, *form]


def handle(shop: Shop, request: Request) -> Response:
    """The answer, at once; raises ConnectionLost where the answer never comes."""
    shop.expire()
    stopped = shop.faults.intercept(shop.rng)
    response = stopped or _respond(shop, request)
    send(shop, request, response, shop.server_now(), wrote=stopped is None and path_of(request) == SET)
    if stopped is None and shop.faults.strikes("cut_off", shop.rng):
        response = Response(response.status, response.body[: len(response.body) // 2], response.headers)
    return response


opens = in_time(handle)


def _respond(shop: Shop, request: Request) -> Response:
    """An error has status 200, too."""
    path, params = path_of(request), params_of(request)
    if not request.path.startswith(ROOT) or path not in endpoints():
        return Response(404, b"Not Found", {"Content-Type": "text/plain"})
    try:
        tokens.admit(shop, path, params)
        if misfits_of_request(path, request.method, params):
            raise Refusal(*_misfit(path))
        told: dict[str, Any] = {"code": "0", **CALLS[path](shop, dict(params))}
    except Refusal as refusal:
        told = {"code": refusal.code, "type": "ISP", "message": refusal.message}
        if refusal.detail:
            told["detail"] = [
                {"seller_sku": name, "field": "sellable_quantity", "message": why} for name, why in refusal.detail
            ]
    told["request_id"] = f"{shop.rng.getrandbits(64):016x}"
    return Response(200, json.dumps(told, ensure_ascii=False).encode(), {"Content-Type": "application/json"})


def _misfit(path: str) -> tuple[str, str]:
    """What a call gives for a parameter that is not as it must be."""
    return ("16", "Invalid Order ID") if path.startswith("/order") else wording.BAD_FORMAT
