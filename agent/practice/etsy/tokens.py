"""The page of the yes, the token call, and the door before all others: key, token, scope (in that order)."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import urlencode

from agent.practice.base import Pair
from agent.practice.etsy import wording
from agent.practice.etsy.shop import ACCESS_LIFE, SCOPES, Shop
from agent.practice.etsy.wording import Refusal
from agent.practice.wire import Request, Response

CONNECT = "/oauth/connect"


def say_yes(shop: Shop, request: Request) -> Response:
    """GET /oauth/connect: whoever opens this page says yes, and is sent back with a code."""
    asked = dict(request.query)
    good = asked.get("response_type") == "code" and asked.get("client_id") == shop.keystring
    if not good or asked.get("redirect_uri") != shop.callback or asked.get("code_challenge_method") != "S256":
        return Response(400, b"The requested redirect URL is not permitted.", {"Content-Type": "text/plain"})
    code = shop.authorise(asked.get("code_challenge", ""), tuple(asked.get("scope", "").split()))
    back = f"{shop.callback}?{urlencode({'code': code, 'state': asked.get('state', '')})}"
    return Response(302, b"", {"Location": back})


def exchange(shop: Shop, request: Request) -> dict[str, Any]:
    """POST /v3/public/oauth/token: a form; some clients send JSON. Raises Refusal."""
    as_json = request.headers.get("content-type", "").startswith("application/json")
    try:
        asked = dict(request.json() if as_json else request.form())
    except (TypeError, ValueError):
        asked = {}
    if asked.get("client_id") != shop.keystring:
        raise Refusal(*wording.WRONG_CLIENT)
    if asked.get("grant_type") == "authorization_code":
        return _told(shop.new_pair(_scopes(shop, asked)))
    if asked.get("grant_type") != "refresh_token":
        raise Refusal(400, "unsupported_grant_type")
    pair = shop.pair_with(asked.get("refresh_token"))
    if pair is None or pair.used:
        raise Refusal(*wording.BAD_REFRESH)
    if pair.refresh_ends < shop.moment():
        raise Refusal(*wording.OLD_REFRESH)
    pair.used = True
    return _told(shop.new_pair(pair.scopes))


def _scopes(shop: Shop, asked: dict[str, str]) -> tuple[str, ...]:
    """Of a code, good once and for ten minutes, with the verifier of its challenge."""
    code = shop.codes.pop(asked.get("code", ""), None)
    if code is None or code.ends < shop.moment() or asked.get("redirect_uri") != code.back:
        raise Refusal(*wording.BAD_CODE)
    digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
    if not hmac.compare_digest(urlsafe_b64encode(digest).rstrip(b"="), code.challenge.encode()):
        raise Refusal(*wording.BAD_VERIFIER)
    return code.scopes


def _told(pair: Pair) -> dict[str, Any]:
    life = int(ACCESS_LIFE.total_seconds())
    return {"access_token": pair.access, "token_type": "Bearer", "expires_in": life, "refresh_token": pair.refresh}


def admit(shop: Shop, request: Request, scopes: list[str]) -> None:
    """Raises Refusal where the caller is not who it must be."""
    key, _, secret = request.headers.get("x-api-key", "").partition(":")
    if not secret:
        raise Refusal(*wording.NO_SECRET)
    if (key, secret) != (shop.keystring, shop.shared_secret):
        raise Refusal(*wording.WRONG_KEY)
    pair = shop.pair_of(request.headers.get("authorization", "").removeprefix("Bearer "))
    if pair is None:
        raise Refusal(*wording.REVOKED)
    if pair.access_ends <= shop.moment() or shop.faults.strikes("expired_token", shop.rng):
        raise Refusal(*wording.EXPIRED)
    if not set(scopes) <= set(pair.scopes):
        raise Refusal(*wording.NO_SCOPE)


def scopes_of(shop: Shop, request: Request) -> dict[str, Any]:
    """POST /scopes: what a token allows. How Etsy writes that down is not declared."""
    pair = shop.pair_of(dict(request.form()).get("token", ""))
    return {"scopes": [scope for scope in SCOPES if pair is not None and scope in pair.scopes]}
