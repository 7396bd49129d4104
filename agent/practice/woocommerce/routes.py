"""From a request to a response: faults, key, route, parameters, `_fields`, headers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from agent.practice.faults import send
from agent.practice.serve import in_time
from agent.practice.wire import Request, Response
from agent.practice.woocommerce import auth, order_calls, site_calls, site_pages
from agent.practice.woocommerce import product_changes as changes
from agent.practice.woocommerce import product_reads as reads
from agent.practice.woocommerce.call import BATCH, CREATE, DELETE, EDIT, LIST, VIEW, Call, Endpoint, Reply
from agent.practice.woocommerce.errors import RestError, unsupported
from agent.practice.woocommerce.query import parse, trimmed
from agent.practice.woocommerce.shop import Shop

_COLLECTION = "GET, POST"
_ITEM = "GET, POST, PUT, PATCH, DELETE"
_MANY = "POST, PUT, PATCH"


@dataclass(frozen=True, slots=True)
class Route:
    """A path under /wp-json, the methods WooCommerce has there, and those the practice shop serves."""

    pattern: re.Pattern[str]
    allow: str
    methods: dict[str, Endpoint]
    since: tuple[int, ...] = ()


def _route(path: str, allow: str, methods: dict[str, Endpoint], since: tuple[int, ...] = ()) -> Route:
    return Route(re.compile(re.sub(r"<(\w+)>", r"(?P<\1>[0-9]+)", path)), allow, methods, since)


def _changing(run: Callable[[Call], Reply], denied: tuple[str, str]) -> dict[str, Endpoint]:
    return dict.fromkeys(("POST", "PUT", "PATCH"), Endpoint(run, denied))


_VARIATIONS = "/wc/v3/products/<product_id>/variations"

ROUTES = (
    _route("/", "GET", {"GET": Endpoint(site_calls.index, None)}),
    _route("/wc/v3/system_status", "GET", {"GET": Endpoint(site_calls.system_status, LIST)}),
    _route("/wc/v3/settings/[a-z_]+", "GET", {"GET": Endpoint(site_calls.list_settings, LIST)}),
    _route("/wc/v3/settings/[a-z_]+/[a-z_]+", "GET, POST, PUT, PATCH", {"GET": Endpoint(site_calls.get_setting, VIEW)}),
    _route(
        "/wc/v3/products",
        _COLLECTION,
        {"GET": Endpoint(reads.list_products, LIST, reads.PRODUCTS), "POST": Endpoint(changes.create_product, CREATE)},
    ),
    _route(
        "/wc/v3/products/<id>",
        _ITEM,
        {
            "GET": Endpoint(reads.get_product, VIEW, reads.ITEM),
            **_changing(changes.update_product, EDIT),
            "DELETE": Endpoint(changes.delete_product, DELETE, order_calls.FORCE),
        },
    ),
    _route("/wc/v3/products/batch", _MANY, _changing(changes.batch_products, BATCH)),
    _route(_VARIATIONS, _COLLECTION, {"GET": Endpoint(reads.list_variations, LIST, reads.LISTING)}),
    _route(
        f"{_VARIATIONS}/<id>",
        _ITEM,
        {"GET": Endpoint(reads.get_variation, VIEW, reads.ITEM), **_changing(changes.update_variation, EDIT)},
    ),
    _route(f"{_VARIATIONS}/batch", _MANY, _changing(changes.batch_variations, BATCH)),
    _route("/wc/v3/variations", "GET", {"GET": Endpoint(reads.list_all_variations, LIST, reads.LISTING)}, (10, 3)),
    _route(
        "/wc/v3/orders",
        _COLLECTION,
        {
            "GET": Endpoint(order_calls.list_orders, LIST, order_calls.ORDERS),
            "POST": Endpoint(order_calls.create_order, CREATE),
        },
    ),
    _route(
        "/wc/v3/orders/<id>",
        _ITEM,
        {
            "GET": Endpoint(order_calls.get_order, VIEW, reads.ITEM),
            **_changing(order_calls.update_order, EDIT),
            "DELETE": Endpoint(order_calls.delete_order, DELETE, order_calls.FORCE),
        },
    ),
    _route(
        "/wc/v3/orders/<order_id>/refunds",
        _COLLECTION,
        {
            "GET": Endpoint(order_calls.list_refunds, LIST, order_calls.REFUNDS),
            "POST": Endpoint(order_calls.create_refund, CREATE),
        },
    ),
    _route("/wc/v3/refunds", "GET", {"GET": Endpoint(order_calls.list_all_refunds, LIST, order_calls.REFUNDS)}, (9,)),
)


def handle(shop: Shop, request: Request) -> Response:
    """The answer, at once; raises ConnectionLost where the answer never comes."""
    request = _by_rest_route(request)
    response = shop.faults.intercept(shop.rng) or _cached(shop, request) or _respond(shop, request)
    send(shop, request, response, shop.clock(), wrote=request.writes)
    return response


opens = in_time(handle)


def _by_rest_route(request: Request) -> Request:
    """`/?rest_route=/wc/v3/products` reaches the same, where pretty links are off."""
    route = dict(request.query).get("rest_route")
    if route is None:
        return request
    rest = tuple(pair for pair in request.query if pair[0] != "rest_route")
    return replace(request, path=f"/wp-json{route}", query=rest)


def _cached(shop: Shop, request: Request) -> Response | None:
    """What a caching plug-in repeats; a parameter it has not seen passes it by."""
    if request.writes or not shop.faults.stale_reads:
        return None
    name = f"{request.path}?{request.query}"
    kept = shop.cached.get(name)
    if kept is None or shop.clock() - kept[0] >= timedelta(seconds=shop.faults.stale_reads):
        kept = shop.cached[name] = (shop.clock(), _respond(shop, request))
    age = int((shop.clock() - kept[0]).total_seconds())
    found = {"X-Cache": "HIT" if age else "MISS", "Age": str(age)}
    return Response(kept[1].status, kept[1].body, kept[1].headers | found)


def _respond(shop: Shop, request: Request) -> Response:
    return site_pages.page(shop, request) or _called(shop, request)


def _called(shop: Shop, request: Request) -> Response:
    headers = {
        "Content-Type": "application/json; charset=UTF-8",
        "Link": f'<{request.base}/wp-json/>; rel="https://api.w.org/"',
    }
    try:
        reply = _run(shop, request, headers)
    except RestError as problem:
        reply = Reply(problem.body, problem.status)
        if problem.status in {401, 500}:
            headers.pop("Allow", None)
    body = json.dumps(reply.body, separators=(",", ":")).encode()
    return Response(reply.status, body, headers | reply.headers)


def _run(shop: Shop, request: Request, headers: dict[str, str]) -> Reply:
    """Key, route, parameters, permission: in WordPress's order."""
    path = request.path.removeprefix("/wp-json").rstrip("/") or "/"
    key = auth.caller(shop, request) if path.startswith("/wc/") else None
    if key is not None:
        headers["Cache-Control"] = "no-cache, must-revalidate, max-age=0, no-store, private"
        auth.permitted(key, request)
    route, ids = _find(shop, path)
    headers["Allow"] = route.allow
    endpoint = _endpoint(route, request.method)
    values = parse(endpoint.spec, request)
    if endpoint.denied is not None and key is None:
        raise RestError(401, *endpoint.denied)
    reply = endpoint.run(Call(shop, request, ids, values))
    reply.body = trimmed(reply.body, request)
    return reply


def _find(shop: Shop, path: str) -> tuple[Route, dict[str, int]]:
    for route in ROUTES:
        found = route.pattern.fullmatch(path)
        if found is not None and shop.version >= route.since:
            return route, {name: int(value) for name, value in found.groupdict().items()}
    raise RestError(404, "rest_no_route", "No route was found matching the URL and request method.")


def _endpoint(route: Route, method: str) -> Endpoint:
    method = "GET" if method == "HEAD" else method
    if method in route.methods:
        return route.methods[method]
    if method in route.allow:
        raise unsupported(f"{method} there")
    raise RestError(404, "rest_no_route", "No route was found matching the URL and request method.")
