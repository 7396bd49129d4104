"""The token calls and the door before all others: key, time, signature, token, permission (in that order)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from agent.practice.base import Pair
from agent.practice.lazada import wording
from agent.practice.lazada.declared import SYSTEM
from agent.practice.lazada.shop import Shop
from agent.practice.lazada.wording import Refusal
from agent.practice.wire import whole

SKEW = timedelta(seconds=7200)
Params = Sequence[tuple[str, str]]


def signed(shop: Shop, path: str, params: Params) -> str:
    """The signature that belongs to a call: its path without /rest, and every parameter but the signature, by name."""
    base = path + "".join(f"{name}{value}" for name, value in sorted(params) if name != "sign")
    return hmac.new(shop.app_secret.encode(), base.encode(), hashlib.sha256).hexdigest().upper()


def admit(shop: Shop, path: str, params: Params) -> None:
    """Raises Refusal where the caller is not who it must be."""
    given = dict(params)
    for name in sorted(SYSTEM):
        if name not in given:
            raise Refusal(*wording.missing(name))
    if given["app_key"] != shop.app_key or given["sign_method"] != "sha256":
        raise Refusal(*wording.WRONG_SIGN)
    _in_time(shop, given["timestamp"])
    if not hmac.compare_digest(signed(shop, path, params).encode(), given["sign"].encode()):
        raise Refusal(*wording.WRONG_SIGN)
    if not path.startswith("/auth/"):
        _token(shop, given.get("access_token", ""))
    if path in shop.faults.missing:
        raise Refusal(*wording.NOT_ALLOWED)


def _in_time(shop: Shop, said: str) -> None:
    milliseconds = whole(said)
    if milliseconds is None or abs(shop.server_now().timestamp() - milliseconds / 1000) >= SKEW.total_seconds():
        raise Refusal(*wording.LATE)


def _token(shop: Shop, token: str) -> None:
    if not shop.knows(token) or not shop.linked or shop.faults.strikes("expired_token", shop.rng):
        raise Refusal(*wording.BAD_TOKEN)


def exchange_code(shop: Shop, asked: dict[str, str]) -> dict[str, Any]:
    """/auth/token/create: a code, good once and for half an hour, against the first pair."""
    ends = shop.codes.pop(asked["code"], None)
    if ends is None or ends < shop.moment():
        raise Refusal(*wording.BAD_CODE)
    return {**_told(shop, shop.new_pair()), "country_user_info": [_user(shop)]}


def refresh(shop: Shop, asked: dict[str, str]) -> dict[str, Any]:
    """/auth/token/refresh: a refresh token against the next pair."""
    pair = shop.pair_with(asked["refresh_token"])
    if pair is None or not shop.linked or pair.used or pair.refresh_ends < shop.moment():
        raise Refusal(*wording.BAD_REFRESH)
    pair.used = True
    return {**_told(shop, shop.new_pair()), "country_user_info_list": [_user(shop)]}


def _user(shop: Shop) -> dict[str, str]:
    return {"country": shop.country, "user_id": "10101", "seller_id": str(shop.seller_id), "short_code": "SG10132"}


def _told(shop: Shop, pair: Pair) -> dict[str, Any]:
    """One of the numbers as text, as in the documents."""
    now = shop.moment()
    return {
        "access_token": pair.access, "refresh_token": pair.refresh, "country": shop.token_country,
        "expires_in": int((pair.access_ends - now).total_seconds()),
        "refresh_expires_in": str(int((pair.refresh_ends - now).total_seconds())),
        "account": "anna@example.com", "account_platform": "seller_center", "account_id": None,
    }  # fmt: skip
