"""The token calls, and the door before all others: key, time, signature, token, cipher, scope (in that order)."""

from __future__ import annotations

import hashlib
import hmac
from operator import itemgetter
from typing import Any

from agent.practice.base import Pair
from agent.practice.tiktok import wording
from agent.practice.tiktok.declared import endpoints
from agent.practice.tiktok.sales import epoch
from agent.practice.tiktok.shop import Shop
from agent.practice.tiktok.wording import Refusal
from agent.practice.wire import Request

EARLIEST, LATEST = -300, 30
"""Seconds by which a call's time may differ from the platform's."""


def signed(shop: Shop, request: Request) -> str:
    """The signature that belongs to a call: secret, path, sorted parameters, the body as it came, secret."""
    sent = (pair for pair in request.query if pair[0] not in ("sign", "access_token"))
    pairs = sorted(sent, key=itemgetter(0))  # a name that comes again keeps the order of its values
    base = request.path.encode() + "".join(name + value for name, value in pairs).encode()
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        base += request.body
    secret = shop.app_secret.encode()
    return hmac.new(secret, secret + base + secret, hashlib.sha256).hexdigest()


def admit(shop: Shop, operation: str, request: Request) -> None:
    """Raises Refusal where the caller is not who it must be."""
    query = dict(request.query)
    if shop.faults.address_unknown:
        raise Refusal(*wording.ADDRESS)
    _in_time(shop, query.get("timestamp", ""))
    fits = hmac.compare_digest(signed(shop, request).encode(), query.get("sign", "").encode())
    if query.get("app_key") != shop.app_key or not fits:
        raise Refusal(*wording.WRONG_SIGN)
    _token(shop, request.headers.get("x-tts-access-token", ""))
    if not shop.active:
        raise Refusal(*wording.SHOP_OFF)
    if endpoints()[operation]["cipher"] and query.get("shop_cipher") != shop.own.cipher:
        raise Refusal(*wording.NO_CIPHER)
    if operation in shop.missing:
        raise Refusal(*wording.NO_SCOPE)


def _in_time(shop: Shop, said: str) -> None:
    if not (said.isascii() and said.isdigit()):
        raise Refusal(*wording.LATE)
    if not EARLIEST <= int(said) - shop.server_now().timestamp() <= LATEST:
        raise Refusal(*wording.LATE)


def _token(shop: Shop, access: str) -> None:
    pair = shop.pair_of(access)
    if not shop.linked or pair is None:
        raise Refusal(*wording.BAD_TOKEN)
    if pair.access_ends <= shop.server_now() or shop.faults.strikes("expired_token", shop.rng):
        raise Refusal(*wording.OLD_TOKEN)


def exchange(shop: Shop, asked: dict[str, str]) -> dict[str, Any]:
    """A code, good once, against the first pair; or a refresh token, good once, against the next."""
    if asked["app_key"] != shop.app_key or asked["app_secret"] != shop.app_secret:
        raise Refusal(101000, "Invalid app key or app secret.")
    if asked["grant_type"] == "authorized_code" and "auth_code" in asked:
        if shop.codes.pop(asked["auth_code"], shop.moment()) <= shop.moment():
            raise Refusal(*wording.BAD_CODE)
    else:
        _use_up(shop, asked.get("refresh_token", ""))
    return _told(shop, shop.new_pair())


def _use_up(shop: Shop, refresh: str) -> None:
    pair = shop.pair_with(refresh)
    if not shop.linked or pair is None or pair.used:
        raise Refusal(*wording.BAD_REFRESH)
    if pair.refresh_ends <= shop.server_now():
        raise Refusal(*wording.OLD_REFRESH)
    pair.used = True


def _told(shop: Shop, pair: Pair) -> dict[str, Any]:
    return {
        "access_token": pair.access, "access_token_expire_in": epoch(pair.access_ends),
        "refresh_token": pair.refresh, "refresh_token_expire_in": epoch(pair.refresh_ends),
        "open_id": "practice", "seller_name": shop.name, "seller_base_region": shop.own.region, "user_type": 0,
        "granted_scopes": ["seller.product.basic"],
    }  # fmt: skip
