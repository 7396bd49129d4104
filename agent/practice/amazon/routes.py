"""From a request to a response: faults, the door, limits, what is declared, the call."""

from __future__ import annotations

from collections.abc import Callable

from agent.practice.amazon import file_calls, inbound_calls, listing_calls, order_calls, tokens
from agent.practice.amazon.declared import contract, misfits_of_request, operation_of
from agent.practice.amazon.listing_calls import Path, Told
from agent.practice.amazon.shop import Shop
from agent.practice.amazon.wording import Refusal, invalid, refusal, said
from agent.practice.faults import send
from agent.practice.serve import in_time
from agent.practice.wire import ConnectionLost, Request, Response

CALLS: dict[str, Callable[[Shop, Request, Path], Told]] = {
    "getMarketplaceParticipations": listing_calls.participations,
    "searchListingsItems": listing_calls.search,
    "getListingsItem": listing_calls.get,
    "patchListingsItem": listing_calls.patch,
    "searchOrders": order_calls.search,
    "getOrder": order_calls.get,
    "getInventorySummaries": inbound_calls.summaries,
    "createReport": file_calls.create_report,
    "getReport": file_calls.get_report,
    "getReportDocument": file_calls.document,
    "createFeedDocument": file_calls.create_feed_document,
    "createFeed": file_calls.create_feed,
    "getFeed": file_calls.get_feed,
    "getFeedDocument": file_calls.document,
}
WRITES = frozenset({"patchListingsItem", "createFeed"})


def handle(shop: Shop, request: Request) -> Response:
    """The answer, at once; raises ConnectionLost where the answer never comes."""
    file_calls.work_off(shop)
    if request.path.startswith("/files/"):
        response = file_calls.files(shop, request)
        send(shop, request, response, shop.clock(), wrote=False)
        return response
    stopped = shop.faults.intercept(shop.rng)
    if stopped is None and _writes(request) and shop.faults.strikes("write_lost_before_apply", shop.rng):
        raise ConnectionLost
    response = stopped or _respond(shop, request)
    send(shop, request, response, shop.clock(), wrote=stopped is None and _writes(request))
    if stopped is None and shop.faults.strikes("cut_off", shop.rng):
        response = Response(response.status, response.body[: len(response.body) // 2], response.headers)
    return response


opens = in_time(handle)


def _writes(request: Request) -> bool:
    found = operation_of(request)
    return found is not None and found[0] in WRITES


def _respond(shop: Shop, request: Request) -> Response:
    if (request.method, request.path) == ("POST", tokens.PATH):
        return tokens.exchange(shop, request)
    found = operation_of(request)
    if found is None:
        return refusal(403, "MissingAuthenticationToken", "Missing Authentication Token")
    operation, path = found
    rate = {"x-amzn-RateLimit-Limit": f"{shop.limits[operation][0]:g}", "x-amzn-RequestId": shop.new_id()}
    try:
        tokens.admit(shop, request, operation)
        if not shop.within_limit(operation):
            return refusal(429, "QuotaExceeded", "You exceeded your quota for the requested resource.", **rate)
        if misfits := misfits_of_request(operation, request, strict=False):
            raise invalid("; ".join(misfits))
        told = CALLS[operation](shop, request, path)
    except Refusal as refused:
        return refused.response
    status = next(int(each) for each in contract()["calls"][operation]["answers"] if each.startswith("2"))
    return said(status, told, **rate)
