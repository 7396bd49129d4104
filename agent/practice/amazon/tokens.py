"""Login with Amazon: a refresh token against an access token for an hour; and the door before all other calls."""

from __future__ import annotations

from agent.practice.amazon.shop import TOKEN_LIFE, Shop
from agent.practice.amazon.wording import HAS_ENDED, NOT_GOOD, denied, said
from agent.practice.wire import Request, Response

PATH = "/auth/o2/token"
ROLES = {
    "searchListingsItems": "listings", "getListingsItem": "listings", "patchListingsItem": "listings",
    "searchOrders": "orders", "getOrder": "orders", "getInventorySummaries": "listings",
}  # fmt: skip
"""What a call needs beyond a token: the role of the app."""


def exchange(shop: Shop, request: Request) -> Response:
    """POST /auth/o2/token. The refresh token stays the same, and is good until the authorisation ends."""
    form = dict(request.form())
    if (form.get("client_id"), form.get("client_secret")) != (shop.client_id, shop.client_secret):
        return said(401, {"error": "invalid_client", "error_description": "Client authentication failed"})
    if form.get("grant_type") != "refresh_token":
        return said(400, {"error": "unsupported_grant_type", "error_description": "The grant type is not supported"})
    if form.get("refresh_token") != shop.refresh_token:
        why = "The request has an invalid grant parameter : refresh_token"
        return said(400, {"error": "invalid_grant", "error_description": why})
    return said(200, {
        "access_token": shop.new_token(), "token_type": "bearer", "expires_in": int(TOKEN_LIFE.total_seconds()),
        "refresh_token": shop.refresh_token,
    })  # fmt: skip


def admit(shop: Shop, request: Request, operation: str) -> None:
    """Raises Refusal where the caller may not."""
    token = request.headers.get("x-amz-access-token", "")
    if token not in shop.tokens:
        raise denied(NOT_GOOD if token else "")
    if shop.tokens[token] <= shop.moment() or shop.faults.strikes("expired_token", shop.rng):
        raise denied(HAS_ENDED)
    if ROLES.get(operation, "listings") not in shop.roles and operation in ROLES:
        raise denied()
