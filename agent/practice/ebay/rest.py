"""The REST half: token call, Identity, Analytics, Inventory and Fulfillment API, as the contracts have them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

from agent.practice.ebay.faults import error, plain, told
from agent.practice.ebay.sales import Line, Order
from agent.practice.ebay.shop import ACCESS_LIFE, BASE, Quota, Shop
from agent.practice.ebay.stock import Listing, Offer, Record, Variation
from agent.practice.wire import Request, Response, whole

Json = dict[str, Any]
INVENTORY, FULFILLMENT = "/sell/inventory/v1", "/sell/fulfillment/v1"
_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
_OPEN = "orderfulfillmentstatus:{NOT_STARTED|IN_PROGRESS}"


def respond(shop: Shop, request: Request) -> Response:
    """The answer to a call of this half."""
    if request.path == "/identity/v1/oauth2/token" and request.method == "POST":
        return _token(shop, request)
    call = next((each for each in _CALLS if each[0] == request.method and re.fullmatch(each[1], request.path)), None)
    if call is None:
        return error(404, 2002, "Resource not found", "API_ROUTING")
    _, path, scope, family, work = call
    if refused := _admit(shop, request, scope):
        return refused
    if family and not shop.count(family):
        return error(429, 2001, "Too many requests.", "API_LIMIT")
    found = re.fullmatch(path, request.path)
    assert found is not None
    return work(shop, request, *found.groups())


def _admit(shop: Shop, request: Request, scope: str | None) -> Response | None:
    kind, _, access = request.headers.get("authorization", "").partition(" ")
    grant = shop.grant(access) if kind == "Bearer" else None
    if grant is None or (scope and shop.faults.strikes("expired_token", shop.rng)):
        return error(401, 1001, "Invalid access token", "OAuth")
    if scope is None:
        return None if grant.refresh is None else error(403, 1100, "Access denied", "ACCESS")
    if grant.refresh is None or not grant.scopes & {scope, scope.removesuffix(".readonly")}:
        return error(403, 1100, "Access denied", "ACCESS")
    return None


# --- tokens -----------------------------------------------------------------------------------------------------------


def _token(shop: Shop, request: Request) -> Response:
    try:
        who = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
    except (binascii.Error, UnicodeDecodeError):
        who = ""
    if who != f"{shop.app_id}:{shop.cert_id}":
        return _wrong(401, "invalid_client", "client authentication failed")
    asked = dict(request.form())
    kinds = {"authorization_code": _code, "refresh_token": _refresh, "client_credentials": _app}
    work = kinds.get(asked.get("grant_type", ""))
    return (
        work(shop, asked) if work else _wrong(400, "unsupported_grant_type", "grant type in request is not supported")
    )


def _wrong(status: int, name: str, said: str) -> Response:
    return plain(status, {"error": name, "error_description": said})


def _code(shop: Shop, asked: Mapping[str, str]) -> Response:
    ends, scopes = shop.codes.pop(asked.get("code", ""), (None, frozenset[str]()))
    if ends is None or ends < shop.moment() or asked.get("redirect_uri") != shop.runame:
        said = "the provided authorization grant code is invalid or was issued to another client"
        return _wrong(400, "invalid_grant", said)
    yes = shop.new_yes(scopes)
    left = int((yes.ends - shop.moment()).total_seconds())
    grant = shop.new_grant(yes.refresh, scopes)
    return plain(200, {**_given(grant.access, "User Access Token"), "refresh_token": yes.refresh,
                       "refresh_token_expires_in": left})  # fmt: skip


def _refresh(shop: Shop, asked: Mapping[str, str]) -> Response:
    yes = next((each for each in shop.yeses if each.refresh == asked.get("refresh_token")), None)
    if yes is None or yes.revoked or yes.ends < shop.moment():
        return _wrong(400, "invalid_grant", "the provided authorization refresh token is invalid or was revoked")
    wanted = frozenset(asked.get("scope", "").split()) or yes.scopes
    if not wanted <= yes.scopes:
        return _wrong(400, "invalid_scope", "The requested scope is invalid, unknown, malformed, or exceeds the grant")
    return plain(200, _given(shop.new_grant(yes.refresh, wanted).access, "User Access Token"))


def _app(shop: Shop, asked: Mapping[str, str]) -> Response:
    return plain(200, _given(shop.new_grant(None, frozenset({BASE})).access, "Application Access Token"))


def _given(access: str, kind: str) -> Json:
    return {"access_token": access, "expires_in": int(ACCESS_LIFE.total_seconds()), "token_type": kind}


# --- Identity and Analytics -------------------------------------------------------------------------------------------


def _user(shop: Shop, request: Request) -> Response:
    return plain(200, {
        "userId": shop.user_id, "username": shop.name, "accountType": "BUSINESS",
        "registrationMarketplaceId": shop.marketplace, "status": shop.status,
    })  # fmt: skip


def _limits(shop: Shop, request: Request) -> Response:
    def api(context: str, name: str, resources: Sequence[str], quota: Quota) -> Json:
        left = max(0, quota.limit - (quota.used if quota.day == shop.tomorrow() else 0))
        rate = {"limit": quota.limit, "remaining": left, "reset": _said(shop.tomorrow()), "timeWindow": 86_400}
        return {"apiContext": context, "apiName": name, "apiVersion": "v1",
                "resources": [{"name": each, "rates": [rate]} for each in resources]}  # fmt: skip

    counts = shop.counts
    return plain(200, {"rateLimits": [
        api("TradingAPI", "TradingAPI", ["TradingAPI", "GetItem", "AddItem"], counts.trading),
        api("sell", "Inventory", ["sell.inventory"], counts.inventory),
        api("sell", "Fulfillment", ["sell.fulfillment"], counts.fulfillment),
        {"apiContext": "buy", "apiName": "Browse", "apiVersion": "v1", "resources": [{"name": "buy.browse", "rates": [
            {"limit": 5000, "remaining": 0, "reset": _said(shop.tomorrow()), "timeWindow": 86_400}]}]},
    ]})  # fmt: skip


# --- Inventory --------------------------------------------------------------------------------------------------------


def _records(shop: Shop, request: Request) -> Response:
    """`offset` is the number of a page."""
    query = dict(request.query)
    size, number = whole(query.get("limit", "25")), whole(query.get("offset", "0"))
    if size is None or not 1 <= size <= 200 or number is None:
        return error(400, 25706, "You have provided invalid pagination values.")
    found = list(shop.records.values())
    begin = number * size
    if begin and begin >= len(found):
        return error(404, 25710, "We didn't find the resource/entity you are requesting. Please verify the request")
    body = {
        "href": f"{request.path}?limit={size}&offset={number}", "limit": size, "total": len(found),
        "size": -(-len(found) // size), "inventoryItems": [_record(shop, each) for each in found[begin : begin + size]],
    }  # fmt: skip
    if begin + size < len(found):
        body["next"] = f"{request.path}?limit={size}&offset={number + 1}"
    return plain(200, body)


def _record(shop: Shop, record: Record) -> Json:
    places = [{"merchantLocationKey": at, "quantity": units} for at, units in record.warehouses.items()]
    ship: Json = {"quantity": record.quantity}
    if places:
        ship["availabilityDistributions"] = places
    product = {"title": record.title, "ean": [record.barcode or "Does not apply"]}
    return {"sku": record.sku, "locale": "en_US", "condition": "NEW", "product": product,
            "availability": {"shipToLocationAvailability": ship}}  # fmt: skip


def _offers(shop: Shop, request: Request) -> Response:
    query = dict(request.query)
    sku = query.get("sku")
    if not sku:
        return error(400, 25709, "Invalid value for sku.")
    found = [_offer(shop, each) for each in shop.offers.values() if each.sku == sku]
    if not found:
        return error(404, 25713, "This Offer is not available.")
    return plain(200, {"href": f"{request.path}?sku={quote(sku)}", "limit": 100, "total": len(found), "size": 1,
                       "offers": found})  # fmt: skip


def _offer(shop: Shop, offer: Offer) -> Json:
    told_: Json = {"offerId": offer.id, "sku": offer.sku, "marketplaceId": "EBAY_US", "format": offer.format,
                   "availableQuantity": offer.available, "status": "UNPUBLISHED"}  # fmt: skip
    if offer.listing is not None:
        sold = sum(each.sold for each in shop.listings[offer.listing].variations if each.offer is offer)
        state = "ACTIVE" if offer.available else "OUT_OF_STOCK"
        told_ |= {"status": "PUBLISHED", "listing": {
            "listingId": str(offer.listing), "listingStatus": state, "soldQuantity": sold}}  # fmt: skip
    return told_


def _bulk(shop: Shop, request: Request) -> Response:
    """Each SKU for itself; the whole is refused only for what is wrong with it as a whole."""
    requests = _requests(request)
    if not 1 <= len(requests) <= 25:
        return error(400, 25709, "Invalid value for requests.")
    if shop.faults.one_sku_only and len({each.get("sku") for each in requests}) > 1:
        return error(400, 25709, "Invalid value for sku. Only one SKU can be updated per call.")
    told_ = [entry for each in requests for entry in _update(shop, each)]
    if requests and all(entry["statusCode"] >= 400 for entry in told_) and len(requests) == 1:
        return plain(400, {"responses": told_, "errors": told_[0]["errors"]})
    fine = all(entry["statusCode"] == 200 for entry in told_)
    return plain(200 if fine else 207, {"responses": [each for each in told_ if each.get("sku") not in
                                                      shop.faults.silent]})  # fmt: skip


def _requests(request: Request) -> list[Json]:
    """Those of a body that has the declared form, else none."""
    try:
        found = request.json()
    except ValueError:
        return []
    asked = found.get("requests") if isinstance(found, dict) else None
    return asked if isinstance(asked, list) and all(_formed(each) for each in asked) else []


def _formed(asked: object) -> bool:
    if not isinstance(asked, dict) or not isinstance(asked.get("sku"), str | None):
        return False
    offers = asked.get("offers")
    return offers is None or (isinstance(offers, list) and all(isinstance(each, dict) for each in offers))


def _update(shop: Shop, asked: Json) -> list[Json]:
    """The item's quantity, then those of its offers; an error at one leaves the others as they are."""
    sku, ship = asked.get("sku"), asked.get("shipToLocationAvailability")
    record = shop.records.get(sku or "")
    units = ship.get("quantity") if isinstance(ship, dict) else None
    if ship is not None and (refused := _not_so_many(record, units)):
        return [{"sku": sku, "statusCode": 400, "errors": [refused], "warnings": []}]
    entries = [_update_offer(shop, sku, each) for each in asked.get("offers") or []]
    if record is not None and isinstance(units, int) and all(entry["statusCode"] == 200 for entry in entries):
        if not _eaten(shop, record.sku):
            record.quantity = units
        entries = entries or [{"sku": sku, "statusCode": 200, "errors": [], "warnings": []}]
    return entries or [{"sku": sku, "statusCode": 400, "errors": [told(25709, "Invalid value for offers.")]}]


def _not_so_many(record: Record | None, units: object) -> Json | None:
    if record is None:
        return told(25702, "SKU is not available in the system")
    if isinstance(units, bool) or not isinstance(units, int) or units < 0:
        return told(25709, "Invalid value for quantity.")
    if units < record.auction:
        return told(25759, "shipToLocationAvailability quantity value should be greater than or equal to auction "
                    "allocation. Please provide valid quantity or unpublish auction offers of the sku.")  # fmt: skip
    return None


def _update_offer(shop: Shop, sku: str | None, asked: Json) -> Json:
    offer, units = shop.offers.get(str(asked.get("offerId"))), asked.get("availableQuantity")
    entry: Json = {"sku": sku, "offerId": str(asked.get("offerId")), "statusCode": 200, "errors": [], "warnings": []}

    def no(number: int, message: str) -> Json:
        return {**entry, "statusCode": 400, "errors": [told(number, message)]}

    if offer is None or (sku is not None and offer.sku != sku):
        return no(25713, "This Offer is not available.")
    if offer.listing is None:
        return no(25002, "A user error has occurred. The listing of this offer has ended.")
    listing = shop.listings[offer.listing]
    if isinstance(units, bool) or not isinstance(units, int) or units < 0:
        return no(25709, "Invalid value for availableQuantity.")
    if listing.id in shop.faults.reject or listing.kind != "FixedPriceItem":
        return no(25002, "A user error has occurred. This listing cannot be revised.")
    if shop.revised_too_often(listing):
        return no(25002, "A user error has occurred. You have revised this listing too many times today.")
    if listing.id not in shop.faults.eat_writes:
        variation = next(each for each in listing.variations if each.offer is offer)
        listing.revisions.append(shop.moment())
        offer.available = units
        _ends(shop, listing, variation)
    return entry


def _ends(shop: Shop, listing: Listing, variation: Variation) -> None:
    if not shop.out_of_stock_control and not any(each.available for each in listing.shown):
        shop.end(listing)


def _eaten(shop: Shop, sku: str) -> bool:
    return bool(shop.faults.eat_writes) and any(
        each.sku == sku and each.listing in shop.faults.eat_writes for each in shop.offers.values()
    )


# --- Fulfillment ------------------------------------------------------------------------------------------------------


def _orders(shop: Shop, request: Request) -> Response:
    """By ids, or by filters in the order that they ask for; `offset` counts orders."""
    query = dict(request.query)
    orders = {order.id: order for order in shop.readable()}
    if "orderIds" in query:
        ids = query["orderIds"].split(",")
        if len(ids) > 50:
            return error(400, 30900, "Exceeded maximum number of order IDs", "API_FULFILLMENT")
        found = [orders[id_] for id_ in ids if id_ in orders]
        return plain(200, {"href": request.path, "total": len(found), "limit": len(ids), "offset": 0,
                           "orders": [_order(order) for order in found]})  # fmt: skip
    size, begin = whole(query.get("limit", "50")), whole(query.get("offset", "0"))
    if size is None or not 1 <= size <= 200:
        return error(400, 31100, f"Invalid limit: {query['limit']}", "API_FULFILLMENT")
    if begin is None:
        return error(400, 30820, f"Invalid offset: {query['offset']}", "API_FULFILLMENT")
    filtered = _filtered(shop, list(orders.values()), query.get("filter", ""))
    if isinstance(filtered, Response):
        return filtered
    body: Json = {"href": request.path, "total": len(filtered), "limit": size, "offset": begin,
                  "orders": [_order(order) for order in filtered[begin : begin + size]]}  # fmt: skip
    if begin + size < len(filtered):
        body["next"] = f"{request.path}?limit={size}&offset={begin + size}"
    return plain(200, body)


def _filtered(shop: Shop, orders: Sequence[Order], said: str) -> list[Order] | Response:
    """By one of the two times, and the open ones; without any time, those made within 90 days."""
    wanted, spans, now = said, {}, shop.moment()
    for name in ("creationdate", "lastmodifieddate"):
        if found := re.search(rf"{name}:\[({_MOMENT})\.\.({_MOMENT})?\]", wanted):
            spans[name] = (datetime.fromisoformat(found[1]), datetime.fromisoformat(found[2]) if found[2] else now)
            wanted = wanted.replace(found[0], "")
    only_open = _OPEN in wanted
    if wanted.replace(_OPEN, "").strip(", "):
        return error(400, 30700, f"Invalid filter name: {wanted}", "API_FULFILLMENT")
    if any(begin > now or end > now for begin, end in spans.values()):
        return error(400, 30850, "Start and end dates can't be in the future", "API_FULFILLMENT")
    if any((now - begin).days > 730 for begin, _ in spans.values()):
        said = "Time range between start date and end date must be within '2' years."
        return error(400, 30830, said, "API_FULFILLMENT")
    by_change = list(spans) == ["lastmodifieddate"]
    begin, end = next(iter(spans.values()), (now - timedelta(days=90), now))
    at = {order.id: order.modified if by_change else order.created for order in orders}
    kept = [order for order in orders if not only_open or order.status != "FULFILLED"]
    return sorted((order for order in kept if begin <= at[order.id] <= end), key=lambda order: at[order.id])


def _order(order: Order) -> Json:
    found: Json = {
        "orderId": order.id, "creationDate": _said(order.created),
        "lastModifiedDate": _said(order.modified), "orderFulfillmentStatus": order.status,
        "orderPaymentStatus": order.payment, "sellerId": "practice-seller",
        "buyer": {"username": "somebody"},
        "cancelStatus": {"cancelState": order.cancel, "cancelRequests": []},
        "fulfillmentHrefs": [
            f"https://api.ebay.com{FULFILLMENT}/order/{order.id}/shipping_fulfillment/{parcel.id}"
            for parcel in order.parcels
        ],
        "lineItems": [_line(order, line) for line in order.lines],
    }  # fmt: skip
    if order.cancelled:
        found["cancelStatus"]["cancelledDate"] = _said(order.cancelled)
    if order.by_ebay:
        found["program"] = {"fulfillmentProgram": {"fulfilledBy": "EBAY"}}
    return found


def _line(order: Order, line: Line) -> Json:
    found: Json = {
        "lineItemId": line.id, "legacyItemId": str(line.listing), "title": line.title, "quantity": line.quantity,
        "soldFormat": "FIXED_PRICE", "lineItemFulfillmentStatus": order.state(line), "refunds": [], "taxes": [],
        "lineItemCost": {"value": "10.00", "currency": "USD"},
    }  # fmt: skip
    if line.sku is not None:
        found["sku"] = line.sku
    if line.varied:
        found["legacyVariationId"] = str(700_000_000_000 + int(line.id) % 1_000)
        found["variationAspects"] = [{"name": name, "value": value} for name, value in line.specifics.items()]
    return found


def _parcels(shop: Shop, request: Request, id_: str) -> Response:
    order = next((each for each in shop.readable() if each.id == unquote(id_)), None)
    if order is None:
        return error(400, 32100, f"Invalid order ID: {id_}", "API_FULFILLMENT")
    found = [
        {"fulfillmentId": parcel.id, "shippedDate": _said(parcel.at), "shippingCarrierCode": "USPS",
         "lineItems": [{"lineItemId": line, "quantity": units} for line, units in parcel.units.items()]}
        for parcel in order.parcels
    ]  # fmt: skip
    return plain(200, {"fulfillments": found, "total": len(found), "warnings": []})


def _said(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


_Work = Callable[..., Response]
_CALLS: tuple[tuple[str, str, str | None, str | None, _Work], ...] = (
    ("GET", "/commerce/identity/v1/user/", f"{BASE}/commerce.identity.readonly", None, _user),
    ("GET", "/developer/analytics/v1_beta/rate_limit/", None, None, _limits),
    ("GET", f"{INVENTORY}/inventory_item", f"{BASE}/sell.inventory", "inventory", _records),
    ("GET", f"{INVENTORY}/offer", f"{BASE}/sell.inventory", "inventory", _offers),
    ("POST", f"{INVENTORY}/bulk_update_price_quantity", f"{BASE}/sell.inventory", "inventory", _bulk),
    ("GET", f"{FULFILLMENT}/order", f"{BASE}/sell.fulfillment.readonly", "fulfillment", _orders),
    ("GET", f"{FULFILLMENT}/order/([^/]+)/shipping_fulfillment", f"{BASE}/sell.fulfillment.readonly", "fulfillment",
     _parcels),
)  # fmt: skip
"""Method, path, the scope that is needed (None: the app's own token), whose count, and who answers."""
