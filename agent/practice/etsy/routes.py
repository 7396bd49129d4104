"""From a request to a response: faults, limits, the door, what is declared, the call, the headers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from agent.practice.etsy import reads, tokens, wording, writes
from agent.practice.etsy.declared import EXCHANGE, misfits_of_request, operation
from agent.practice.etsy.faults import refused
from agent.practice.etsy.shop import Shop
from agent.practice.etsy.wording import Refusal
from agent.practice.faults import send
from agent.practice.serve import in_time
from agent.practice.wire import Request, Response

Told = dict[str, Any]
V3 = "/v3/application"
WRITES = ("PUT", "PATCH")


CALLS: dict[tuple[str, str], Callable[[Shop, Request, int], Told]] = {
    ("GET", "/users/me"): lambda shop, request, _: reads.me(shop),
    ("POST", "/scopes"): lambda shop, request, _: tokens.scopes_of(shop, request),
    ("GET", "/shops/{shop_id}"): lambda shop, request, _: reads.about(shop),
    ("GET", "/shops/{shop_id}/listings"): lambda shop, request, _: reads.listings(shop, dict(request.query)),
    ("GET", "/listings/batch/inventory"): lambda shop, request, _: reads.batch(shop, dict(request.query)),
    ("GET", "/listings/{listing_id}"): lambda shop, request, id_: reads.listing(shop, id_),
    ("PUT", "/listings/{listing_id}/inventory"): lambda shop, request, id_: writes.set_inventory(
        shop, id_, request.json()
    ),
    ("PATCH", "/shops/{shop_id}/listings/{listing_id}"): lambda shop, request, id_: writes.update(
        shop, id_, dict(request.form())
    ),
    ("GET", "/shops/{shop_id}/receipts"): lambda shop, request, _: reads.receipts(shop, dict(request.query)),
    ("GET", "/shops/{shop_id}/receipts/{receipt_id}"): lambda shop, request, id_: reads.receipt(shop, id_),
}
"""Method and path, as the contract writes it -> what is done; the number is the listing's or the receipt's."""


def handle(shop: Shop, request: Request) -> Response:
    """The answer, at once; raises ConnectionLost where the answer never comes."""
    stopped = shop.faults.stops(request, shop.rng)
    response = stopped or _respond(shop, request)
    send(shop, request, response, shop.moment(), wrote=stopped is None and request.method in WRITES)
    return response


opens = in_time(handle)


def _respond(shop: Shop, request: Request) -> Response:
    if request.path == tokens.CONNECT:
        return tokens.say_yes(shop, request)
    try:
        left = _counted(shop)
        told = tokens.exchange(shop, request) if request.path == EXCHANGE else _told(shop, request)
    except Refusal as refusal:
        return refused(refusal.status, refusal.error, refusal.description, 1 if refusal.status == 429 else None)
    limits = {
        "x-limit-per-second": shop.per_second, "x-remaining-this-second": left[0],
        "x-limit-per-day": shop.per_day, "x-remaining-today": left[1],
    }  # fmt: skip
    headers = {"Content-Type": "application/json", **{name: str(number) for name, number in limits.items()}}
    return Response(200, json.dumps(told, ensure_ascii=False).encode(), headers)


def _counted(shop: Shop) -> tuple[int, int]:
    second, day = shop.count_call()
    if second < 0:
        raise Refusal(*wording.PER_SECOND)
    if day < 0:
        raise Refusal(*wording.PER_DAY)
    return second, day


def _told(shop: Shop, request: Request) -> Told:
    """Raises Refusal."""
    path, declared = operation(request)
    if declared is None:
        raise Refusal(*wording.NO_PATH)
    tokens.admit(shop, request, declared["scopes"])
    if misfits := misfits_of_request(request):
        raise Refusal(400, "; ".join(misfits))
    named = path.removeprefix(V3).split("/")
    given = dict(zip(named, request.path.removeprefix(V3).split("/"), strict=True))
    if given.get("{shop_id}", str(shop.shop_id)) != str(shop.shop_id):
        raise Refusal(*wording.NOT_FOUND)
    number = int(given.get("{listing_id}") or given.get("{receipt_id}") or 0)
    return CALLS[request.method, "/".join(named)](shop, request, number)
