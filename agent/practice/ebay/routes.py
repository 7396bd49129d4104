"""From a request to a response: faults, then which half of the interface."""

from __future__ import annotations

from agent.practice.ebay import rest, trading
from agent.practice.ebay.shop import Shop
from agent.practice.faults import send
from agent.practice.serve import in_time
from agent.practice.wire import ConnectionLost, Request, Response

TRADING = "/ws/api.dll"
BULK = "/sell/inventory/v1/bulk_update_price_quantity"


def sets(request: Request) -> bool:
    """Whether it sets quantities."""
    call = request.headers.get("x-ebay-api-call-name")
    return request.path == BULK or (request.path == TRADING and call == "ReviseInventoryStatus")


def handle(shop: Shop, request: Request) -> Response:
    """The answer, at once; raises ConnectionLost where the answer never comes."""
    if sets(request) and shop.faults.strikes("write_lost_before_apply", shop.rng):
        raise ConnectionLost
    stopped = shop.faults.intercept(shop.rng)
    response = stopped or (trading if request.path == TRADING else rest).respond(shop, request)
    send(shop, request, response, shop.clock(), wrote=stopped is None and sets(request))
    return response


opens = in_time(handle)
