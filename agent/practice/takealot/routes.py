"""From a request to a response: faults, limits, which of the two interfaces, headers."""

from __future__ import annotations

from agent.practice.faults import send
from agent.practice.serve import in_time
from agent.practice.takealot import changes, marketplace, seller
from agent.practice.takealot.faults import plain, too_many
from agent.practice.takealot.shop import Shop
from agent.practice.wire import Request, Response

WINDOW = 60


def handle(shop: Shop, request: Request) -> Response:
    """The answer, at once; raises ConnectionLost where the answer never comes."""
    changes.work_off(shop)
    stopped = shop.faults.intercept(shop.rng)
    response = stopped or _limited(shop, request)
    if shop.faults.batch_seconds <= 0:
        changes.work_off(shop)
    send(shop, request, response, shop.clock(), wrote=stopped is None and request.writes)
    return response


opens = in_time(handle)


def _limited(shop: Shop, request: Request) -> Response:
    """The Seller API tells what is left in its window (x-RateLimit-...); how much that is, nobody promises."""
    left = shop.calls_left
    if left is not None:
        shop.calls_left = max(0, left - 1)
    response = too_many(shop.faults.retry_after) if left == 0 else _respond(shop, request)
    if request.path.startswith("/v2/") and left is not None:
        reset = int(shop.clock().timestamp()) + WINDOW
        response.headers |= {
            "x-RateLimit-Limit": "100", "x-RateLimit-Remaining": str(shop.calls_left), "x-RateLimit-Reset": str(reset),
        }  # fmt: skip
    return response


def _respond(shop: Shop, request: Request) -> Response:
    if request.path.startswith("/v1/"):
        return marketplace.respond(shop, request)
    if request.path.startswith("/v2/"):
        return seller.respond(shop, request)
    return plain(404, {"message": "Not Found"})
