"""From a request to a response: faults, token, path, body, headers."""

from __future__ import annotations

import hmac
import json
from typing import Any

from agent.practice.faults import html, send
from agent.practice.serve import in_time
from agent.practice.shopify.bulk_calls import download
from agent.practice.shopify.execute import answer as run
from agent.practice.shopify.execute import is_mutation
from agent.practice.shopify.faults import plain
from agent.practice.shopify.shop import TOKEN_LIFE, VERSION, Shop
from agent.practice.wire import Request, Response

GRAPHQL = f"/admin/api/{VERSION}/graphql.json"
GRANT = "/admin/oauth/access_token"
_JSON = {"Content-Type": "application/json; charset=utf-8"}
_UNKNOWN = "[API] Invalid API key or access token (unrecognized login or wrong password)"


def handle(shop: Shop, request: Request) -> Response:
    """The answer, at once; raises ConnectionLost where the answer never comes."""
    stopped = shop.faults.intercept(shop.rng)
    response = stopped or _respond(shop, request)
    send(shop, request, response, shop.moment(), wrote=stopped is None and _writes(request))
    return response


opens = in_time(handle)


def _writes(request: Request) -> bool:
    return request.path == GRAPHQL and is_mutation(_body(request))


def _respond(shop: Shop, request: Request) -> Response:
    if request.method == "POST" and request.path == GRANT:
        return _grant(shop, request)
    if request.method == "GET" and request.path.startswith("/bulk-results/"):
        content = download(shop, request.path)
        return Response(200, content, {"Content-Type": "application/jsonl"}) if content else html(403, "Access denied.")
    if request.method != "POST" or request.path != GRAPHQL:
        return plain(404, "Not Found")
    token = request.headers.get("x-shopify-access-token", "")
    if not shop.knows(token) or shop.faults.strikes("expired_token", shop.rng):
        return plain(401, _UNKNOWN)
    asked = _body(request)
    if not isinstance(asked.get("query"), str):
        body = {"errors": {"query": "Required parameter missing or invalid"}}
        return Response(400, json.dumps(body).encode(), dict(_JSON))
    told = json.dumps(run(shop, request.base, asked), ensure_ascii=False).encode()
    return Response(200, told, {**_JSON, "X-Shopify-API-Version": VERSION})


def _body(request: Request) -> dict[str, Any]:
    try:
        found = request.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _grant(shop: Shop, request: Request) -> Response:
    """The client credentials grant (shopify.dev, access-tokens/client-credentials-grant).

    The refusals of this grant are documented by their names only; Shopify answers OAuth errors with 400.
    """
    kind = request.headers.get("content-type", "")
    asked = _body(request) if kind.startswith("application/json") else dict(request.form())
    if asked.get("grant_type") != "client_credentials":
        return _refused("unsupported_grant_type", "The grant type is not supported.")
    if asked.get("client_id") != shop.client_id:
        return _refused("application_cannot_be_found", "The application cannot be found.")
    if not hmac.compare_digest(str(asked.get("client_secret", "")).encode(), shop.client_secret.encode()):
        return _refused("invalid_client", "The client secret is invalid.")
    told = {
        "access_token": shop.new_token(),
        "scope": ",".join(shop.scopes),
        "expires_in": int(TOKEN_LIFE.total_seconds()),
    }
    return Response(200, json.dumps(told).encode(), dict(_JSON))


def _refused(code: str, sentence: str) -> Response:
    return Response(400, json.dumps({"error": code, "error_description": sentence}).encode(), dict(_JSON))
